import type { Appointment, ResourceBlock } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { invalid } from '../kernel/errors.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'
import { addDays, dayInterval, daysBetween, type LocalDate } from '../kernel/time.ts'
import { NO_WORK, type Shift, shiftsOf, takeWorkPlans, type WorkPlanRow, workPlanColumns } from '../staff/index.ts'
import { VISIT_COORDINATES, withinReach } from './queries.ts'
import { appointments, resourceBlocks } from './records.ts'
import { type Related, type RelatedRow, relatedColumns, takeRelated } from './related.ts'

/** Six weeks: what a month shows with the days that complete its first and last week. */
export const MOST_RANGE_DAYS = 42

export type RangeWishes = { readonly from: LocalDate; readonly until: LocalDate; readonly staffId?: string | null; readonly roomId?: string | null }

export type ScheduleRange = {
  readonly from: LocalDate
  readonly until: LocalDate
  readonly appointments: readonly Appointment[]
  /** Of the clinic and of everybody who works here; narrowed to a person or a room, theirs and the closures. */
  readonly blocks: readonly ResourceBlock[]
  /** Hours of the person who was asked for. */
  readonly shifts: readonly Shift[]
  readonly related: Related
}

export type DayCount = { readonly date: LocalDate; readonly booked: number; readonly cancelled: number; readonly blocks: number }

type RangeRow = RelatedRow &
  Partial<WorkPlanRow> & {
    readonly appointments: readonly Appointment[]
    readonly blocks: readonly ResourceBlock[] | null
  }

/**
 * Visits of the active clinic that touch the practice days `from` to `until`, both included, in order of time, with what they refer to, and
 * the closed times; in one statement. A person or a room that is out of reach has none.
 * @throws InvalidInputError for days out of order, or more than 42
 */
export async function listScheduleRange(db: Db, actor: ClinicActor, wishes: RangeWishes, selects: Selects): Promise<ScheduleRange> {
  const { from, until } = wishes
  const dates = datesOf(from, until)
  const { timeZone } = actor.clinic
  const [start, end] = [dayInterval(from, timeZone).start, dayInterval(until, timeZone).end]
  const values = [actor.organisationId, actor.clinic.id, start.toISOString(), end.toISOString(), actor.sharePatients]
  const [row] = await db.query<RangeRow>({ ...SCHEDULE_RANGE(selects), values: [...values, wishes.staffId ?? null, wishes.roomId ?? null, from, until] })
  if (!row) throw new Error('a range has one row')
  const { schedules = [], breaks = [], shifts = [] } = row
  const plan = takeWorkPlans(db, { schedules, breaks, shifts }).get(wishes.staffId ?? '') ?? NO_WORK
  return {
    from,
    until,
    appointments: appointments.take(db, row.appointments),
    blocks: resourceBlocks.take(db, row.blocks),
    shifts: dates.flatMap((date) => shiftsOf(plan, date, timeZone)),
    related: takeRelated(db, row),
  }
}

/**
 * How many visits each practice day has from `from` to `until`, both included, and how many closed times touch it; in one statement.
 * Missed visits count as cancelled: their time is free.
 * @throws InvalidInputError for days out of order, or more than 42
 */
export async function countSchedule(db: Db, actor: ClinicActor, from: LocalDate, until: LocalDate): Promise<DayCount[]> {
  const dates = datesOf(from, until)
  const days = dates.map((date) => dayInterval(date, actor.clinic.timeZone))
  db.aggregates('scheduleCounts', { clinicId: actor.clinic.id, from, until })
  const starts = days.map(({ start }) => start.toISOString())
  const ends = days.map(({ end }) => end.toISOString())
  return await db.query<DayCount>({
    name: 'schedule_counts',
    text: SCHEDULE_COUNTS,
    values: [actor.organisationId, actor.clinic.id, starts[0], ends.at(-1), actor.sharePatients, dates, starts, ends],
  })
}

function datesOf(from: LocalDate, until: LocalDate): LocalDate[] {
  if (until < from) throw invalid('until', 'ordered', 'must not be before from')
  const count = daysBetween(from, until) + 1
  if (count > MOST_RANGE_DAYS) throw invalid('until', 'too_big', `must be less than ${MOST_RANGE_DAYS} days after from`)
  return Array.from({ length: count }, (_, index) => addDays(from, index))
}

// A visit lasts 24 hours at most (CHECK), so the index on the start bounds the search from below as well.
const VISITS_BETWEEN = `appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at > $3::timestamptz - interval '24 hours'
      AND a.starts_at < $4::timestamptz AND a.ends_at > $3::timestamptz AND ${withinReach('$5')}`

// Time off is noted at one clinic and concerns every clinic at which the person works.
const BLOCKS_BETWEEN = `resource_block b WHERE b.organisation_id = $1::uuid AND b.starts_at < $4::timestamptz AND b.ends_at > $3::timestamptz
      AND (b.clinic_id = $2::uuid OR b.staff_id IN (SELECT w.staff_id FROM weekly_schedule w WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid))`

// The days stand in a table of their own, so that their parameters have a type also where nobody's hours are asked for.
const SCHEDULE_RANGE = statementBy(
  'schedule_range',
  [...VISIT_COORDINATES, 'ScheduleRange.blocks', 'ScheduleRange.shifts'],
  (selects) => `WITH visit AS MATERIALIZED (
    SELECT a.* FROM ${VISITS_BETWEEN} AND ($6::uuid IS NULL OR a.staff_id = $6::uuid) AND ($7::uuid IS NULL OR a.room_id = $7::uuid)
  ), days AS (SELECT $8::date AS first, $9::date AS last)
  SELECT ${jsonRows(`SELECT ${appointments.columns('v', selects)} FROM visit v ORDER BY v.starts_at, v.id`)} AS appointments,
    ${jsonRowsIf(
      selects('ScheduleRange.blocks'),
      `SELECT ${resourceBlocks.columns('b')} FROM ${BLOCKS_BETWEEN} AND (($6::uuid IS NULL AND $7::uuid IS NULL) OR b.kind = 'closure' OR b.staff_id = $6::uuid OR b.room_id = $7::uuid)
      ORDER BY b.starts_at, b.id`,
    )} AS blocks,
    ${selects('ScheduleRange.shifts') ? `${workPlanColumns({ people: 'SELECT $6::uuid', since: '$8::date', until: '$9::date + 1' })},` : ''}
    ${relatedColumns(selects)}`,
)

// In order of time; a visit over midnight counts on both of its days, as both show it.
const SCHEDULE_COUNTS = `WITH visit AS MATERIALIZED (SELECT a.starts_at, a.ends_at, a.status FROM ${VISITS_BETWEEN}),
  block AS MATERIALIZED (SELECT b.starts_at, b.ends_at FROM ${BLOCKS_BETWEEN})
  SELECT to_char(d.date, 'YYYY-MM-DD') AS date,
    (SELECT count(*) FILTER (WHERE v.status NOT IN ('cancelled', 'no_show')) FROM visit v WHERE v.starts_at < d.until AND v.ends_at > d.since)::int AS booked,
    (SELECT count(*) FILTER (WHERE v.status IN ('cancelled', 'no_show')) FROM visit v WHERE v.starts_at < d.until AND v.ends_at > d.since)::int AS cancelled,
    (SELECT count(*) FROM block b WHERE b.starts_at < d.until AND b.ends_at > d.since)::int AS blocks
  FROM unnest($6::date[], $7::timestamptz[], $8::timestamptz[]) AS d(date, since, until) ORDER BY d.date`
