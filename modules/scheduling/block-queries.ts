import type { Appointment, Equipment, ResourceBlock } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { addDays, dayInterval, type Interval, type LocalDate, localDateOf, toMultirange } from '../kernel/time.ts'
import { type Holiday, holidaysOf } from './holidays.ts'
import { withinReach } from './queries.ts'
import { appointments, resourceBlocks } from './records.ts'

/** Days `[from, until]` of the active clinic as instants. */
export function rangeOf(actor: ClinicActor, from: LocalDate, until: LocalDate): Interval {
  const { timeZone } = actor.clinic
  return { start: dayInterval(from, timeZone).start, end: dayInterval(until < from ? from : until, timeZone).end }
}

const MOST = 1_000

/** Times at which the active clinic as a whole is closed, that touch an interval, in order. */
export async function listClosures(db: Db, actor: ClinicActor, { start, end }: Interval): Promise<ResourceBlock[]> {
  return listBlocks(db, { organisationId: actor.organisationId, clinicId: actor.clinic.id, kind: 'closure' }, { start, end })
}

/** Maintenance of rooms and equipment of the active clinic, likewise. */
export async function listMaintenance(db: Db, actor: ClinicActor, { start, end }: Interval): Promise<ResourceBlock[]> {
  return listBlocks(db, { organisationId: actor.organisationId, clinicId: actor.clinic.id, kind: 'maintenance' }, { start, end })
}

/**
 * Times at which people who work at the active clinic, or once did, are off, likewise: never why. A person is off everywhere, so what
 * another clinic has approved is among them.
 */
export async function listAbsences(db: Db, actor: ClinicActor, { start, end }: Interval): Promise<ResourceBlock[]> {
  const { organisationId, clinic } = actor
  const here = {
    OR: [{ clinicId: clinic.id }, { staff: { primaryClinicId: clinic.id } }, { staff: { schedules: { some: { organisationId, clinicId: clinic.id } } } }],
  }
  return listBlocks(db, { organisationId, kind: 'time_off', ...here }, { start, end })
}

async function listBlocks(db: Db, where: object, { start, end }: Interval): Promise<ResourceBlock[]> {
  return resourceBlocks.take(
    db,
    await db.prisma.resourceBlock.findMany({
      where: { ...where, startsAt: { lt: end }, endsAt: { gt: start } },
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: MOST,
    }),
  )
}

export async function findBlocksByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<ResourceBlock[]> {
  return resourceBlocks.take(
    db,
    await db.prisma.resourceBlock.findMany({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: { in: [...ids] } } }),
  )
}

/** Days of a range for the whole of which the active clinic is closed. */
export async function listClosedDays(db: Db, actor: ClinicActor, firstDay: LocalDate, lastDay: LocalDate): Promise<ReadonlySet<LocalDate>> {
  const closures = await listClosures(db, actor, rangeOf(actor, firstDay, lastDay))
  return closedDaysOf(closures, actor.clinic.timeZone)
}

/** Days that a closure covers from midnight to midnight. */
function closedDaysOf(closures: readonly Pick<ResourceBlock, 'startsAt' | 'endsAt'>[], timeZone: string): ReadonlySet<LocalDate> {
  const days = new Set<LocalDate>()
  for (const { startsAt, endsAt } of closures) {
    for (let day = localDateOf(startsAt, timeZone); dayInterval(day, timeZone).end <= endsAt; day = addDays(day, 1))
      if (dayInterval(day, timeZone).start >= startsAt) days.add(day)
  }
  return days
}

export type HolidayOfYear = Holiday & { readonly isClosed: boolean }

/** Public holidays of the active clinic's country in a year, each with whether the clinic is closed on it. */
export async function listHolidays(db: Db, actor: ClinicActor, year: number): Promise<HolidayOfYear[]> {
  const holidays = holidaysOf(actor.clinic.countryCode, year)
  if (holidays.length === 0) return []
  const closed = await listClosedDays(db, actor, `${year}-01-01`, `${year}-12-31`)
  return holidays.map((holiday) => ({ ...holiday, isClosed: closed.has(holiday.date) }))
}

/** Visits that importing the public holidays of a year would affect. */
export async function listAffectedByHolidays(db: Db, actor: ClinicActor, year: number): Promise<Appointment[]> {
  const open = (await listHolidays(db, actor, year)).filter(({ isClosed }) => !isClosed)
  const days = open.map(({ date }) => dayInterval(date, actor.clinic.timeZone))
  return days.length === 0 ? [] : listAffected(db, actor, actor.clinic.id, days)
}

/**
 * Visits at the active clinic that have yet to take place, or are taking place, and need a resource (a person, a room, a machine; or
 * the clinic itself: all of them) within one of the intervals, in order. One statement.
 */
export async function listAffected(db: Db, actor: ClinicActor, resourceId: string, intervals: readonly Interval[]): Promise<Appointment[]> {
  return appointments.read(db, {
    name: 'list_affected_visits',
    text: AFFECTED,
    values: [actor.organisationId, actor.clinic.id, toMultirange(intervals), actor.sharePatients, resourceId],
  })
}

// A visit lasts 24 hours at most (CHECK), so the index on the start bounds the search from below as well.
const AFFECTED = `SELECT ${appointments.columns('a')} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid
  AND a.starts_at > lower($3::tstzmultirange) - interval '24 hours' AND a.starts_at < upper($3::tstzmultirange)
  AND tstzrange(a.starts_at, a.ends_at) && $3::tstzmultirange
  AND a.status IN ('scheduled', 'confirmed', 'checked_in', 'in_progress') AND ${withinReach('$4')}
  AND ($5::uuid IN (a.clinic_id, a.staff_id, a.room_id) OR $5::uuid = ANY (a.equipment_ids)) ORDER BY a.starts_at, a.id`

export type VisitBlock = Pick<ResourceBlock, 'id' | 'kind'> & { readonly appointmentId: string }

/** For each visit that holds its resources: the closed times of its person, its room, its equipment or the clinic within which it lies. One statement. */
export async function listBlocksByVisit(db: Db, actor: ClinicActor, appointmentIds: readonly string[]): Promise<ReadonlyMap<string, VisitBlock[]>> {
  const rows = await db.query<VisitBlock>({
    name: 'list_blocks_by_visit',
    text: BLOCKS_BY_VISIT,
    values: [actor.organisationId, actor.clinic.id, [...appointmentIds]],
  })
  db.reads(
    'ResourceBlock',
    rows.map(({ id }) => id),
    resourceBlocks.fields,
  )
  return Map.groupBy(rows, ({ appointmentId }) => appointmentId)
}

const BLOCKS_BY_VISIT = `SELECT a.id AS "appointmentId", b.id, b.kind FROM appointment a JOIN resource_block b ON b.organisation_id = a.organisation_id
    AND b.resource_id = ANY (ARRAY[a.clinic_id, a.staff_id, a.room_id] || a.equipment_ids) AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[]) AND a.status NOT IN ('cancelled', 'no_show')
  ORDER BY b.kind, b.id`

/** Equipment of the active clinic by id. */
export async function findMachinesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Equipment[]> {
  const rows = await db.prisma.equipment.findMany({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: { in: [...ids] } } })
  db.reads(
    'Equipment',
    rows.map(({ id }) => id),
    ['archivedAt', 'kind', 'name', 'position', 'serialNumber'],
  )
  return rows
}
