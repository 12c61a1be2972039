import type { Prisma, StaffProfile, TimeOffGrant, TimeOffRequest, TimeOffType } from '../../prisma/client/client.ts'
import { type ClinicActor, reachOf } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { fromDateColumn, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { allowanceIn, type Balance, balanceOf } from './balances.ts'
import { findStaffByIds } from './queries.ts'
import { recordsInReach } from './reach.ts'
import { timeOffGrants, timeOffRequests, timeOffTypes } from './records.ts'
import type { ScheduleHours } from './shifts.ts'

const TIME_OFF_STATUSES = ['requested', 'approved', 'refused', 'cancelled'] as const
export type TimeOffStatus = (typeof TIME_OFF_STATUSES)[number]

/** Reads a status from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toTimeOffStatus(text: string): TimeOffStatus {
  const status = TIME_OFF_STATUSES.find((known) => known === text)
  if (status === undefined) throw new RangeError(`not a status of time off: ${text}`)
  return status
}

/** Types of the organisation, in the order of their names. */
export async function listTimeOffTypes(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<TimeOffType[]> {
  const where = { organisationId: actor.organisationId, ...(includeArchived ? {} : { archivedAt: null }) }
  return timeOffTypes.take(db, await db.prisma.timeOffType.findMany({ where, orderBy: [{ name: 'asc' }, { id: 'asc' }] }))
}

export async function findTimeOffTypesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<TimeOffType[]> {
  return timeOffTypes.take(db, await db.prisma.timeOffType.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}

/** One's own requests, wherever they were made, and with the right over all records those of the active clinic. */
function withinReach(actor: ClinicActor): Prisma.TimeOffRequestWhereInput {
  const own = actor.staffId === null ? [] : [{ staffId: actor.staffId }]
  const reach = reachOf(actor, 'time-off:read') === 'all' ? [...own, { clinicId: actor.clinic.id }] : own
  return { organisationId: actor.organisationId, OR: reach }
}

export async function findTimeOffByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<TimeOffRequest[]> {
  return timeOffRequests.take(db, await db.prisma.timeOffRequest.findMany({ where: { ...withinReach(actor), id: { in: [...ids] } } }))
}

export type TimeOffFilter = {
  readonly staffId: string | null
  readonly status: TimeOffStatus | null
  /** Requests that touch the days `[from, until]`. */
  readonly from: LocalDate | null
  readonly until: LocalDate | null
}

/** A page of requests, those that begin last first. */
export async function listTimeOff(
  db: Db,
  actor: ClinicActor,
  { staffId, status, from, until }: TimeOffFilter,
  page: { limit: number; offset: number },
): Promise<TimeOffRequest[]> {
  return timeOffRequests.take(
    db,
    await db.prisma.timeOffRequest.findMany({
      where: {
        ...withinReach(actor),
        ...(staffId === null ? {} : { staffId }),
        ...(status === null ? {} : { status }),
        ...(from === null ? {} : { lastDay: { gte: toDateColumn(from) } }),
        ...(until === null ? {} : { firstDay: { lte: toDateColumn(until) } }),
      },
      orderBy: [{ firstDay: 'desc' }, { id: 'desc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}

/** Weekly hours of a person at every clinic of the organisation. */
export async function listWeeklyHours(db: Db, staffId: string): Promise<ScheduleHours[]> {
  const rows = await db.query<{ weekday: number; startMinute: number; endMinute: number; validFrom: string; validUntil: string | null }>({
    name: 'weekly_hours_of',
    text: `SELECT weekday, start_minute AS "startMinute", end_minute AS "endMinute", valid_from::text AS "validFrom", valid_until::text AS "validUntil"
      FROM weekly_hours_of($1::uuid)`,
    values: [staffId],
  })
  db.aggregates('weeklyHours', { staffId })
  return rows.map(({ validFrom, validUntil, ...row }) => ({
    ...row,
    validFrom: toDateColumn(validFrom),
    validUntil: validUntil === null ? null : toDateColumn(validUntil),
  }))
}

export type TypeBalance = Balance & { readonly typeId: string; readonly year: number; readonly grants: readonly TimeOffGrant[] }

type BalanceRow = { id: string; granted: string; approved: string; pending: string; type: TimeOffType }

/**
 * A person's balance of each type in a calendar year; a request counts in the year of its first day. None for somebody whose time off
 * the actor may not see.
 */
export async function listBalances(db: Db, actor: ClinicActor, staffId: string, year: number): Promise<TypeBalance[]> {
  if (reachOf(actor, 'time-off:read') !== 'all' && staffId !== actor.staffId) return []
  const person = await findPersonInReach(db, actor, staffId)
  if (!person) return []
  const [rows, grants] = await Promise.all([
    db.query<BalanceRow>({ name: 'time_off_balances', text: BALANCES, values: [actor.organisationId, staffId, year] }),
    listGrants(db, actor, staffId, year),
  ])
  const types = timeOffTypes.take(
    db,
    rows.map(({ type }) => type),
  )
  db.aggregates('timeOffBalances', { staffId, year: String(year) })
  const employment = { hiredOn: fromDateColumn(person.hiredOn), terminatedOn: person.terminatedOn && fromDateColumn(person.terminatedOn) }
  return rows.flatMap(({ granted, approved, pending }, index) => {
    const type = types[index]
    if (!type) return []
    const { code, countsAs, annualAllowance } = type
    const given = { code, countsAs, annualAllowance: annualAllowance === null ? null : Number(annualAllowance) }
    const allowance = allowanceIn(year, given, employment, actor.clinic.countryCode)
    const sums = { granted: Number(granted), approved: Number(approved), pending: Number(pending) }
    return [{ ...balanceOf(allowance, sums), typeId: type.id, year, grants: grants.filter(({ typeId }) => typeId === type.id) }]
  })
}

/** A person whose balances the actor may see; at one clinic with a right that is held there alone. */
async function findPersonInReach(db: Db, actor: ClinicActor, id: string): Promise<StaffProfile | null> {
  const { staff } = recordsInReach(actor, 'time-off:read', id)
  if (staff && id !== actor.staffId && (await db.prisma.staffProfile.count({ where: { ...staff, organisationId: actor.organisationId, id } })) === 0)
    return null
  return (await findStaffByIds(db, actor, [id]))[0] ?? null
}

// An archived type is of interest as long as there is something of it.
const BALANCES = `SELECT * FROM (
    SELECT (SELECT row_to_json(shown) FROM (SELECT ${timeOffTypes.columns('t')}) AS shown) AS type, t.archived_at, t.name,
      (SELECT coalesce(sum(g.amount), 0)::text FROM time_off_grant g WHERE g.organisation_id = $1::uuid AND g.staff_id = $2::uuid AND g.year = $3::int AND g.type_id = t.id) AS granted,
      coalesce(sum(r.amount) FILTER (WHERE r.status = 'approved'), 0)::text AS approved, coalesce(sum(r.amount) FILTER (WHERE r.status = 'requested'), 0)::text AS pending,
      count(r.id) AS requests
    FROM time_off_type t LEFT JOIN time_off_request r ON r.organisation_id = t.organisation_id AND r.type_id = t.id AND r.staff_id = $2::uuid
      AND r.first_day >= make_date($3::int, 1, 1) AND r.first_day < make_date($3::int + 1, 1, 1) AND r.status IN ('approved', 'requested')
    WHERE t.organisation_id = $1::uuid GROUP BY t.id
  ) AS found WHERE archived_at IS NULL OR requests > 0 OR granted <> '0' ORDER BY name, type->>'id'`

async function listGrants(db: Db, actor: ClinicActor, staffId: string, year: number): Promise<TimeOffGrant[]> {
  const where = { organisationId: actor.organisationId, staffId, year }
  return timeOffGrants.take(db, await db.prisma.timeOffGrant.findMany({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }))
}

export async function findGrantsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<TimeOffGrant[]> {
  return timeOffGrants.take(db, await db.prisma.timeOffGrant.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}
