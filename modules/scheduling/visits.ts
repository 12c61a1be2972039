import { createHash } from 'node:crypto'
import type { Appointment } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import { columnOf } from '../kernel/records.ts'
import { claimResources, releaseClaims } from './claims.ts'
import type { Placement } from './errors.ts'
import type { Origin } from './status.ts'

type NewVisit = Pick<Appointment, 'patientId' | 'typeId' | 'reason' | 'overbookReason' | 'seriesId'> & {
  readonly placement: Placement
  readonly origin: Origin
}

/**
 * Inserts a visit that may be booked and claims what it takes; reports it. Statements of many visits leave together.
 * @returns `done`, for `tx.requires` or to be waited for: it fails with SlotTakenError when something was in the way
 */
export function insertVisit(tx: Tx, actor: ClinicActor, visit: NewVisit): { id: string; done: Promise<{ isOverbooked: boolean }> } {
  const id = newId()
  const { placement, overbookReason } = visit
  const { start, end } = placement.interval
  const inserted = tx.query({
    name: 'insert_appointment',
    text: INSERT_APPOINTMENT,
    values: [
      id,
      actor.organisationId,
      actor.clinic.id,
      visit.patientId,
      visit.typeId,
      placement.staffId,
      placement.roomId,
      start.toISOString(),
      end.toISOString(),
      visit.reason,
      overbookReason,
      tx.clock.now().toISOString(),
      placement.equipmentIds,
      visit.origin,
      visit.seriesId,
    ],
  })
  const claimed = claimResources(tx, actor, { kind: 'appointment', id }, placement, overbookReason !== null)
  tx.changes('Appointment', [id], visit.seriesId === null ? NEW_FIELDS : [...NEW_FIELDS, 'seriesId'])
  return { id, done: Promise.all([claimed, inserted]).then(([claim]) => claim) }
}

const NEW_FIELDS = ['endsAt', 'equipmentIds', 'origin', 'overbookReason', 'patientId', 'reason', 'roomId', 'staffId', 'startsAt', 'status', 'typeId'] as const
const INSERT_APPOINTMENT = `INSERT INTO appointment (id, organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at, reason, overbook_reason, created_at, updated_at, equipment_ids, origin, series_id)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::uuid, $8::timestamptz, $9::timestamptz, $10, $11, $12::timestamptz, $12::timestamptz, $13::uuid[], $14, $15::uuid)`

/** Cancels a visit that the transaction has locked, and frees its time. */
export function cancelVisit(tx: Tx, actor: ClinicActor, id: string, reason: string): void {
  tx.requires(releaseClaims(tx, actor, { kind: 'appointment', id }))
  writeAppointment(tx, actor, id, { status: 'cancelled', cancelledAt: tx.clock.now(), cancelReason: reason })
}

export type Write = Partial<Omit<Appointment, 'id' | 'organisationId' | 'clinicId' | 'version' | 'createdAt' | 'updatedAt'>>

/** Changes a visit that the transaction has locked, and reports it. */
export function writeAppointment(tx: Tx, actor: ClinicActor, id: string, data: Write): void {
  const fields = Object.keys(data).sort()
  const settings = fields.map((field, index) => `${columnOf(field)} = $${index + 5}`)
  const written = tx.query({
    name: nameOf(fields.join()),
    text: `UPDATE appointment SET ${settings.join(', ')}, version = version + 1, updated_at = $4::timestamptz WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $3::uuid`,
    values: [actor.organisationId, actor.clinic.id, id, tx.clock.now().toISOString(), ...fields.map((field) => toParameter(Reflect.get(data, field)))],
  })
  tx.requires(written)
  tx.changes('Appointment', [id], fields)
}

const names = new Map<string, string>()

/** Each set of fields is a statement of its own; there are as many as there are steps. Names end at 63 characters. */
function nameOf(fields: string): string {
  const known = names.get(fields)
  if (known !== undefined) return known
  const name = `appointment ${createHash('sha256').update(fields).digest('hex').slice(0, 12)}`
  names.set(fields, name)
  return name
}

function toParameter(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
