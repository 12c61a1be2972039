import type { CoverageNeed, Roster, RosterShift, StaffProfile, WorkRule } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { jsonRows } from '../kernel/records.ts'
import { addDays, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { type Coverage, coverWeek, presenceIn, without } from './coverage.ts'
import { isEmployedOn } from './employment.ts'
import { coverageNeeds, rosterShifts, rosters, staffProfiles, workRules } from './records.ts'
import { type AbsenceRow, type ClosureRow, takeAbsences, takeClosures } from './roster-absences.ts'
import { inForce, type WorkRuleInForce } from './roster-queries.ts'
import { NO_WORK, type RosteredHours, type ScheduleHours, type WorkPlan } from './shifts.ts'
import { isPublished, takeWorkPlans, type WorkPlanRow, weeklyColumns } from './work-plans.ts'
import { findWarnings, type Stint, stintsOf, type WorkWarning } from './work-rules.ts'

/** Days before the week that count for rest and for days in a row: as many as a rule may name. */
const LOOK_BACK_DAYS = 15

export type PersonWarning = WorkWarning & { readonly staffId: string }
export type RosterWeek = {
  readonly weekStart: LocalDate
  /** Null while nobody has planned the week, or for somebody who may not see its draft. */
  readonly roster: Roster | null
  readonly shifts: readonly RosterShift[]
  readonly coverage: readonly Coverage<CoverageNeed>[]
  readonly rule: WorkRuleInForce
  readonly warnings: readonly PersonWarning[]
  /** People who work at the clinic, by weekly hours or by shifts. */
  readonly staff: readonly StaffProfile[]
}

type Elsewhere = { readonly id: string; readonly clinicId: string; readonly timeZone: string; readonly staffId: string }
type WeekRow = Omit<WorkPlanRow, 'shifts'> & {
  readonly roster: readonly Roster[]
  readonly rosterShifts: readonly RosterShift[]
  readonly needs: readonly CoverageNeed[]
  readonly rules: readonly WorkRule[]
  readonly staff: readonly StaffProfile[]
  readonly absences: readonly AbsenceRow[]
  readonly closures: readonly ClosureRow[]
  readonly hoursElsewhere: readonly (Elsewhere &
    Omit<ScheduleHours, 'validFrom' | 'validUntil'> & { readonly validFrom: string; readonly validUntil: string | null })[]
  readonly shiftsElsewhere: readonly (Elsewhere & Omit<RosteredHours, 'workDate'> & { readonly workDate: string })[]
}

/**
 * A week's roster at the active clinic, in one statement: its shifts, whether needs are met, and what people's work breaks. A
 * draft is seen by whoever manages schedules, as if it counted already; others see what is published, and warnings about
 * themselves. Work at other clinics counts for warnings, and is told to nobody. Whoever is off covers nothing.
 * @param weekStart a Monday
 */
export async function getRosterWeek(db: Db, actor: ClinicActor, weekStart: LocalDate): Promise<RosterWeek> {
  const mayPlan = holds(actor, 'schedule:manage')
  const [row] = await db.query<WeekRow>({
    name: 'roster_week',
    text: ROSTER_WEEK,
    values: [actor.organisationId, actor.clinic.id, weekStart, mayPlan, actor.staffId],
  })
  if (!row) throw new Error('a week has one row')
  const [roster = null] = rosters.take(db, row.roster)
  const shifts = rosterShifts.take(db, row.rosterShifts)
  const planned = shifts.filter(({ status }) => status === 'planned')
  const weekly = takeWorkPlans(db, { ...row, shifts: [] })
  const byStaff = Map.groupBy(planned, ({ staffId }) => staffId)
  const staff = staffProfiles.take(db, row.staff)
  const plans = new Map(staff.map(({ id }): [string, WorkPlan] => [id, { schedules: weekly.get(id)?.schedules ?? [], shifts: byStaff.get(id) ?? [] }]))
  const { timeZone } = actor.clinic
  const away = Map.groupBy(takeAbsences(db, row.absences), ({ staffId }) => staffId)
  const present = staff.flatMap((person) =>
    presenceIn(plans.get(person.id) ?? NO_WORK, person.position, addDays(weekStart, -1), 8, timeZone)
      .filter(({ start }) => isEmployedOn(person, localDateOf(start, timeZone)))
      .flatMap((presence) => without(presence, away.get(person.id) ?? [])),
  )
  const rule = inForce(workRules.take(db, row.rules), actor, weekStart)
  const elsewhere = takeElsewhere(db, row)
  const from = addDays(weekStart, -LOOK_BACK_DAYS)
  const until = addDays(weekStart, 7)
  const warned = staff.filter(({ id }) => mayPlan || id === actor.staffId)
  return {
    weekStart,
    roster,
    shifts: shifts.filter((shift) => shift.weekStart.getTime() === toDateColumn(weekStart).getTime()),
    coverage: coverWeek(coverageNeeds.take(db, row.needs), present, weekStart, timeZone, takeClosures(db, row.closures)),
    rule,
    warnings: warned.flatMap(({ id }) => {
      const work: Stint[] = [
        ...stintsOf(plans.get(id) ?? NO_WORK, from, until, timeZone),
        ...(elsewhere.get(id) ?? []).flatMap((other) => stintsOf(other.plan, from, until, other.timeZone)),
      ]
      return findWarnings(work, rule, weekStart).map((warning) => ({ ...warning, staffId: id }))
    }),
    staff,
  }
}

type PlanElsewhere = { readonly timeZone: string; readonly plan: WorkPlan }

function takeElsewhere(db: Db, { hoursElsewhere, shiftsElsewhere }: WeekRow): ReadonlyMap<string, readonly PlanElsewhere[]> {
  db.reads(
    'WeeklySchedule',
    hoursElsewhere.map(({ id }) => id),
    ['clinicId', 'endMinute', 'staffId', 'startMinute', 'validFrom', 'validUntil', 'weekday'],
  )
  db.reads(
    'RosterShift',
    shiftsElsewhere.map(({ id }) => id),
    ['breakEndMinute', 'breakStartMinute', 'clinicId', 'endMinute', 'staffId', 'startMinute', 'workDate'],
  )
  const rows = Map.groupBy([...hoursElsewhere, ...shiftsElsewhere], ({ staffId, clinicId }) => `${staffId} ${clinicId}`)
  const plans = [...rows.values()].flatMap(([first]) => {
    if (!first) return []
    const isSame = ({ staffId, clinicId }: Elsewhere) => staffId === first.staffId && clinicId === first.clinicId
    const schedules = hoursElsewhere
      .filter(isSame)
      .map((hours) => ({ ...hours, validFrom: toDateColumn(hours.validFrom), validUntil: hours.validUntil === null ? null : toDateColumn(hours.validUntil) }))
    const shifts = shiftsElsewhere.filter(isSame).map((shift) => ({ ...shift, workDate: toDateColumn(shift.workDate) }))
    return [{ staffId: first.staffId, timeZone: first.timeZone, plan: { schedules, shifts } }]
  })
  return Map.groupBy(plans, ({ staffId }) => staffId)
}

const SINCE = `($3::date - ${LOOK_BACK_DAYS})`
const UNTIL = '($3::date + 7)'

// The shifts are not those of a work plan: drafts are wanted as well, and what is cancelled in the week.
const ROSTER_WEEK = `WITH shift AS MATERIALIZED (
    SELECT s.* FROM roster_shift s WHERE s.organisation_id = $1::uuid AND s.clinic_id = $2::uuid AND s.work_date >= ${SINCE} AND s.work_date < ${UNTIL}
      AND (s.status = 'planned' OR s.week_start = $3::date)
      AND ($4::boolean OR EXISTS (SELECT FROM roster p WHERE p.clinic_id = s.clinic_id AND p.week_start = s.week_start AND p.status = 'published'))
  ), person AS MATERIALIZED (
    SELECT s.* FROM staff_profile s WHERE s.organisation_id = $1::uuid AND (s.id IN (SELECT staff_id FROM shift) OR (s.is_active AND EXISTS (SELECT FROM weekly_schedule h
      WHERE h.organisation_id = $1::uuid AND h.clinic_id = $2::uuid AND h.staff_id = s.id AND h.valid_from < ${UNTIL} AND (h.valid_until IS NULL OR h.valid_until > $3::date))))
  ), warned AS MATERIALIZED (SELECT array_agg(id) AS ids FROM person WHERE $4::boolean OR id = $5::uuid)
  SELECT ${jsonRows(`SELECT ${rosters.columns('r')} FROM roster r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.week_start = $3::date
      AND ($4::boolean OR r.status = 'published')`)} AS roster,
    ${jsonRows(`SELECT ${rosterShifts.columns('s')} FROM shift s ORDER BY s.starts_at, s.position, s.id`)} AS "rosterShifts",
    ${jsonRows(`SELECT ${staffProfiles.columns('s')} FROM person s ORDER BY s.name, s.id`)} AS staff,
    ${jsonRows(`SELECT ${coverageNeeds.columns('n')} FROM coverage_need n WHERE n.organisation_id = $1::uuid AND n.clinic_id = $2::uuid AND n.valid_from < ${UNTIL}
      AND (n.valid_until IS NULL OR n.valid_until > $3::date) ORDER BY n.start_minute, n.position, n.id`)} AS needs,
    ${jsonRows(`SELECT ${workRules.columns('k')} FROM work_rule k WHERE k.organisation_id = $1::uuid AND k.clinic_id = $2::uuid`)} AS rules,
    ${jsonRows(`SELECT r.id, r.staff_id AS "staffId", r.starts_at AS "startsAt", r.ends_at AS "endsAt" FROM person JOIN time_off_request r ON r.staff_id = person.id
      WHERE r.organisation_id = $1::uuid AND r.status = 'approved' AND r.last_day >= $3::date - 1 AND r.first_day <= ${UNTIL} ORDER BY r.starts_at, r.id`)} AS absences,
    ${jsonRows(`SELECT b.id, b.starts_at AS "startsAt", b.ends_at AS "endsAt" FROM resource_block b WHERE b.organisation_id = $1::uuid AND b.clinic_id = $2::uuid
      AND b.resource_id = $2::uuid AND b.kind = 'closure' AND b.ends_at > $3::date - 1 AND b.starts_at < ${UNTIL} + 1 ORDER BY b.starts_at, b.id`)} AS closures,
    ${jsonRows(`SELECT e.id, e.clinic_id AS "clinicId", e.time_zone AS "timeZone", e.staff_id AS "staffId", e.weekday, e.start_minute AS "startMinute", e.end_minute AS "endMinute",
      e.valid_from AS "validFrom", e.valid_until AS "validUntil", e.breaks FROM warned, hours_elsewhere(warned.ids, $2::uuid, ${SINCE}, ${UNTIL}) e`)} AS "hoursElsewhere",
    ${jsonRows(`SELECT d.id, d.clinic_id AS "clinicId", c.time_zone AS "timeZone", d.staff_id AS "staffId", d.work_date AS "workDate", d.start_minute AS "startMinute",
      d.end_minute AS "endMinute", d.break_start_minute AS "breakStartMinute", d.break_end_minute AS "breakEndMinute"
      FROM warned JOIN roster_shift d ON d.staff_id = ANY (warned.ids) JOIN clinic c ON c.organisation_id = d.organisation_id AND c.id = d.clinic_id
      WHERE d.organisation_id = $1::uuid AND d.clinic_id <> $2::uuid AND d.work_date >= ${SINCE} AND d.work_date < ${UNTIL} AND ${isPublished('d')}`)} AS "shiftsElsewhere",
    ${weeklyColumns({ people: 'SELECT id FROM person', since: SINCE, until: UNTIL })}`
