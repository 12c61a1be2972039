import { z } from 'zod'
import { type ClinicActor, reachOf } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError, NotPermittedError, WrongStateError } from '../kernel/errors.ts'
import { text, validate } from '../kernel/validate.ts'
import { ShiftNotOpenError } from './errors.ts'
import { uuid } from './inputs.ts'
import { rosterShifts } from './records.ts'
import { closeSwaps, getQualified, lockShift, withoutOverlap } from './roster-shifts.ts'

const claimSchema = z.object({ shiftId: uuid })
export type ShiftClaim = z.input<typeof claimSchema>

/**
 * Takes an open shift of a published roster for oneself. Of many who want it one gets it.
 * @throws ShiftNotOpenError, NotQualifiedError for another position or outside employment, ShiftOverlapError
 */
export async function claimOpenShift(tx: Tx, actor: ClinicActor, input: ShiftClaim): Promise<{ id: string }> {
  const { shiftId } = validate(claimSchema, input)
  const staffId = ownStaffId(actor)
  const [shift] = rosterShifts.take(
    tx,
    await tx.prisma.rosterShift.findMany({
      where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: shiftId, roster: { status: 'published' } },
    }),
  )
  if (!shift) throw new NotFoundError('RosterShift')
  if (shift.staffId !== null || shift.status !== 'planned' || shift.startsAt <= tx.clock.now()) throw new ShiftNotOpenError(shiftId)
  await getQualified(tx, actor, staffId, shift)
  // Who waits here for somebody faster looks again at the row that is left.
  const claimed = await withoutOverlap(staffId, () =>
    tx.prisma.rosterShift.updateMany({
      where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: shiftId, staffId: null, status: 'planned' },
      data: { staffId, version: { increment: 1 } },
    }),
  )
  if (claimed.count === 0) throw new ShiftNotOpenError(shiftId)
  tx.changes('RosterShift', [shiftId], ['staffId'])
  return { id: shiftId }
}

const releaseSchema = z.object({ shiftId: uuid, reason: text(300).nullish() })
export type ShiftRelease = z.input<typeof releaseSchema>

/** Gives a published shift that has not begun back, so that it is open. What was asked for it falls away. */
export async function releaseShift(tx: Tx, actor: ClinicActor, input: ShiftRelease): Promise<{ id: string }> {
  const { shiftId, reason } = validate(releaseSchema, input)
  const shift = await lockShift(tx, actor, shiftId)
  assertOwner(actor, shift.staffId)
  assertTradeable(tx, shift, 'released')
  if (reason) tx.because(reason)
  await tx.prisma.rosterShift.update({ where: { id: shiftId }, data: { staffId: null, version: { increment: 1 } }, select: { id: true } })
  tx.changes('RosterShift', [shiftId], ['staffId'])
  await closeSwaps(tx, actor, [shiftId], null)
  return { id: shiftId }
}

/** The actor's own profile. Throws NotPermittedError for whoever has none and so works no shifts. */
export function ownStaffId({ staffId }: ClinicActor): string {
  if (staffId === null) throw new NotPermittedError('Only somebody with a staff profile works shifts.', 'staff-profile')
  return staffId
}

/** Throws NotPermittedError unless the shift is the actor's, or the actor trades everybody's. */
export function assertOwner(actor: ClinicActor, staffId: string | null): asserts staffId is string {
  if (staffId === null || (staffId !== actor.staffId && reachOf(actor, 'shift:trade') !== 'all'))
    throw new NotPermittedError('This shift belongs to somebody else.', 'own-shift')
}

type Traded = { readonly status: string; readonly isPublished: boolean; readonly startsAt: Date }

/** Throws WrongStateError for a shift that is a draft, cancelled, or has begun. */
export function assertTradeable(tx: Tx, { status, isPublished, startsAt }: Traded, to: string): void {
  if (!isPublished) throw new WrongStateError('RosterShift', 'draft', to)
  if (status !== 'planned') throw new WrongStateError('RosterShift', status, to)
  if (startsAt <= tx.clock.now()) throw new WrongStateError('RosterShift', 'begun', to)
}
