import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Appointment } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { columnOf } from '../kernel/records.ts'
import type { Interval } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { claimResources, releaseClaims } from './claims.ts'
import { durationOf } from './durations.ts'
import { type Placement, SlotTakenError } from './errors.ts'
import { takeOverHold } from './holds.ts'
import { assertMeetsNeeds, buffersOf } from './needs.ts'
import { assertInUse, assertWithinShift, bookable, currentType, knownType, lockAppointment, readBookingFacts, readPlace } from './placement.ts'
import { findTypesByIds } from './queries.ts'
import { APPOINTMENT_STATUSES, canCancel, canMove, canStep, holdsResources, ORIGINS, stepTo, toStatus } from './status.ts'

const MINUTE_MS = 60_000

const uuid = z.string().refine(isUuid, 'must be a UUID')
const startsAt = z
  .date()
  .min(new Date('1900-01-01T00:00:00Z'))
  .max(new Date('2199-12-31T00:00:00Z'))
  .refine((instant) => instant.getTime() % MINUTE_MS === 0, 'must be a whole minute')
const changed = { id: uuid, version: z.int() }

const equipmentIds = z
  .array(uuid)
  .max(10)
  .transform((ids) => [...new Set(ids)])

const bookingSchema = z.object({
  patientId: uuid,
  typeId: uuid,
  staffId: uuid,
  roomId: uuid.nullish(),
  equipmentIds: equipmentIds.nullish(),
  startsAt,
  durationMinutes: z.int().nullish(),
  reason: text(500).nullish(),
  overbookReason: text(300).nullish(),
  holdId: uuid.nullish(),
  origin: z.enum(ORIGINS).optional(),
})
export type Booking = z.input<typeof bookingSchema>

/**
 * Books a visit `[startsAt, startsAt + duration)`; its person, room and equipment are held against every other visit, each with
 * the buffers of its type. With `overbookReason` (and the right `appointment:overbook`) it is booked over others, or into a closed time, and
 * marked. A hold that is named gives way to the visit.
 * @throws SlotTakenError, OutsideShiftError (waived by `appointment:overbook`), StaffNotBookableError, RequirementsNotMetError, NotFoundError for
 * a patient, type, person, room or equipment out of reach, HoldExpiredError, NotPermittedError for a reason without the right
 */
export async function bookAppointment(tx: Tx, actor: ClinicActor, input: Booking): Promise<{ id: string }> {
  const wanted = validate(bookingSchema, input)
  const overbookReason = permittedReason(tx, actor, wanted.overbookReason)
  const { staffId, startsAt: start } = wanted
  const [roomId, equipmentIds, minutes, holdId] = [wanted.roomId ?? null, wanted.equipmentIds ?? [], wanted.durationMinutes ?? null, wanted.holdId ?? null]
  const facts = await readBookingFacts(tx, actor, { ...wanted, roomId, equipmentIds, start, minutes, holdId })
  const type = currentType(facts.type)
  const placement: Placement = { staffId, roomId, equipmentIds, interval: intervalOf(start, durationOf(type, minutes)), buffers: buffersOf(type) }
  if (overbookReason === null && facts.conflict !== null) throw new SlotTakenError(facts.conflict, placement, null)
  if (!facts.patient) throw new NotFoundError('Patient')
  const person = bookable(actor, facts.person, placement)
  assertInUse(placement, facts.room, facts.equipment)
  assertMeetsNeeds(type, person, facts.room, facts.equipment)
  assertWithinShift(actor, facts.plan, placement)
  if (holdId !== null) await takeOverHold(tx, actor, holdId)
  const id = newId()
  const now = tx.clock.now().toISOString()
  const inserted = tx.query({
    name: 'insert_appointment',
    text: INSERT_APPOINTMENT,
    values: [
      id,
      actor.organisationId,
      actor.clinic.id,
      wanted.patientId,
      wanted.typeId,
      staffId,
      roomId,
      placement.interval.start.toISOString(),
      placement.interval.end.toISOString(),
      wanted.reason ?? null,
      overbookReason,
      now,
      equipmentIds,
      wanted.origin ?? 'desk',
    ],
  })
  const claimed = claimResources(tx, actor, { kind: 'appointment', id }, placement, overbookReason !== null)
  if (overbookReason === null) tx.requires(Promise.all([inserted, claimed]))
  else {
    const [{ isOverbooked }] = await Promise.all([claimed, inserted])
    // Nothing stood in the way after all, so nothing is marked.
    if (!isOverbooked) await tx.prisma.appointment.updateMany({ where: { organisationId: actor.organisationId, id }, data: { overbookReason: null } })
  }
  tx.changes(
    'Appointment',
    [id],
    ['endsAt', 'equipmentIds', 'origin', 'overbookReason', 'patientId', 'reason', 'roomId', 'staffId', 'startsAt', 'status', 'typeId'],
  )
  return { id }
}

