import { z } from 'zod'
import type { RosterShift, StaffProfile } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { fromDateColumn, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { fieldsOf, kept, text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { isEmployedOn } from './employment.ts'
import { NotQualifiedError, ShiftOverlapError } from './errors.ts'
import { day, minute, position, uuid } from './inputs.ts'
import { openRoster } from './open-roster.ts'
import { findStaffByIds } from './queries.ts'
import { rosterShifts } from './records.ts'
import { mondayOf, type ShiftMinutes, shiftInterval, toShiftMinutes } from './shift-times.ts'

/** A shift before it has its instants. */
export type NewShift = ShiftMinutes & {
  readonly date: LocalDate
  readonly templateId: string | null
  readonly position: string
  /** Null: open. */
  readonly staffId: string | null
  readonly note: string | null
}

const FIELDS = [
  'breakEndMinute',
  'breakStartMinute',
  'clinicId',
  'endMinute',
  'endsAt',
  'note',
  'position',
  'staffId',
  'startMinute',
  'startsAt',
  'templateId',
  'workDate',
] as const

/** Writes shifts into rosters that are open already, in their order. Throws ShiftOverlapError. */
export async function insertShifts(tx: Tx, actor: ClinicActor, shifts: readonly NewShift[]): Promise<string[]> {
  if (shifts.length === 0) return []
  const data = shifts.map(({ date, ...shift }) => {
    const { start, end } = shiftInterval(date, shift, actor.clinic.timeZone)
    const dated = { weekStart: toDateColumn(mondayOf(date)), workDate: toDateColumn(date), startsAt: start, endsAt: end }
    return { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...shift, ...dated }
  })
  const only = new Set(shifts.map(({ staffId }) => staffId))
  const rows = await withoutOverlap(only.size === 1 ? (shifts[0]?.staffId ?? null) : null, () =>
    tx.prisma.rosterShift.createManyAndReturn({ data, select: { id: true } }),
  )
  const ids = rows.map(({ id }) => id)
  tx.changes('RosterShift', ids, FIELDS)
  return ids
}

/** Runs a write that gives people shifts and turns the exclusion constraint's refusal into a typed error. */
export async function withoutOverlap<T>(staffId: string | null, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (violation(error)?.constraint === 'roster_shift_no_overlap') throw new ShiftOverlapError(staffId)
    throw error
  }
}

const times = { start: minute, end: minute, breakStart: minute.nullish(), breakEnd: minute.nullish() }
const planSchema = z.object({
  date: day,
  templateId: uuid.nullish(),
  start: kept(times.start),
  end: kept(times.end),
  breakStart: times.breakStart,
  breakEnd: times.breakEnd,
  position: kept(position),
  staffId: uuid.nullish(),
  note: text(300).nullish(),
})
export type PlannedShift = z.input<typeof planSchema>

/**
 * Plans one shift at the active clinic, of somebody or open; what is left out comes from the template. A draft of the week
 * is opened when there is none. Throws ShiftOverlapError, NotQualifiedError for somebody who is not employed that day.
 */
export async function planShift(tx: Tx, actor: ClinicActor, input: PlannedShift): Promise<{ id: string }> {
  const { date, templateId = null, staffId = null, note = null, ...wanted } = validate(planSchema, input)
  const template = templateId === null ? null : await getTemplate(tx, actor, templateId)
  const start = wanted.start ?? template?.startMinute
  const end = wanted.end ?? (template === null ? undefined : template.endMinute % 1440)
  const needed = wanted.position ?? template?.position
  if (start === undefined || end === undefined) throw invalid('start', 'required', 'must be given, or come from a template')
  if (needed === undefined) throw invalid('position', 'required', 'must be given, or come from a template')
  const isAsTemplate = template !== null && wanted.start === undefined && wanted.end === undefined && wanted.breakStart === undefined
  const minutes = isAsTemplate ? toMinutesOf(template) : toShiftMinutes({ start, end, breakStart: wanted.breakStart, breakEnd: wanted.breakEnd })
  if (staffId !== null) await getEmployed(tx, actor, staffId, date)
  await openRoster(tx, actor, mondayOf(date))
  const [id = ''] = await insertShifts(tx, actor, [{ ...minutes, date, templateId, position: needed, staffId, note }])
  return { id }
}

async function getTemplate(tx: Tx, actor: ClinicActor, id: string) {
  const template = await tx.prisma.shiftTemplate.findFirst({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id, archivedAt: null } })
  if (!template) throw new NotFoundError('ShiftTemplate')
  return template
}

/** A person of the organisation who is employed on a day. Throws NotFoundError, NotQualifiedError. */
async function getEmployed(tx: Tx, actor: ClinicActor, staffId: string, date: LocalDate): Promise<StaffProfile> {
  const [person] = await findStaffByIds(tx, actor, [staffId])
  if (!person) throw new NotFoundError('StaffProfile')
  if (!isEmployedOn(person, date)) throw new NotQualifiedError(staffId, 'employment')
  return person
}

/** The same, who also has the position that a shift needs. */
export async function getQualified(tx: Tx, actor: ClinicActor, staffId: string, shift: Pick<RosterShift, 'position' | 'workDate'>): Promise<StaffProfile> {
  const person = await getEmployed(tx, actor, staffId, fromDateColumn(shift.workDate))
  if (person.position !== shift.position) throw new NotQualifiedError(staffId, 'position')
  return person
}

