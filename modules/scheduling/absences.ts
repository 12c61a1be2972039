import { z } from 'zod'
import type { Appointment, TimeOffRequest } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { overlaps } from '../kernel/time.ts'
import { validate } from '../kernel/validate.ts'
import { lockUndecided, markApproved, requestTimeOff, type TimeOffWish, withdrawTimeOff } from '../staff/index.ts'
import { listClosedDays } from './block-queries.ts'
import { closeTime, openTime } from './blocks.ts'
import { moveAppointment } from './commands.ts'
import { findAppointmentsByIds } from './queries.ts'

/** Asks for time off; days on which the active clinic is closed take nothing from the balance. Throws like requestTimeOff of staff. */
export async function askForTimeOff(tx: Tx, actor: ClinicActor, input: TimeOffWish): Promise<{ id: string }> {
  return requestTimeOff(tx, actor, input, (firstDay, lastDay) => listClosedDays(tx, actor, firstDay, lastDay))
}

const uuid = z.string().refine(isUuid, 'must be a UUID')
const approvalSchema = z.object({
  id: uuid,
  version: z.int(),
  reassignments: z
    .array(z.object({ appointmentId: uuid, version: z.int(), staffId: uuid.nullish(), startsAt: z.date().nullish(), roomId: uuid.nullish() }))
    .max(200)
    .nullish(),
})
export type TimeOffApproval = z.input<typeof approvalSchema>
type Reassignment = NonNullable<z.output<typeof approvalSchema>['reassignments']>[number]

/**
 * Approves a request of the active clinic: moves visits of the person to others or to other times, and closes the time for the person at every clinic,
 * all or nothing. Visits that are not moved stay as they are, and are affected.
 *
 * The visits move first, in the order of their ids: what they need is waited for while nothing is closed yet. Closing then waits for
 * bookings of the person that are about to commit; those that come after it are refused. Two approvals that pass visits to each other
 * may still wait for each other, and one of them is repeated.
 * @throws what lockUndecided, markApproved and moveAppointment throw; NotPermittedError for reassignments without the right
 * appointment:update; InvalidInputError for a visit that is not affected, or that would stay within the time off
 */
export async function approveTimeOff(tx: Tx, actor: ClinicActor, input: TimeOffApproval): Promise<{ id: string }> {
  const { reassignments, ...wanted } = validate(approvalSchema, input)
  const request = await lockUndecided(tx, actor, wanted, 'approved')
  await reassign(tx, actor, request, reassignments ?? [])
  const { staffId, startsAt, endsAt } = request
  const block = await closeTime(tx, actor, { resourceId: staffId, staffId, kind: 'time_off', startsAt, endsAt })
  await markApproved(tx, actor, request, block.id)
  return { id: request.id }
}

async function reassign(tx: Tx, actor: ClinicActor, request: TimeOffRequest, wanted: readonly Reassignment[]): Promise<void> {
  if (wanted.length === 0) return
  if (!holds(actor, 'appointment:update')) throw new NotPermittedError('Moving visits needs the permission appointment:update.', 'reassign')
  const ids = wanted.map(({ appointmentId }) => appointmentId)
  if (new Set(ids).size < ids.length) throw invalid('reassignments', 'unique', 'must name each visit once')
  const visits = new Map((await findAppointmentsByIds(tx, actor, ids)).map((visit) => [visit.id, visit]))
  for (const move of wanted.toSorted((a, b) => (a.appointmentId < b.appointmentId ? -1 : 1))) {
    const { appointmentId: id, version, roomId } = move
    const visit = visits.get(id)
    if (!visit) throw new NotFoundError('Appointment')
    const { staffId, startsAt } = assertLeaves(request, visit, move)
    await moveAppointment(tx, actor, { id, version, staffId, startsAt, ...(roomId === undefined ? {} : { roomId }) })
  }
}

/** Where a visit goes. Throws InvalidInputError unless it lies in the time off now, and no longer there. */
function assertLeaves(request: TimeOffRequest, visit: Appointment, move: Reassignment): { staffId: string; startsAt: Date } {
  const away = { start: request.startsAt, end: request.endsAt }
  if (visit.staffId !== request.staffId || !overlaps(away, { start: visit.startsAt, end: visit.endsAt }))
    throw invalid('reassignments', 'not_affected', 'must name visits of the person within the time off')
  const [staffId, startsAt] = [move.staffId ?? visit.staffId, move.startsAt ?? visit.startsAt]
  const lengthMs = visit.endsAt.getTime() - visit.startsAt.getTime()
  if (staffId === request.staffId && overlaps(away, { start: startsAt, end: new Date(startsAt.getTime() + lengthMs) }))
    throw invalid('reassignments', 'still_affected', 'must take visits to somebody else, or out of the time off')
  return { staffId, startsAt }
}

/**
 * Withdraws time off and opens its time again. Visits that were moved when it was approved stay where they are: somebody has been told.
 * Throws like withdrawTimeOff.
 */
export async function cancelTimeOff(tx: Tx, actor: ClinicActor, input: { id: string; version: number }): Promise<{ id: string }> {
  const { id, blockId } = await withdrawTimeOff(tx, actor, input)
  if (blockId !== null) await openTime(tx, actor.organisationId, { id: blockId, kind: 'time_off' })
  return { id }
}
