import { z } from 'zod'
import type { Appointment } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { type Interval, MINUTE_MS } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { claimResources, releaseClaims } from './claims.ts'
import { durationOf } from './durations.ts'
import { type Placement, SlotTakenError } from './errors.ts'
import { offerFreedSlot, slotOf } from './freed-slots.ts'
import { takeOverHold } from './holds.ts'
import { assertMeetsNeeds, buffersOf } from './needs.ts'
import { assertInUse, assertWithinShift, bookable, currentType, knownType, lockAppointment, readBookingFacts, readPlace } from './placement.ts'
import { findTypesByIds } from './queries.ts'
import { APPOINTMENT_STATUSES, canCancel, canMove, canStep, holdsResources, ORIGINS, stepTo, toStatus } from './status.ts'
import { cancelVisit, insertVisit, writeAppointment } from './visits.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
/** When a visit may begin at all. */
export const startsAt = z
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
 * marked. A hold that is named gives way to the visit, if it is kept for such a one.
 * @throws SlotTakenError, OutsideShiftError (waived by `appointment:overbook`), StaffNotBookableError, RequirementsNotMetError, NotFoundError for
 * a patient, type, person, room or equipment out of reach, HoldExpiredError, HoldMismatchError, NotPermittedError for a reason without the right
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
  if (holdId !== null) await takeOverHold(tx, actor, holdId, { ...placement, typeId: wanted.typeId }, wanted.origin ?? 'desk')
  const reason = wanted.reason ?? null
  const { patientId, typeId, origin = 'desk' } = wanted
  const { id, done } = insertVisit(tx, actor, { patientId, typeId, placement, reason, overbookReason, origin, seriesId: null })
  if (overbookReason === null) tx.requires(done)
  // Nothing stood in the way after all, so nothing is marked.
  else if (!(await done).isOverbooked)
    await tx.prisma.appointment.updateMany({ where: { organisationId: actor.organisationId, id }, data: { overbookReason: null } })
  return { id }
}

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
  const before = await moveAppointment(tx, actor, input)
  await offerFreedSlot(tx, actor, slotOf(before))
  return { id: before.id }
}

/**
 * The same without offering the time that becomes free to anybody, because it is about to be closed.
 * @returns the visit as it was
 */
export async function moveAppointment(tx: Tx, actor: ClinicActor, input: Move): Promise<Appointment> {
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
  return current
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
  cancelVisit(tx, actor, current.id, reason)
  tx.because(reason)
  await offerFreedSlot(tx, actor, slotOf(current))
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
  if (!holdsResources(to)) await offerFreedSlot(tx, actor, slotOf(current))
  return { id: current.id }
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
