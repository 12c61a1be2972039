import type { RosterShift, WeeklyBreak, WeeklySchedule } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Reader } from '../kernel/db.ts'
import { jsonRows } from '../kernel/records.ts'
import type { LocalDate } from '../kernel/time.ts'
import { rosterShifts, weeklyBreaks, weeklySchedules } from './records.ts'
import type { WorkPlan } from './shifts.ts'

/** What `workPlanColumns` answers. */
export type WorkPlanRow = {
  readonly schedules: readonly WeeklySchedule[]
  readonly breaks: readonly WeeklyBreak[]
  readonly shifts: readonly RosterShift[]
}

/** People's work at the active clinic on the days `[fromDate, untilDate)`, by person, in one statement. Drafts of rosters do not count. */
export async function listWorkPlans(
  db: Db,
  actor: ClinicActor,
  staffIds: readonly string[],
  fromDate: LocalDate,
  untilDate: LocalDate,
): Promise<ReadonlyMap<string, WorkPlan>> {
  const [row] = await db.query<WorkPlanRow>({
    name: 'list_work_plans',
    text: `SELECT ${workPlanColumns({ people: 'SELECT unnest($3::uuid[])', since: '$4::date', until: '$5::date' })}`,
    values: [actor.organisationId, actor.clinic.id, [...staffIds], fromDate, untilDate],
  })
  return row ? takeWorkPlans(db, row) : new Map()
}

/** Whose work on which days, for a statement in which $1 is the organisation and $2 the clinic. */
export type Wanted = {
  /** A query of ids of staff. */
  readonly people: string
  /** SQL of the first day, and of the day after the last. */
  readonly since: string
  readonly until: string
}

/** The same as columns of a statement of another module; `takeWorkPlans` takes them over. */
export function workPlanColumns(wanted: Wanted): string {
  const { people, since, until } = wanted
  return `${weeklyColumns(wanted)},
    ${jsonRows(`SELECT ${rosterShifts.columns('d')} FROM roster_shift d WHERE d.organisation_id = $1::uuid AND d.clinic_id = $2::uuid AND d.staff_id IN (${people})
      AND d.work_date >= ${since} - 1 AND d.work_date < ${until} AND ${isPublished('d')} ORDER BY d.starts_at, d.id`)} AS shifts`
}

/** Weekly hours and their breaks alone. */
export function weeklyColumns({ people, since, until }: Wanted): string {
  const counting = `w.valid_from < ${until} AND (w.valid_until IS NULL OR w.valid_until > ${since})`
  return `${jsonRows(`SELECT ${weeklySchedules.columns('w')} FROM weekly_schedule w WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid
      AND w.staff_id IN (${people}) AND ${counting} ORDER BY w.valid_from, w.weekday, w.start_minute`)} AS schedules,
    ${jsonRows(`SELECT ${weeklyBreaks.columns('b')} FROM weekly_break b JOIN weekly_schedule w ON w.clinic_id = b.clinic_id AND w.staff_id = b.staff_id AND w.id = b.schedule_id
      WHERE b.organisation_id = $1::uuid AND b.clinic_id = $2::uuid AND b.staff_id IN (${people}) AND ${counting} ORDER BY b.start_minute`)} AS breaks`
}

/**
 * One day's work of everybody at the active clinic, looked up once: the common table expressions `hours` (weekly hours in force, of any
 * weekday) and `shift` (published, of the day and of the night before it), for a statement in which $1 is the organisation and $2 the clinic.
 */
export function dayWork(date: string): string {
  return `hours AS MATERIALIZED (SELECT w.* FROM weekly_schedule w WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid
    AND w.valid_from <= ${date}::date AND (w.valid_until IS NULL OR w.valid_until > ${date}::date)
  ), shift AS MATERIALIZED (SELECT d.* FROM roster_shift d WHERE d.organisation_id = $1::uuid AND d.clinic_id = $2::uuid
    AND d.work_date BETWEEN ${date}::date - 1 AND ${date}::date AND (d.work_date = ${date}::date OR d.end_minute > 1440) AND ${isPublished('d')})`
}

/** SQL, beside `dayWork`, of whether somebody can be booked that day: employed, bookable, and with hours in force or a shift. */
export function bookableOn(alias: string, date: string): string {
  return `(${alias}.is_active AND ${alias}.is_bookable AND ${alias}.hired_on <= ${date}::date AND (${alias}.terminated_on IS NULL OR ${alias}.terminated_on >= ${date}::date)
    AND ${alias}.id IN (SELECT staff_id FROM hours UNION ALL SELECT staff_id FROM shift))`
}

/** What `workPlanColumns` answers, for the people of the common table expression `person` on the day of `dayWork`. */
export function dayWorkColumns(date: string): string {
  const here = `(SELECT id FROM person) AND w.weekday = extract(isodow FROM ${date}::date)::int`
  return `${jsonRows(`SELECT ${weeklySchedules.columns('w')} FROM hours w WHERE w.staff_id IN ${here} ORDER BY w.valid_from, w.start_minute`)} AS schedules,
    ${jsonRows(`SELECT ${weeklyBreaks.columns('b')} FROM hours w JOIN weekly_break b ON b.clinic_id = w.clinic_id AND b.staff_id = w.staff_id AND b.schedule_id = w.id
      WHERE b.organisation_id = $1::uuid AND b.clinic_id = $2::uuid AND w.staff_id IN ${here} ORDER BY b.start_minute`)} AS breaks,
    ${jsonRows(`SELECT ${rosterShifts.columns('d')} FROM shift d WHERE d.staff_id IN (SELECT id FROM person) ORDER BY d.starts_at, d.id`)} AS shifts`
}

/** SQL of whether a shift counts: it is on, and its roster has been published. */
export function isPublished(alias: string): string {
  return `(${alias}.status = 'planned' AND EXISTS (SELECT FROM roster p WHERE p.clinic_id = ${alias}.clinic_id AND p.week_start = ${alias}.week_start AND p.status = 'published'))`
}

/** Takes the columns over, reports them as read and answers a plan for each person who has one. */
export function takeWorkPlans(db: Reader, row: WorkPlanRow): Map<string, WorkPlan> {
  const breaks = Map.groupBy(weeklyBreaks.take(db, row.breaks), ({ scheduleId }) => scheduleId)
  const plans = new Map<string, { schedules: WorkPlan['schedules'][number][]; shifts: RosterShift[] }>()
  const planOf = (staffId: string) => {
    const known = plans.get(staffId) ?? { schedules: [], shifts: [] }
    plans.set(staffId, known)
    return known
  }
  for (const schedule of weeklySchedules.take(db, row.schedules))
    planOf(schedule.staffId).schedules.push({ ...schedule, breaks: breaks.get(schedule.id) ?? [] })
  for (const shift of rosterShifts.take(db, row.shifts)) if (shift.staffId !== null) planOf(shift.staffId).shifts.push(shift)
  return plans
}