/** A shift of the active clinic, locked until the transaction ends. Throws NotFoundError. */
export async function lockShift(tx: Tx, actor: ClinicActor, id: string): Promise<RosterShift & { readonly isPublished: boolean }> {
  const [row] = await tx.query<{ shift: RosterShift; isPublished: boolean }>({
    name: 'lock_roster_shift',
    text: `SELECT row_to_json(found) AS shift, (SELECT r.status = 'published' FROM roster r WHERE r.clinic_id = $2::uuid AND r.week_start = found."weekStart") AS "isPublished"
      FROM (SELECT ${rosterShifts.columns('s')} FROM roster_shift s WHERE s.organisation_id = $1::uuid AND s.clinic_id = $2::uuid AND s.id = $3::uuid FOR NO KEY UPDATE) AS found`,
    values: [actor.organisationId, actor.clinic.id, id],
  })
  const [shift] = row ? rosterShifts.take(tx, [row.shift]) : []
  if (!row || !shift) throw new NotFoundError('RosterShift')
  return { ...shift, isPublished: row.isPublished }
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  date: kept(day),
  start: kept(times.start),
  end: kept(times.end),
  breakStart: times.breakStart,
  breakEnd: times.breakEnd,
  position: kept(position),
  staffId: uuid.nullish(),
  note: text(300).nullish(),
})
export type ShiftChange = z.input<typeof changeSchema>

/**
 * Changes a shift, published or not: what is left out stays, null opens the shift or takes its break away. It stays in its
 * week. A swap that was asked for falls away when the shift gets another person. Throws like planShift.
 */
export async function changeShift(tx: Tx, actor: ClinicActor, input: ShiftChange): Promise<{ id: string }> {
  const { id, version, date: wantedDate, start, end, breakStart, breakEnd, ...data } = validate(changeSchema, input)
  const current = await lockShift(tx, actor, id)
  assertCurrent(current, version, 'changed')
  const date = wantedDate ?? fromDateColumn(current.workDate)
  if (mondayOf(date) !== fromDateColumn(current.weekStart)) throw invalid('date', 'week', 'must stay in the week of its roster')
  const minutes = toShiftMinutes({
    start: start ?? current.startMinute,
    end: end ?? current.endMinute % 1440,
    breakStart: breakStart === undefined ? wrapped(current.breakStartMinute) : breakStart,
    breakEnd: breakEnd === undefined ? wrapped(current.breakEndMinute) : breakEnd,
  })
  const interval = shiftInterval(date, minutes, actor.clinic.timeZone)
  const staffId = data.staffId === undefined ? current.staffId : data.staffId
  if (staffId !== null) await getEmployed(tx, actor, staffId, date)
  const written = { ...data, ...minutes, workDate: toDateColumn(date), startsAt: interval.start, endsAt: interval.end }
  await withoutOverlap(staffId, () => tx.prisma.rosterShift.update({ where: { id }, data: { ...written, version: { increment: 1 } }, select: { id: true } }))
  tx.changes('RosterShift', [id], fieldsOf(written))
  if (staffId !== current.staffId) await closeSwaps(tx, actor, [id], null)
  return { id }
}

const removeSchema = z.object({ id: uuid, version: z.int() })
export type ShiftRemoval = z.input<typeof removeSchema>

/** Takes a shift out of a draft; one that has been published is cancelled instead, so that whoever had it sees that. */
export async function removeShift(tx: Tx, actor: ClinicActor, input: ShiftRemoval): Promise<{ rosterWeek: string }> {
  const { id, version } = validate(removeSchema, input)
  const current = await lockShift(tx, actor, id)
  assertCurrent(current, version, 'cancelled')
  if (current.isPublished) {
    await tx.prisma.rosterShift.update({ where: { id }, data: { status: 'cancelled', version: { increment: 1 } }, select: { id: true } })
    await closeSwaps(tx, actor, [id], null)
  } else await tx.prisma.rosterShift.deleteMany({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id } })
  tx.changes('RosterShift', [id], [current.isPublished ? 'status' : 'deleted'])
  return { rosterWeek: fromDateColumn(current.weekStart) }
}

function assertCurrent(shift: RosterShift, version: number, to: string): void {
  if (shift.version !== version) throw new StaleVersionError('RosterShift', shift.version)
  if (shift.status !== 'planned') throw new WrongStateError('RosterShift', shift.status, to)
}

/** Withdraws what has been asked for shifts that change hands otherwise. @param except a swap that stays */
export async function closeSwaps(tx: Tx, actor: ClinicActor, shiftIds: readonly string[], except: string | null): Promise<void> {
  const closed = await tx.query<{ id: string }>({
    name: 'close_swaps',
    text: `UPDATE shift_swap SET status = 'withdrawn', version = version + 1, updated_at = $5::timestamptz WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid
      AND status IN ('asked', 'accepted') AND (shift_id = ANY ($3::uuid[]) OR counter_shift_id = ANY ($3::uuid[])) AND id IS DISTINCT FROM $4::uuid RETURNING id`,
    values: [actor.organisationId, actor.clinic.id, [...shiftIds], except, tx.clock.now().toISOString()],
  })
  tx.changes(
    'ShiftSwap',
    closed.map(({ id }) => id),
    ['status'],
  )
}

const wrapped = (minutes: number | null): number | null => (minutes === null ? null : minutes % 1440)

function toMinutesOf({ startMinute, endMinute, breakStartMinute, breakEndMinute }: ShiftMinutes): ShiftMinutes {
  return { startMinute, endMinute, breakStartMinute, breakEndMinute }
}
