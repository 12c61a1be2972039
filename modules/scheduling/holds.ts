import { z } from 'zod'
import type { SlotHold } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { DomainError, NotFoundError, NotPermittedError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { MINUTE_MS } from '../kernel/time.ts'
import { validate } from '../kernel/validate.ts'
import { claimResources, releaseClaims } from './claims.ts'
import { durationOf } from './durations.ts'
import { type HoldDifference, HoldExpiredError, HoldMismatchError, type Placement } from './errors.ts'
import { assertMeetsNeeds, buffersOf } from './needs.ts'
import { assertInUse, assertWithinShift, bookable, currentType, readPlace } from './placement.ts'
import { slotHolds } from './records.ts'
import type { Origin } from './status.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')

/** A waitlist's offer lasts longest. */
const MOST_MINUTES = 24 * 60
const holdSchema = z.object({
  typeId: uuid,
  staffId: uuid,
  roomId: uuid.nullish(),
  equipmentIds: z.array(uuid).max(10).nullish(),
  startsAt: z.date().refine((instant) => instant.getTime() % MINUTE_MS === 0, 'must be a whole minute'),
  durationMinutes: z.int().nullish(),
  minutes: z.int().min(1).max(MOST_MINUTES).default(10),
  purpose: z.enum(['desk', 'online', 'waitlist']).default('desk'),
})
export type NewHold = z.input<typeof holdSchema>

/**
 * Keeps a slot for `minutes`: it takes what the visit would take, until the visit is booked with it, it is let go, or it expires. Throws like
 * bookAppointment.
 */
export async function holdSlot(tx: Tx, actor: ClinicActor, input: NewHold): Promise<{ id: string }> {
  const { id, placement } = await insertHold(tx, actor, input)
  await claimResources(tx, actor, { kind: 'hold', id }, placement, false)
  return { id }
}

/** The same for whoever can do without: null when the slot cannot be kept. What the transaction has done before stays. */
export async function tryHoldSlot(tx: Tx, actor: ClinicActor, input: NewHold): Promise<{ id: string; placement: Placement } | null> {
  const hold = await refusedAsNull(insertHold(tx, actor, input))
  if (hold === null) return null
  if (await refusedAsNull(claimResources(tx, actor, { kind: 'hold', id: hold.id }, hold.placement, false))) return hold
  await deleteHold(tx, actor, hold.id)
  return null
}

async function refusedAsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}

async function insertHold(tx: Tx, actor: ClinicActor, input: NewHold): Promise<{ id: string; placement: Placement }> {
  const { typeId, staffId, startsAt, durationMinutes, minutes, purpose, ...wanted } = validate(holdSchema, input)
  const [roomId, equipmentIds] = [wanted.roomId ?? null, [...new Set(wanted.equipmentIds ?? [])]]
  const place = await readPlace(tx, actor, { typeId, staffId, roomId, equipmentIds, start: startsAt })
  const type = currentType(place.type)
  const end = new Date(startsAt.getTime() + durationOf(type, durationMinutes) * MINUTE_MS)
  const placement: Placement = { staffId, roomId, equipmentIds, interval: { start: startsAt, end }, buffers: buffersOf(type) }
  const person = bookable(actor, place.person, placement)
  assertInUse(placement, place.room, place.equipment)
  assertMeetsNeeds(type, person, place.room, place.equipment)
  assertWithinShift(actor, place.plan, placement)
  const [id, now] = [newId(), tx.clock.now()]
  await tx.prisma.slotHold.create({
    data: {
      id,
      organisationId: actor.organisationId,
      clinicId: actor.clinic.id,
      typeId,
      staffId,
      roomId,
      equipmentIds,
      startsAt,
      endsAt: end,
      purpose,
      heldById: actor.kind === 'user' ? actor.userId : null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + minutes * MINUTE_MS),
    },
  })
  tx.changes('SlotHold', [id], ['endsAt', 'equipmentIds', 'expiresAt', 'purpose', 'roomId', 'staffId', 'startsAt', 'typeId'])
  return { id, placement }
}

/** Lets a kept slot go. Throws NotFoundError when it has expired and gone, or is another clinic's. */
export async function releaseHold(tx: Tx, actor: ClinicActor, input: { id: string }): Promise<{ id: string }> {
  const { id } = validate(z.object({ id: uuid }), input)
  const [hold] = await findHoldsByIds(tx, actor, [id])
  if (hold) assertNotPromised(hold, null)
  if (!(await deleteHold(tx, actor, id))) throw new NotFoundError('SlotHold')
  return { id }
}

type VisitInPlace = Pick<Placement, 'staffId' | 'roomId' | 'interval'> & { readonly typeId: string }

/**
 * Takes a kept slot away so that a visit of this origin can take its place in the same transaction. Throws HoldExpiredError when it is gone,
 * HoldMismatchError when it is not kept for such a visit.
 */
export async function takeOverHold(tx: Tx, actor: ClinicActor, id: string, visit: VisitInPlace, origin: Origin): Promise<void> {
  const [hold] = await findHoldsByIds(tx, actor, [id])
  if (!hold) throw new HoldExpiredError(id)
  assertNotPromised(hold, origin)
  const difference = differenceOf(hold, visit)
  if (difference !== null) throw new HoldMismatchError(id, difference)
  if (!(await deleteHold(tx, actor, id))) throw new HoldExpiredError(id)
}

/** The first thing in which a visit does not fit a kept slot; null when it fits. A slot without a room leaves the room open. */
function differenceOf(hold: SlotHold, { typeId, staffId, roomId, interval }: VisitInPlace): HoldDifference | null {
  if (hold.typeId !== typeId) return 'type'
  if (interval.start < hold.startsAt || interval.end > hold.endsAt) return 'time'
  if (hold.staffId !== staffId) return 'staff'
  return hold.roomId === null || hold.roomId === roomId ? null : 'room'
}

const PROMISES: Readonly<Record<string, { readonly rule: string; readonly says: string }>> = {
  waitlist: { rule: 'offered', says: 'This slot is offered to somebody on the waitlist. Note down their answer to the offer.' },
  online: { rule: 'requested', says: 'Somebody has asked for this slot online. Confirm or decline their request.' },
}

// What somebody on the waitlist was offered, or a stranger has asked for, goes on by the answer alone.
function assertNotPromised({ purpose }: SlotHold, origin: Origin | null): void {
  const promise = PROMISES[purpose]
  if (promise && purpose !== origin) throw new NotPermittedError(promise.says, promise.rule)
}

/** Takes a kept slot away; false when it was gone. */
export async function deleteHold(tx: Tx, actor: ClinicActor, id: string): Promise<boolean> {
  await releaseClaims(tx, actor, { kind: 'hold', id })
  const { count } = await tx.prisma.slotHold.deleteMany({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id } })
  if (count > 0) tx.changes('SlotHold', [id], ['deleted'])
  return count > 0
}

/** Slots that the active clinic keeps, by id; expired ones that are still there included. */
export async function findHoldsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<SlotHold[]> {
  return slotHolds.read(db, {
    name: 'find_holds_by_ids',
    text: `SELECT ${slotHolds.columns('k')} FROM slot_hold k WHERE k.organisation_id = $1::uuid AND k.clinic_id = $2::uuid AND k.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}
