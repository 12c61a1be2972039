import type { Size } from '../measure.ts'

/** The first day that is not over yet: data is the same on every day on which it is made. A Monday. */
export const ANCHOR = '2026-11-16'
/** Practice days after it that have visits. */
export const FUTURE_DAYS = 40
export const VISITS_PER_DAY = 40
export const STAFF_PER_CLINIC = 4
export const ROOMS_PER_CLINIC = 5
export const PRODUCTS = 200
export const SERVICES = 12
export const TIME_ZONE = 'America/Mexico_City'

export type Scale = {
  readonly patients: number
  readonly appointments: number
  /** Of the organisation that is measured. */
  readonly clinics: number
  /** Of another one, which no answer may show. */
  readonly otherClinics: number
  /** Claims are made for visits up to so many days before the anchor, and for all after it. */
  readonly claimDays: number
}

export const SCALES: Readonly<Record<Size, Scale>> = {
  S: { patients: 10_000, appointments: 100_000, clinics: 2, otherClinics: 1, claimDays: 100_000 },
  M: { patients: 100_000, appointments: 1_000_000, clinics: 10, otherClinics: 1, claimDays: 100_000 },
  L: { patients: 1_000_000, appointments: 10_000_000, clinics: 50, otherClinics: 5, claimDays: 60 },
}

export type Shape = {
  /** Clinics of both organisations, those that are measured first. */
  readonly places: number
  /** Practice days with visits, past and future. */
  readonly days: number
  readonly pastDays: number
  readonly patientsPerClinic: number
  /** The first tenth of a clinic's patients, who have half of its visits: about fifty each. */
  readonly regularsPerClinic: number
  readonly clientsPerClinic: number
}

/** What follows from a scale. */
export function shapeOf({ patients, appointments, clinics, otherClinics }: Scale): Shape {
  const places = clinics + otherClinics
  const days = Math.ceil(appointments / (places * VISITS_PER_DAY))
  const patientsPerClinic = Math.floor(patients / places)
  return {
    places,
    days,
    pastDays: days - FUTURE_DAYS,
    patientsPerClinic,
    regularsPerClinic: Math.floor(patientsPerClinic / 10),
    clientsPerClinic: Math.floor((patientsPerClinic * 7) / 10),
  }
}

/** Kinds of rows in ids that follow from a number: what is measured needs no look-up to find them. */
export const KINDS = {
  client: 1,
  patient: 2,
  appointment: 3,
  staffClaim: 4,
  roomClaim: 5,
  note: 6,
  invoice: 7,
  line: 8,
  payment: 9,
  movement: 10,
  staff: 11,
  room: 12,
  type: 13,
  service: 14,
  product: 15,
  family: 16,
  lot: 17,
} as const
export type Kind = keyof typeof KINDS

/** The same as bench.id() in the database: in the shape of a UUIDv7, in the order of the numbers. */
export function idOf(kind: Kind, number: number): string {
  return `01${KINDS[kind].toString(16).padStart(2, '0')}0000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

/** The `index`-th practice day (Monday to Saturday) counted from the anchor; negative ones are before it. */
export function practiceDay(index: number): string {
  const week = Math.floor(index / 6)
  return new Date(Date.parse(`${ANCHOR}T00:00:00Z`) + (week * 7 + (index - week * 6)) * 86_400_000).toISOString().slice(0, 10)
}
