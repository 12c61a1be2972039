import { z } from 'zod'
import type { TimeOffRequest } from '../../prisma/client/client.ts'
import { doOthersHold } from '../access/index.ts'
import { type ClinicActor, reachOf } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import {
  dayInterval,
  daysBetween,
  fromMinute,
  type Interval,
  instantAt,
  isLocalDate,
  type LocalDate,
  localDateOf,
  toDateColumn,
  toMinute,
} from '../kernel/time.ts'
import { decimal, line, text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { isEmployedOn } from './employment.ts'
import { OwnTimeOffError, TimeOffOverlapError } from './errors.ts'
import { findStaffByIds } from './queries.ts'
import { assertStaffInReach } from './reach.ts'
import { timeOffRequests } from './records.ts'
import { amountOf, type DaysOff } from './time-off-amount.ts'
import { toCountsAs } from './time-off-catalogue.ts'
import { findTimeOffTypesByIds, listWeeklyHours } from './time-off-queries.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const minute = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time such as 09:30')
  .transform(toMinute)
const LONGEST_DAYS = 366

const requestSchema = z.object({
  staffId: uuid.nullish(),
  typeId: uuid,
  firstDay: day,
  lastDay: day,
  start: minute.nullish(),
  end: minute.nullish(),
  reason: text(500).nullish(),
})
export type TimeOffWish = z.input<typeof requestSchema>

/** Days of a range on which the active clinic is closed. */
export type ListClosedDays = (firstDay: LocalDate, lastDay: LocalDate) => Promise<ReadonlySet<LocalDate>>

/**
 * Asks for time off: whole days of the active clinic's zone, or with `start` and `end` a part of one day. Whoever holds the right over
 * own records alone asks for themselves. What it takes from the balance is fixed now; a balance that does not suffice is the decider's affair.
 * @throws TimeOffOverlapError when some of it is approved already, NotFoundError for a person or type out of reach, NotPermittedError
 * for somebody else's time off, InvalidInputError for days in the wrong order or without employment
 */
export async function requestTimeOff(tx: Tx, actor: ClinicActor, input: TimeOffWish, listClosedDays: ListClosedDays): Promise<{ id: string }> {
  const wish = validate(requestSchema, input)
  const staffId = personOf(actor, wish.staffId ?? null)
  if (staffId !== actor.staffId) await assertStaffInReach(tx, actor, 'time-off:request', staffId)
  const off = daysOf(wish)
  const [[person], [type], hours, closedDays] = await Promise.all([
    findStaffByIds(tx, actor, [staffId]),
    findTimeOffTypesByIds(tx, actor, [wish.typeId]),
    listWeeklyHours(tx, staffId),
    listClosedDays(off.firstDay, off.lastDay),
  ])
  if (!person) throw new NotFoundError('StaffProfile')
  if (!type || type.archivedAt !== null) throw new NotFoundError('TimeOffType')
  for (const path of ['firstDay', 'lastDay'] as const)
    if (!isEmployedOn(person, off[path])) throw invalid(path, 'not_employed', 'must be a day on which the person is employed')
  const { start, end } = intervalOf(off, actor.clinic.timeZone)
  await assertNotOff(tx, actor, staffId, { start, end })
  const data = {
    staffId,
    typeId: type.id,
    firstDay: toDateColumn(off.firstDay),
    lastDay: toDateColumn(off.lastDay),
    startMinute: off.part?.start ?? null,
    endMinute: off.part?.end ?? null,
    startsAt: start,
    endsAt: end,
    amount: amountOf(off, hours, closedDays, toCountsAs(type.countsAs)),
    reason: wish.reason ?? null,
    requestedById: actor.kind === 'user' ? actor.userId : null,
  }
  const { id } = await tx.prisma.timeOffRequest.create({
    data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...data },
    select: { id: true },
  })
  tx.changes('TimeOffRequest', [id], ['clinicId', 'status', ...Object.keys(data)])
  return { id }
}

function personOf(actor: ClinicActor, wanted: string | null): string {
  const staffId = wanted ?? actor.staffId
  if (staffId === null) throw new NotFoundError('StaffProfile')
  if (reachOf(actor, 'time-off:request') !== 'all' && staffId !== actor.staffId)
    throw new NotPermittedError('You ask for your own time off alone.', 'own_time_off')
  return staffId
}