const INSERT_APPOINTMENT = `INSERT INTO appointment (id, organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at, reason, overbook_reason, created_at, updated_at, equipment_ids, origin)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::uuid, $8::timestamptz, $9::timestamptz, $10, $11, $12::timestamptz, $12::timestamptz, $13::uuid[], $14)`

const moveSchema = z.object({
  ...changed,
  startsAt,
  staffId: uuid.nullish(),
  /** Left out: the same room. Null: no room. */
  roomId: uuid.nullish(),
  /** Left out: the same equipment. */
  equipmentIds: equipmentIds.nullish(),
  durationMinutes: z.int().nullish(),
  overbookReason: text(300).nullish(),
})
export type Move = z.input<typeof moveSchema>

/**
 * Moves a visit that has not begun to another time, person, room or equipment; what is left out stays. Throws like bookAppointment,
 * and WrongStateError once the client has checked in.
 */
export async function rescheduleAppointment(tx: Tx, actor: ClinicActor, input: Move): Promise<{ id: string }> {
  const move = validate(moveSchema, input)
  const overbookReason = permittedReason(tx, actor, move.overbookReason)
  const current = await lockVersion(tx, actor, move)
  if (!canMove(toStatus(current.status))) throw new WrongStateError('Appointment', current.status, 'rescheduled')
  const [staffId, roomId] = [move.staffId ?? current.staffId, move.roomId === undefined ? current.roomId : move.roomId]
  const equipmentIds = move.equipmentIds ?? current.equipmentIds
  const { room, equipment, plan, ...found } = await readPlace(tx, actor, { typeId: current.typeId, staffId, roomId, equipmentIds, start: move.startsAt })
  const type = knownType(found.type)
  const minutes = move.durationMinutes == null ? (current.endsAt.getTime() - current.startsAt.getTime()) / MINUTE_MS : durationOf(type, move.durationMinutes)
  const interval = intervalOf(move.startsAt, minutes)
  const placement: Placement = { staffId, roomId, equipmentIds, interval, buffers: buffersOf(type) }
  const person = bookable(actor, found.person, placement)
  // What the visit has already may have been archived, or have lost what its type asks for, since.
  assertInUse(newPlaces(current, placement), room, equipment)
  if (staffId !== current.staffId || roomId !== current.roomId || move.equipmentIds != null) assertMeetsNeeds(type, person, room, equipment)
  assertWithinShift(actor, plan, placement)
  await releaseClaims(tx, actor, { kind: 'appointment', id: current.id })
  const { isOverbooked } = await claimResources(tx, actor, { kind: 'appointment', id: current.id }, placement, overbookReason !== null)
  writeAppointment(tx, actor, current.id, {
    staffId,
    roomId,
    ...(move.equipmentIds == null ? {} : { equipmentIds: move.equipmentIds }),
    startsAt: interval.start,
    endsAt: interval.end,
    overbookReason: isOverbooked ? overbookReason : null,
  })
  return { id: current.id }
}

