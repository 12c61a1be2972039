import type { AppointmentType, Client, Patient, Room, Species, StaffProfile } from '../../prisma/client/client.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { jsonRowsIf } from '../kernel/records.ts'
import { clients, patients, species } from '../patients/index.ts'
import { staffProfiles } from '../staff/index.ts'
import { appointmentTypes, rooms } from './records.ts'

/** Records to which visits refer, each once; empty where they were not asked for. */
export type Related = {
  readonly patients: readonly Patient[]
  readonly clients: readonly Client[]
  readonly species: readonly Species[]
  readonly types: readonly AppointmentType[]
  readonly staff: readonly StaffProfile[]
  readonly rooms: readonly Room[]
}

/** The columns of a statement that RELATED_COLUMNS gives. */
export type RelatedRow = { readonly [Name in keyof Related]: Related[Name] | null }

const ASKED_BY = ['Appointment.patient', 'Patient.client', 'Patient.species', 'Appointment.type', 'Appointment.staff', 'Appointment.room'] as const

/** Which references of visits an operation asks for: the values of the placeholders that relatedColumns names. */
export function relatedValues(selects: Selects): boolean[] {
  return ASKED_BY.map(selects)
}

/**
 * Columns with the records to which the rows of the common table expression `visit` refer, for a statement whose $1 is the organisation.
 * @param first number of the first of six placeholders, for relatedValues
 * @param always queries for people and rooms that are answered whether or not a visit refers to them
 */
export function relatedColumns(first: number, always?: { readonly staff: string; readonly rooms: string }): string {
  const [patient, client, kind, type, person, room] = ASKED_BY.map((_, index) => `$${first + index}::boolean`)
  const patientsOf = (column: string) => `(SELECT p.${column} FROM patient p WHERE p.organisation_id = $1::uuid AND p.id IN (SELECT patient_id FROM visit))`
  const columns: Readonly<Record<keyof Related, readonly [when: string, query: string]>> = {
    patients: [`${patient}`, `SELECT ${patients.columns('p')} FROM patient p WHERE p.organisation_id = $1::uuid AND p.id IN (SELECT patient_id FROM visit)`],
    clients: [
      `${patient} AND ${client}`,
      `SELECT ${clients.columns('c')} FROM client c WHERE c.organisation_id = $1::uuid AND c.id IN ${patientsOf('client_id')}`,
    ],
    species: [`${patient} AND ${kind}`, `SELECT ${species.columns('s')} FROM species s WHERE s.code IN ${patientsOf('species_code')}`],
    types: [
      `${type}`,
      `SELECT ${appointmentTypes.columns('t')} FROM appointment_type t WHERE t.organisation_id = $1::uuid AND t.id IN (SELECT type_id FROM visit)`,
    ],
    staff: [
      always ? `${person} IS NOT NULL` : `${person}`,
      always?.staff ?? `SELECT ${staffProfiles.columns('s')} FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.id IN (SELECT staff_id FROM visit)`,
    ],
    rooms: [
      always ? `${room} IS NOT NULL` : `${room}`,
      always?.rooms ??
        `SELECT ${rooms.columns('r')} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.id IN (SELECT room_id FROM visit)`,
    ],
  }
  return Object.entries(columns)
    .map(([name, [when, query]]) => `${jsonRowsIf(when, query)} AS ${name}`)
    .join(',\n    ')
}

/** Takes the related records over from JSON and reports them as read. */
export function takeRelated(db: Db, row: RelatedRow): Related {
  return {
    patients: patients.take(db, row.patients),
    clients: clients.take(db, row.clients),
    species: species.take(db, row.species),
    types: appointmentTypes.take(db, row.types),
    staff: staffProfiles.take(db, row.staff),
    rooms: rooms.take(db, row.rooms),
  }
}
