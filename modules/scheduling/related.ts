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

/** All on which relatedColumns depends. */
export const RELATED_COORDINATES = [
  'Appointment.patient',
  'Patient.client',
  'Patient.species',
  'Appointment.type',
  'Appointment.staff',
  'Appointment.room',
  ...[patients, clients, appointmentTypes, staffProfiles, rooms].flatMap(({ coordinates }) => coordinates),
]

/**
 * Columns with the records to which the rows of the common table expression `visit` refer, as far as they are asked for; in a statement
 * whose $1 is the organisation and $2 the clinic.
 * @param always queries for people and rooms that are answered whether or not a visit refers to them
 */
export function relatedColumns(selects: Selects, always?: { readonly staff: string; readonly rooms: string }): string {
  const hasPatients = selects('Appointment.patient')
  const patientsOf = (column: string) => `(SELECT p.${column} FROM patient p WHERE p.organisation_id = $1::uuid AND p.id IN (SELECT patient_id FROM visit))`
  const columns: Readonly<Record<keyof Related, readonly [isWanted: boolean, query: string]>> = {
    patients: [
      hasPatients,
      `SELECT ${patients.columns('p', selects)} FROM patient p WHERE p.organisation_id = $1::uuid AND p.id IN (SELECT patient_id FROM visit)`,
    ],
    clients: [
      hasPatients && selects('Patient.client'),
      `SELECT ${clients.columns('c', selects)} FROM client c WHERE c.organisation_id = $1::uuid AND c.id IN ${patientsOf('client_id')}`,
    ],
    species: [hasPatients && selects('Patient.species'), `SELECT ${species.columns('s')} FROM species s WHERE s.code IN ${patientsOf('species_code')}`],
    types: [
      selects('Appointment.type'),
      `SELECT ${appointmentTypes.columns('t', selects)} FROM appointment_type t WHERE t.organisation_id = $1::uuid AND t.id IN (SELECT type_id FROM visit)`,
    ],
    staff: [
      always !== undefined || selects('Appointment.staff'),
      always?.staff ??
        `SELECT ${staffProfiles.columns('s', selects)} FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.id IN (SELECT staff_id FROM visit)`,
    ],
    rooms: [
      always !== undefined || selects('Appointment.room'),
      always?.rooms ??
        `SELECT ${rooms.columns('r', selects)} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.id IN (SELECT room_id FROM visit)`,
    ],
  }
  return Object.entries(columns)
    .map(([name, [isWanted, query]]) => `${jsonRowsIf(isWanted, query)} AS ${name}`)
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