function daysOf({ firstDay, lastDay, start, end }: z.output<typeof requestSchema>): DaysOff {
  if (lastDay < firstDay) throw invalid('lastDay', 'ordered', 'must not be before firstDay')
  if (daysBetween(firstDay, lastDay) >= LONGEST_DAYS) throw invalid('lastDay', 'too_big', `must be within ${LONGEST_DAYS} days`)
  if (start == null && end == null) return { firstDay, lastDay, part: null }
  if (start == null || end == null || start >= end) throw invalid('end', 'ordered', 'a part of a day has a start and a later end')
  if (firstDay !== lastDay) throw invalid('lastDay', 'ordered', 'a part of a day ends on the day on which it begins')
  return { firstDay, lastDay, part: { start, end } }
}

function intervalOf({ firstDay, lastDay, part }: DaysOff, timeZone: string): Interval {
  if (part === null) return { start: dayInterval(firstDay, timeZone).start, end: dayInterval(lastDay, timeZone).end }
  const [start, end] = [part.start, part.end].map((at) => instantAt(firstDay, at, timeZone).instant)
  if (!start || !end || start >= end) throw invalid('start', 'clock_change', `${fromMinute(part.start)} to ${fromMinute(part.end)} does not exist on that day`)
  return { start, end }
}

async function assertNotOff(tx: Tx, actor: ClinicActor, staffId: string, { start, end }: Interval): Promise<void> {
  const found = await tx.prisma.timeOffRequest.findFirst({
    where: { organisationId: actor.organisationId, staffId, status: 'approved', startsAt: { lt: end }, endsAt: { gt: start } },
    select: { id: true },
  })
  if (found) throw new TimeOffOverlapError(staffId)
}

/** A request at the active clinic, or one's own, locked until the transaction ends. Throws NotFoundError and StaleVersionError. */
async function lockTimeOff(tx: Tx, actor: ClinicActor, { id, version }: { id: string; version: number }, isOwn: boolean): Promise<TimeOffRequest> {
  const rows = await tx.query<{ request: TimeOffRequest }>({
    name: 'lock_time_off',
    text: `SELECT row_to_json(found) AS request FROM (SELECT ${timeOffRequests.columns('r')} FROM time_off_request r
      WHERE r.organisation_id = $1::uuid AND r.id = $2::uuid AND ((r.clinic_id = $3::uuid AND NOT $5::boolean) OR r.staff_id = $4::uuid) FOR NO KEY UPDATE OF r) AS found`,
    values: [actor.organisationId, id, actor.clinic.id, actor.staffId, isOwn],
  })
  const [row] = timeOffRequests.take(
    tx,
    rows.map(({ request }) => request),
  )
  if (!row) throw new NotFoundError('TimeOffRequest')
  if (row.version !== version) throw new StaleVersionError('TimeOffRequest', row.version)
  return row
}

const decided = { id: uuid, version: z.int() }

/**
 * A request of the active clinic that the actor is about to decide, locked. Throws WrongStateError once it is decided or cancelled, and
 * OwnTimeOffError for one's own, unless nobody else may decide it.
 */
export async function lockUndecided(tx: Tx, actor: ClinicActor, input: { id: string; version: number }, to: 'approved' | 'refused'): Promise<TimeOffRequest> {
  const request = await lockTimeOff(tx, actor, validate(z.object(decided), input), false)
  if (request.clinicId !== actor.clinic.id) throw new NotFoundError('TimeOffRequest')
  if (request.status !== 'requested') throw new WrongStateError('TimeOffRequest', request.status, to)
  const today = localDateOf(tx.clock.now(), actor.clinic.timeZone)
  if (actor.kind === 'user' && request.staffId === actor.staffId && (await doOthersHold(tx, actor, 'time-off:approve', today))) throw new OwnTimeOffError()
  return request
}

/**
 * Notes that a locked request is approved, and the closed time that stands for it. Throws TimeOffOverlapError when the person has
 * approved time off within it.
 */
