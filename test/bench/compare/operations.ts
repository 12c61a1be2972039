import { idOf, PRODUCTS, practiceDay, ROOMS_PER_CLINIC, SCALES, SERVICES, STAFF_PER_CLINIC, shapeOf } from '../data/sizes.ts'
import type { Size } from '../measure.ts'

export const READS = ['day', 'patient', 'search', 'summary'] as const
export const WRITES = ['book', 'status', 'stock'] as const
export const OPERATION_NAMES = [...READS, ...WRITES] as const
export type OperationName = (typeof OPERATION_NAMES)[number]
export const isOperationName = (name: string): name is OperationName => OPERATION_NAMES.some((known) => known === name)
export const isWrite = (name: OperationName) => WRITES.some((known) => known === name)

export const TITLES: Readonly<Record<OperationName, string>> = {
  day: 'day schedule',
  patient: 'patient record',
  search: 'patient search',
  summary: 'daily summary',
  book: 'booking',
  status: 'status change',
  stock: 'stock receipt',
}

/** What all contenders are asked, in nobody's own words. */
export type Input = {
  readonly organisation: string
  readonly clinic: string
  readonly id?: string
  readonly date?: string
  readonly compare?: string
  readonly query?: string
  readonly first?: number
  readonly patient?: string
  readonly type?: string
  readonly staff?: string
  readonly room?: string
  readonly startsAt?: string
  readonly reason?: string
  readonly version?: number
  readonly status?: 'scheduled' | 'confirmed'
  readonly product?: string
  readonly quantity?: string
}

/** A future visit and where it stands; every step of it is another version. */
export type Visit = { readonly id: string; readonly clinic: string; version: number; status: 'scheduled' | 'confirmed' }

export type InputSource = {
  readonly size: Size
  readonly organisation: string
  readonly clinics: readonly string[]
  /** Beginnings of names. */
  readonly terms: readonly string[]
}

/** Practice days after the anchor from which on a run books; the data ends before. */
const FIRST_BOOKING_DAY = 100
const SLOTS = 10
/** Changes that comparisons of answers may use up; what is measured begins behind. */
export const CHECKED = 1_000
const SLOT_MS = 45 * 60_000
/** Nine o'clock in Mexico City, which has kept one offset since 2022. */
const OPENING = 'T15:00:00Z'

/** Spreads neighbours: a stride that is prime to every count that occurs here. */
const spread = (index: number) => (index * 7_919) % 1_000_003
const dayBefore = (date: string, days: number) => new Date(Date.parse(`${date}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10)

/** The `index`-th request of an operation: clinics in turns, hundreds of days, patients and terms. Status changes have inputs of their own. */
export function inputOf(name: Exclude<OperationName, 'status'>, index: number, { size, organisation, clinics, terms }: InputSource): Input {
  const { places, regularsPerClinic } = shapeOf(SCALES[size])
  const place = index % clinics.length
  const turn = Math.floor(index / clinics.length)
  const here = { organisation, clinic: clinics[place] ?? '' }
  const patient = idOf('patient', (spread(index) % regularsPerClinic) * places + place)
  switch (name) {
    case 'day':
      return { ...here, date: practiceDay((spread(turn) % 90) - 60) }
    case 'patient':
      return { ...here, id: patient }
    case 'search':
      return { ...here, query: terms[spread(index) % terms.length] ?? '', first: 20 }
    case 'summary': {
      const date = practiceDay(-1 - (spread(turn) % 30))
      return { ...here, date, compare: dayBefore(date, 7) }
    }
    case 'book': {
      const slot = Math.floor(turn / STAFF_PER_CLINIC)
      const opening = Date.parse(practiceDay(FIRST_BOOKING_DAY + Math.floor(slot / SLOTS)) + OPENING)
      return {
        ...here,
        patient,
        type: idOf('type', index % SERVICES),
        staff: idOf('staff', place * STAFF_PER_CLINIC + (turn % STAFF_PER_CLINIC)),
        room: idOf('room', place * ROOMS_PER_CLINIC + (turn % STAFF_PER_CLINIC)),
        startsAt: new Date(opening + (slot % SLOTS) * SLOT_MS).toISOString(),
        reason: 'Revisión',
      }
    }
    case 'stock':
      // The first half is not tracked by lot.
      return { ...here, product: idOf('product', spread(index) % (PRODUCTS / 2)), quantity: '1' }
  }
}

/** One step on or back. */
export function stepOf(visit: Visit, organisation: string): Input {
  return { organisation, clinic: visit.clinic, id: visit.id, version: visit.version, status: visit.status === 'scheduled' ? 'confirmed' : 'scheduled' }
}
