import { z } from 'zod'
import type { Appointment } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import type { Interval } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { assertFree, claimResources, releaseClaims } from './claims.ts'
import { durationOf } from './durations.ts'
import type { Placement } from './errors.ts'
import { assertBookable, assertWithinShift, getRoom, getType, lockAppointment } from './placement.ts'
import { APPOINTMENT_STATUSES, canCancel, canMove, canStep, holdsResources, stepTo, toStatus } from './status.ts'

const MINUTE_MS = 60_000

const uuid = z.string().refine(isUuid, 'must be a UUID')
const startsAt = z
  .date()
  .min(new Date('1900-01-01T00:00:00Z'))
  .max(new Date('2199-12-31T00:00:00Z'))
  .refine((instant) => instant.getTime() % MINUTE_MS === 0, 'must be a whole minute')
const changed = { id: uuid, version: z.int() }

const bookingSchema = z.object({
  patientId: uuid,
  typeId: uuid,
  staffId: uuid,
  roomId: uuid.nullish(),
  startsAt,
  durationMinutes: z.int().nullish(),
  reason: text(500).nullish(),
  overbookReason: text(300).nullish(),
})
export type Booking = z.input<typeof bookingSchema>

/**
 * Books a visit `[startsAt, startsAt + duration)`; its person and room are held against every other visit. With
 * `overbookReason` (and the right `appointment:overbook`) it is booked over others and marked.
 * @throws SlotTakenError, OutsideShiftError (waived by `appointment:overbook`), StaffNotBookableError, NotFoundError for a
 * patient, type, person or room out of reach, NotPermittedError for a reason without the right
 */
export async function bookAppointment(tx: Tx, actor: ClinicActor, input: Booking): Promise<{ id: string }> {
  const wanted = validate(bookingSchema, input)
  const overbookReason = permittedReason(tx, actor, wanted.overbookReason)
  const type = await getType(tx, actor, wanted.typeId)
  const interval = intervalOf(wanted.startsAt, durationOf(type, wanted.durationMinutes))
  const placement: Placement = { staffId: wanted.staffId, roomId: wanted.roomId ?? null, interval }
  if (overbookReason === null) await assertFree(tx, actor, null, placement)
  const [patient] = await findPatientsByIds(tx, actor, [wanted.patientId])
  if (!patient) throw new NotFoundError('Patient')
  await assertBookable(tx, actor, placement)
  if (placement.roomId !== null) await getRoom(tx, actor, placement.roomId)
  await assertWithinShift(tx, actor, placement)
  const now = tx.clock.now()
  const { id } = await tx.prisma.appointment.create({
    data: {
      organisationId: actor.organisationId,
      clinicId: actor.clinic.id,
      patientId: wanted.patientId,
      typeId: wanted.typeId,
      staffId: placement.staffId,
      roomId: placement.roomId,
      startsAt: interval.start,
      endsAt: interval.end,
      reason: wanted.reason ?? null,
      overbookReason,
      createdAt: now,
      updatedAt: now,
    },
    select: { id: true },
  })
  const { isOverbooked } = await claimResources(tx, actor, id, placement, overbookReason !== null)
  // Nothing stood in the way after all, so nothing is marked.
  if (overbookReason !== null && !isOverbooked)
    await tx.prisma.appointment.updateMany({ where: { organisationId: actor.organisationId, id }, data: { overbookReason: null } })
  tx.changes('Appointment', [id], ['endsAt', 'overbookReason', 'patientId', 'reason', 'roomId', 'staffId', 'startsAt', 'status', 'typeId'])
  return { id }
}

const moveSchema = z.object({
  ...changed,
  startsAt,
  staffId: uuid.nullish(),
  /** Left out: the same room. Null: no room. */
  roomId: uuid.nullish(),
  durationMinutes: z.int().nullish(),
  overbookReason: text(300).nullish(),
})
export type Move = z.input<typeof moveSchema>

/**
 * Moves a visit that has not begun to another time, person or room; what is left out stays. Throws like bookAppointment,
 * and WrongStateError once the client has checked in.
 */
export async function rescheduleAppointment(tx: Tx, actor: ClinicActor, input: Move): Promise<{ id: string }> {
  const move = validate(moveSchema, input)
  const overbookReason = permittedReason(tx, actor, move.overbookReason)
  const current = await lockVersion(tx, actor, move)
  if (!canMove(toStatus(current.status))) throw new WrongStateError('Appointment', current.status, 'rescheduled')
  const placement = await movedPlacement(tx, actor, current, move)
  await assertBookable(tx, actor, placement)
  if (placement.roomId !== null && placement.roomId !== current.roomId) await getRoom(tx, actor, placement.roomId)
  await assertWithinShift(tx, actor, placement)
  await releaseClaims(tx, actor, current.id)
  const { isOverbooked } = await claimResources(tx, actor, current.id, placement, overbookReason !== null)
  const { staffId, roomId, interval } = placement
  await writeAppointment(tx, actor, current.id, {
    staffId,
    roomId,
    startsAt: interval.start,
    endsAt: interval.end,
    overbookReason: isOverbooked ? overbookReason : null,
  })
  return { id: current.id }
}

async function movedPlacement(tx: Tx, actor: ClinicActor, current: Appointment, move: z.output<typeof moveSchema>): Promise<Placement> {
  const minutes =
    move.durationMinutes == null
      ? (current.endsAt.getTime() - current.startsAt.getTime()) / MINUTE_MS
      : durationOf(await getType(tx, actor, current.typeId, 'archived too'), move.durationMinutes)
  return {
    staffId: move.staffId ?? current.staffId,
    roomId: move.roomId === undefined ? current.roomId : move.roomId,
    interval: intervalOf(move.startsAt, minutes),
  }
}

const cancelSchema = z.object({ ...changed, reason: text(500) })
export type Cancellation = z.input<typeof cancelSchema>

/** Cancels a visit that has not begun, with its reason, and frees its time. Final. Throws WrongStateError. */
export async function cancelAppointment(tx: Tx, actor: ClinicActor, input: Cancellation): Promise<{ id: string }> {
  const { reason, ...wanted } = validate(cancelSchema, input)
  const current = await lockVersion(tx, actor, wanted)
  if (!canCancel(toStatus(current.status))) throw new WrongStateError('Appointment', current.status, 'cancelled')
  await releaseClaims(tx, actor, current.id)
  await writeAppointment(tx, actor, current.id, { status: 'cancelled', cancelledAt: tx.clock.now(), cancelReason: reason })
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
  if (!holdsResources(to)) await releaseClaims(tx, actor, current.id)
  else if (!holdsResources(from)) {
    const placement: Placement = { staffId: current.staffId, roomId: current.roomId, interval: { start: current.startsAt, end: current.endsAt } }
    await claimResources(tx, actor, current.id, placement, current.overbookReason !== null)
  }
  await writeAppointment(tx, actor, current.id, stepTo(current, to, tx.clock.now()))
  return { id: current.id }
}

type Write = Partial<Omit<Appointment, 'id' | 'organisationId' | 'clinicId' | 'version' | 'createdAt' | 'updatedAt'>>

async function writeAppointment(tx: Tx, actor: ClinicActor, id: string, data: Write): Promise<void> {
  await tx.prisma.appointment.updateMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id },
    data: { ...data, version: { increment: 1 }, updatedAt: tx.clock.now() },
  })
  tx.changes('Appointment', [id], Object.keys(data))
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