export async function markApproved(tx: Tx, actor: ClinicActor, request: TimeOffRequest, blockId: string): Promise<void> {
  try {
    await write(tx, actor, request.id, { ...decision(tx, actor), status: 'approved', blockId })
  } catch (error) {
    if (violation(error)?.constraint === 'time_off_request_no_overlap') throw new TimeOffOverlapError(request.staffId)
    throw error
  }
}

const refusalSchema = z.object({ ...decided, reason: text(500) })
export type TimeOffRefusal = z.input<typeof refusalSchema>

/** Refuses a request, with a reason. Nothing else changes: it never closed any time. Throws like lockUndecided. */
export async function refuseTimeOff(tx: Tx, actor: ClinicActor, input: TimeOffRefusal): Promise<{ id: string }> {
  const { reason, ...wanted } = validate(refusalSchema, input)
  const { id } = await lockUndecided(tx, actor, wanted, 'refused')
  await write(tx, actor, id, { ...decision(tx, actor), status: 'refused', decisionReason: reason })
  tx.because(reason)
  return { id }
}

/**
 * Withdraws a request, or approved time off that has not begun: one's own, or any of the active clinic with the right over all.
 * @returns the closed time that stood for it, which the caller opens again; null when there was none
 * @throws WrongStateError for one that is refused, cancelled or has begun
 */
export async function withdrawTimeOff(tx: Tx, actor: ClinicActor, input: { id: string; version: number }): Promise<{ id: string; blockId: string | null }> {
  const request = await lockTimeOff(tx, actor, validate(z.object(decided), input), reachOf(actor, 'time-off:request') !== 'all')
  const now = tx.clock.now()
  const hasBegun = request.status === 'approved' && request.startsAt <= now
  if (hasBegun || (request.status !== 'requested' && request.status !== 'approved'))
    throw new WrongStateError('TimeOffRequest', hasBegun ? 'begun' : request.status, 'cancelled')
  await write(tx, actor, request.id, { status: 'cancelled', cancelledAt: now, blockId: null })
  return { id: request.id, blockId: request.blockId }
}

type Write = Partial<Pick<TimeOffRequest, 'status' | 'decidedById' | 'decidedAt' | 'decisionReason' | 'cancelledAt' | 'blockId'>>

async function write(tx: Tx, actor: ClinicActor, id: string, data: Write): Promise<void> {
  await tx.prisma.timeOffRequest.updateMany({ where: { organisationId: actor.organisationId, id }, data: { ...data, version: { increment: 1 } } })
  tx.changes('TimeOffRequest', [id], Object.keys(data))
}

function decision(tx: Tx, actor: ClinicActor): Pick<TimeOffRequest, 'decidedById' | 'decidedAt'> {
  return { decidedById: actor.kind === 'user' ? actor.userId : null, decidedAt: tx.clock.now() }
}

const grantSchema = z.object({
  staffId: uuid,
  typeId: uuid,
  year: z.int().min(1970).max(2199),
  /** In the unit of the type; below zero takes away. */
  amount: decimal.refine((value) => /^-?\d{1,4}(\.\d{1,2})?$/.test(value) && Number(value) !== 0, 'must be a number other than 0 with at most 2 decimals'),
  reason: line(300),
})
export type TimeOffAdjustment = z.input<typeof grantSchema>

/** Adds to what a person gets of a type in a year, or takes from it, for good: a mistake is mended by another one. Nobody adjusts their own. */
export async function adjustTimeOff(tx: Tx, actor: ClinicActor, input: TimeOffAdjustment): Promise<{ id: string }> {
  const data = validate(grantSchema, input)
  if (actor.kind === 'user' && data.staffId === actor.staffId) throw new OwnTimeOffError()
  await assertStaffInReach(tx, actor, 'time-off:approve', data.staffId)
  const grantedById = actor.kind === 'user' ? actor.userId : null
  try {
    const { id } = await tx.prisma.timeOffGrant.create({ data: { organisationId: actor.organisationId, grantedById, ...data }, select: { id: true } })
    tx.changes('TimeOffGrant', [id], ['grantedById', ...Object.keys(data)])
    tx.because(data.reason)
    return { id }
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23503') throw new NotFoundError(refused.constraint?.includes('staff') ? 'StaffProfile' : 'TimeOffType')
    throw error
  }
}
