import type { StaffProfile, WeeklyBreak, WeeklySchedule } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { addDays, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { staffProfiles, weeklyBreaks, weeklySchedules } from './records.ts'

/** Staff of the organisation by id, in one statement; people who have left included, because records still name them. */
export async function findStaffByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<StaffProfile[]> {
  return staffProfiles.read(db, {
    name: 'find_staff_by_ids',
    text: `SELECT ${staffProfiles.columns('s')} FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.id = ANY ($2::uuid[])`,
    values: [actor.organisationId, [...ids]],
  })
}

/** The profiles of users, at most one of each. */
export async function listStaffByUsers(db: Db, actor: ClinicActor, userIds: readonly string[]): Promise<ReadonlyMap<string, StaffProfile[]>> {
  const rows = await db.prisma.staffProfile.findMany({ where: { organisationId: actor.organisationId, userId: { in: [...userIds] } } })
  return Map.groupBy(staffProfiles.take(db, rows), ({ userId }) => userId ?? '')
}

export type StaffFilter = {
  /** People who left, too. */
  readonly includeInactive: boolean
  /** Part of the name, the employee number or the department, accents and case ignored. */
  readonly query: string | null
  readonly today: LocalDate
}

/** A page of the organisation's staff by name. */
export async function listStaff(db: Db, actor: ClinicActor, filter: StaffFilter, page: { limit: number; offset: number }): Promise<StaffProfile[]> {
  return staffProfiles.read(db, {
    name: 'list_staff',
    text: `SELECT ${staffProfiles.columns('s')} FROM staff_profile s WHERE s.organisation_id = $1::uuid
      AND ($2::boolean OR (s.is_active AND (s.terminated_on IS NULL OR s.terminated_on >= $3::date)))
      AND ($4::text IS NULL OR strpos(search_key(concat_ws(E'\\n', s.name, s.employee_number, s.department)), search_key($4)) > 0)
      ORDER BY s.name, s.id LIMIT $5 OFFSET $6`,
    values: [actor.organisationId, filter.includeInactive, filter.today, filter.query, page.limit, page.offset],
  })
}

/**
 * Staff who can be booked at the active clinic on a day, by name: active, bookable, employed that day, and with hours at
 * this clinic that are valid that day (on any weekday: who is off on Mondays is still somebody's vet), or with a published
 * shift here that begins on it or reaches into it. One statement.
 */
export async function listBookableStaff(db: Db, actor: ClinicActor, date: LocalDate): Promise<StaffProfile[]> {
  const day = toDateColumn(date)
  const here = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const onDuty = {
    ...here,
    status: 'planned',
    roster: { status: 'published' },
    OR: [{ workDate: day }, { workDate: toDateColumn(addDays(date, -1)), endMinute: { gt: 1440 } }],
  }
  return staffProfiles.take(
    db,
    await db.prisma.staffProfile.findMany({
      where: {
        organisationId: actor.organisationId,
        isActive: true,
        isBookable: true,
        hiredOn: { lte: day },
        AND: [
          { OR: [{ terminatedOn: null }, { terminatedOn: { gte: day } }] },
          {
            OR: [
              { schedules: { some: { ...here, validFrom: { lte: day }, OR: [{ validUntil: null }, { validUntil: { gt: day } }] } } },
              { shifts: { some: onDuty } },
            ],
          },
        ],
      },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
    }),
  )
}

/**
 * Staff who can be booked at some time between two days, both included, by name: active, bookable and employed. Whether they are at work tells
 * their schedule.
 * @param ids narrows to these; null for all
 */
export async function listBookableBetween(
  db: Db,
  actor: ClinicActor,
  { from, until, ids }: { from: LocalDate; until: LocalDate; ids: readonly string[] | null },
): Promise<StaffProfile[]> {
  return staffProfiles.read(db, {
    name: 'list_bookable_between',
    text: `SELECT ${staffProfiles.columns('s')} FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.is_active AND s.is_bookable AND s.hired_on <= $3::date
      AND (s.terminated_on IS NULL OR s.terminated_on >= $2::date) AND ($4::uuid[] IS NULL OR s.id = ANY ($4::uuid[])) ORDER BY s.name, s.id`,
    values: [actor.organisationId, from, until, ids === null ? null : [...ids]],
  })
}

/** Weekly hours at the active clinic of each person, past and future ones included, by start of validity, weekday and time. */
export async function listSchedulesByStaff(db: Db, actor: ClinicActor, staffIds: readonly string[]): Promise<ReadonlyMap<string, WeeklySchedule[]>> {
  const rows = await weeklySchedules.read(db, {
    name: 'list_schedules_by_staff',
    text: `SELECT ${weeklySchedules.columns('w')} FROM weekly_schedule w WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid AND w.staff_id = ANY ($3::uuid[])
      ORDER BY w.valid_from, w.weekday, w.start_minute`,
    values: [actor.organisationId, actor.clinic.id, [...staffIds]],
  })
  return Map.groupBy(rows, ({ staffId }) => staffId)
}

/** Breaks of weekly hours at the active clinic, in their order. */
export async function listBreaksBySchedule(db: Db, actor: ClinicActor, scheduleIds: readonly string[]): Promise<ReadonlyMap<string, WeeklyBreak[]>> {
  const rows = await weeklyBreaks.read(db, {
    name: 'list_breaks_by_schedule',
    text: `SELECT ${weeklyBreaks.columns('b')} FROM weekly_break b WHERE b.organisation_id = $1::uuid AND b.clinic_id = $2::uuid AND b.schedule_id = ANY ($3::uuid[])
      ORDER BY b.start_minute`,
    values: [actor.organisationId, actor.clinic.id, [...scheduleIds]],
  })
  return Map.groupBy(rows, ({ scheduleId }) => scheduleId)
}