function newPlaces(current: Appointment, { roomId, equipmentIds }: Placement): Pick<Placement, 'roomId' | 'equipmentIds'> {
  return { roomId: roomId === current.roomId ? null : roomId, equipmentIds: equipmentIds.filter((id) => !current.equipmentIds.includes(id)) }
}

const cancelSchema = z.object({ ...changed, reason: text(500) })
export type Cancellation = z.input<typeof cancelSchema>

/** Cancels a visit that has not begun, with its reason, and frees its time. Final. Throws WrongStateError. */
export async function cancelAppointment(tx: Tx, actor: ClinicActor, input: Cancellation): Promise<{ id: string }> {
  const { reason, ...wanted } = validate(cancelSchema, input)
  const current = await lockVersion(tx, actor, wanted)
  if (!canCancel(toStatus(current.status))) throw new WrongStateError('Appointment', current.status, 'cancelled')
  tx.requires(releaseClaims(tx, actor, { kind: 'appointment', id: current.id }))
  writeAppointment(tx, actor, current.id, { status: 'cancelled', cancelledAt: tx.clock.now(), cancelReason: reason })
  tx.because(reason)
  return { id: current.id }
}

const stepSchema = z.object({ ...changed, status: z.enum(APPOINTMENT_STATUSES) })
export type StatusStep = z.input<typeof stepSchema>

/**
 * Takes a visit one step on, or back, and notes when. A missed visit frees its time; one that returns claims it again, and
 * may find it taken. Throws WrongStateError for any other step, InvalidInputError for `cancelled`, which needs a reason.
 */
export async function setAppointmentStatus(tx: Tx, actor: ClinicActor, input: StatusStep): Promise<{ id: string }> {
  const { status: to, ...wanted } = validate(stepSchema, input)
  if (to === 'cancelled') throw invalid('status', 'needs_reason', 'a visit is cancelled by cancelAppointment, with a reason')
  const current = await lockVersion(tx, actor, wanted)
  const from = toStatus(current.status)
  if (!canStep(from, to)) throw new WrongStateError('Appointment', from, to)
  if (!holdsResources(to)) tx.requires(releaseClaims(tx, actor, { kind: 'appointment', id: current.id }))
  else if (!holdsResources(from)) {
    const { staffId, roomId, equipmentIds } = current
    const [type] = await findTypesByIds(tx, actor, [current.typeId])
    const buffers = buffersOf(knownType(type))
    const placement: Placement = { staffId, roomId, equipmentIds, interval: { start: current.startsAt, end: current.endsAt }, buffers }
    await claimResources(tx, actor, { kind: 'appointment', id: current.id }, placement, current.overbookReason !== null)
  }
  writeAppointment(tx, actor, current.id, stepTo(current, to, tx.clock.now()))
  return { id: current.id }
}

type Write = Partial<Omit<Appointment, 'id' | 'organisationId' | 'clinicId' | 'version' | 'createdAt' | 'updatedAt'>>

function writeAppointment(tx: Tx, actor: ClinicActor, id: string, data: Write): void {
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

async function lockVersion(tx: Tx, actor: ClinicActor, { id, version }: { id: string; version: number }): Promise<Appointment> {
  const current = await lockAppointment(tx, actor, id)
  if (current.version !== version) throw new StaleVersionError('Appointment', current.version)
  return current
}

function permittedReason(tx: Tx, actor: ClinicActor, reason: string | null | undefined): string | null {
  if (reason == null) return null
  if (!holds(actor, 'appointment:overbook')) throw new NotPermittedError('Booking over another visit needs the permission appointment:overbook.', 'overbook')
  tx.because(reason)
  return reason
}

function intervalOf(start: Date, minutes: number): Interval {
  return { start, end: new Date(start.getTime() + minutes * MINUTE_MS) }
}
