import { z } from 'zod'
import type { RosterShift } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { addDays, daysBetween, fromDateColumn, type LocalDate, overlaps, toDateColumn, weekdayOf } from '../kernel/time.ts'
import { validate } from '../kernel/validate.ts'
import { isEmployedOn } from './employment.ts'
import { day, uuid } from './inputs.ts'
import { openRoster } from './open-roster.ts'
import { findStaffByIds } from './queries.ts'
import { rosterShifts } from './records.ts'
import { insertShifts, type NewShift } from './roster-shifts.ts'
import { mondayOf, shiftInterval } from './shift-times.ts'

const monday = day.refine((date) => weekdayOf(date) === 1, 'must be a Monday')

const publishSchema = z.object({ id: uuid, version: z.int() })
export type Publication = z.input<typeof publishSchema>

/**
 * Publishes a roster: from now on its shifts take the place of weekly hours on their days, and people can claim and swap
 * them. It stays published; what changes afterwards is announced like any change.
 */
export async function publishRoster(tx: Tx, actor: ClinicActor, input: Publication): Promise<{ id: string }> {
  const { id, version } = validate(publishSchema, input)
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id }
  const published = await tx.prisma.roster.updateMany({
    where: { ...mine, version, status: 'draft' },
    data: { status: 'published', publishedAt: tx.clock.now(), publishedById: actor.kind === 'user' ? actor.userId : null, version: { increment: 1 } },
  })
  if (published.count === 0) {
    const current = await tx.prisma.roster.findFirst({ where: mine, select: { version: true, status: true } })
    if (!current) throw new NotFoundError('Roster')
    throw current.version === version ? new WrongStateError('Roster', current.status, 'published') : new StaleVersionError('Roster', current.version)
  }
  tx.changes('Roster', [id], ['publishedAt', 'publishedById', 'status'])
  return { id }
}

const templateSchema = z.object({ templateId: uuid, dates: z.array(day).min(1).max(7) })
export type TemplateDays = z.input<typeof templateSchema>

/** Fills days of one week with open shifts of a kind, up to its capacity: asking twice plans nothing twice. */
export async function planTemplate(tx: Tx, actor: ClinicActor, input: TemplateDays): Promise<{ id: string }> {
  const { templateId, dates } = validate(templateSchema, input)
  const weekStart = mondayOf(dates[0] ?? '')
  if (dates.some((date) => mondayOf(date) !== weekStart)) throw invalid('dates', 'week', 'must lie in one week')
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const template = await tx.prisma.shiftTemplate.findFirst({ where: { ...mine, id: templateId, archivedAt: null } })
  if (!template) throw new NotFoundError('ShiftTemplate')
  const { id } = await openRoster(tx, actor, weekStart)
  const planned = await tx.prisma.rosterShift.findMany({
    where: { ...mine, templateId, status: 'planned', workDate: { in: dates.map(toDateColumn) } },
    select: { workDate: true },
  })
  const missing = [...new Set(dates)].flatMap((date) => {
    const count = template.capacity - planned.filter(({ workDate }) => fromDateColumn(workDate) === date).length
    return Array.from(
      { length: Math.max(0, count) },
      (): NewShift => ({ ...minutesOf(template), date, templateId, position: template.position, staffId: null, note: null }),
    )
  })
  await insertShifts(tx, actor, missing)
  return { id }
}

const copySchema = z.object({ fromWeek: monday, toWeek: monday })
export type RosterCopy = z.input<typeof copySchema>

/**
 * Copies the shifts of a week into another one that has none yet, by the wall clock. A shift of somebody who does not work
 * here any more, or who is on another shift then, comes as an open one.
 * @throws AlreadyExistsError when the other week has shifts, NotFoundError when there is nothing to copy
 */
export async function copyRoster(tx: Tx, actor: ClinicActor, input: RosterCopy): Promise<{ id: string }> {
  const { fromWeek, toWeek } = validate(copySchema, input)
  const shiftsOfWeek = (weekStart: LocalDate) => ({
    organisationId: actor.organisationId,
    clinicId: actor.clinic.id,
    weekStart: toDateColumn(weekStart),
    status: 'planned',
  })
  const { id } = await openRoster(tx, actor, toWeek)
  if ((await tx.prisma.rosterShift.count({ where: shiftsOfWeek(toWeek) })) > 0) throw new AlreadyExistsError('Roster', 'weekStart')
  const source = rosterShifts.take(tx, await tx.prisma.rosterShift.findMany({ where: shiftsOfWeek(fromWeek), orderBy: [{ startsAt: 'asc' }, { id: 'asc' }] }))
  if (source.length === 0) throw new NotFoundError('Roster')
  const canWork = await listAvailable(tx, actor, source, toWeek)
  const copies = source.map((shift): NewShift => {
    const date = addDays(fromDateColumn(shift.workDate), daysBetween(fromWeek, toWeek))
    const copy = { ...minutesOf(shift), date, templateId: shift.templateId, position: shift.position, note: shift.note }
    return { ...copy, staffId: shift.staffId !== null && canWork(shift.staffId, copy) ? shift.staffId : null }
  })
  await insertShifts(tx, actor, copies)
  return { id }
}

/** Who of those on some shifts can take a shift of another week: employed then, and on no shift anywhere at that time. */
async function listAvailable(
  tx: Tx,
  actor: ClinicActor,
  source: readonly RosterShift[],
  toWeek: LocalDate,
): Promise<(staffId: string, shift: Omit<NewShift, 'staffId'>) => boolean> {
  const staffIds = [...new Set(source.flatMap(({ staffId }) => staffId ?? []))]
  const people = new Map((await findStaffByIds(tx, actor, staffIds)).map((person) => [person.id, person]))
  const busy = await tx.prisma.rosterShift.findMany({
    where: {
      organisationId: actor.organisationId,
      staffId: { in: staffIds },
      status: 'planned',
      workDate: { gte: toDateColumn(addDays(toWeek, -2)), lte: toDateColumn(addDays(toWeek, 8)) },
    },
    select: { id: true, staffId: true, startsAt: true, endsAt: true },
  })
  tx.reads(
    'RosterShift',
    busy.map(({ id }) => id),
    ['endsAt', 'staffId', 'startsAt'],
  )
  return (staffId, shift) => {
    const person = people.get(staffId)
    const interval = shiftInterval(shift.date, shift, actor.clinic.timeZone)
    return (
      person !== undefined &&
      isEmployedOn(person, shift.date) &&
      !busy.some((other) => other.staffId === staffId && overlaps({ start: other.startsAt, end: other.endsAt }, interval))
    )
  }
}

function minutesOf({
  startMinute,
  endMinute,
  breakStartMinute,
  breakEndMinute,
}: Pick<RosterShift, 'startMinute' | 'endMinute' | 'breakStartMinute' | 'breakEndMinute'>) {
  return { startMinute, endMinute, breakStartMinute, breakEndMinute }
}
