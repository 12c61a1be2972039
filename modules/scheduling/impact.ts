import type { Appointment, RosterShift, StaffProfile, TimeOffRequest } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { addDays, dayInterval, HOUR_MS, type Interval, type LocalDate, localDateOf } from '../kernel/time.ts'
import {
  isEmployedOn,
  listBalances,
  listRosterShiftsWithin,
  listWorkPlans,
  NO_WORK,
  type Shift,
  shiftsOf,
  staffProfiles,
  type WorkPlan,
} from '../staff/index.ts'
import { listAffected } from './block-queries.ts'
import { type Calendar, type Offer, offersFor, type StrandedVisit } from './offers.ts'
import { resourceBlocks } from './records.ts'

/** How far behind the last visit another time is looked for. */
const HORIZON_DAYS = 14
const MARGIN_MS = 4 * HOUR_MS

export type AffectedVisit = { readonly appointment: Appointment; readonly offers: readonly Offer[] }

/** What approving a request would touch. */
export type TimeOffImpact = {
  readonly request: TimeOffRequest
  readonly visits: readonly AffectedVisit[]
  /** When the person has visits at other clinics. */
  readonly elsewhere: readonly Interval[]
  /** Hours that the person would have worked at the active clinic. */
  readonly shifts: readonly Shift[]
  /** Shifts of rosters that the person would leave. */
  readonly rosterShifts: readonly RosterShift[]
  /** More than what remains of the year's balance; false for a type without a limit. */
  readonly isBeyondBalance: boolean
}

/**
 * What would become of visits if a request of the active clinic were approved, each with at most three ways to keep it. Closed times and
 * holds count as taken. A fixed number of statements, however many visits there are.
 */
export async function getTimeOffImpact(db: Db, actor: ClinicActor, request: TimeOffRequest, now: Date): Promise<TimeOffImpact> {
  const away = { start: request.startsAt, end: request.endsAt }
  const [appointments, elsewhere, shifts, rosterShifts, isBeyondBalance] = await Promise.all([
    listAffected(db, actor, request.staffId, [away]),
    listElsewhere(db, actor, request, now),
    listShiftsWithin(db, actor, request.staffId, away),
    listRosterShiftsWithin(db, actor, request.staffId, away),
    isBeyond(db, actor, request),
  ])
  const visits = await withOffers(db, actor, appointments, away, now)
  return { request, visits, elsewhere, shifts, rosterShifts, isBeyondBalance }
}

/** Visits of the person at other clinics within time off, as intervals alone. */
export async function listElsewhere(db: Db, actor: ClinicActor, { staffId, startsAt, endsAt }: TimeOffRequest, now: Date): Promise<Interval[]> {
  const taken = await listTaken(db, actor, [staffId], { start: startsAt, end: endsAt }, now)
  return taken.filter(({ reason, clinicId }) => reason === 'visit' && clinicId !== actor.clinic.id).map(({ start, end }) => ({ start, end }))
}

async function listShiftsWithin(db: Db, actor: ClinicActor, staffId: string, { start, end }: Interval): Promise<Shift[]> {
  const { timeZone } = actor.clinic
  const dates = datesOf({ start, end }, timeZone)
  const plans = await listWorkPlans(db, actor, [staffId], dates[0] ?? '', addDays(dates.at(-1) ?? '', 1))
  return dates.flatMap((date) => shiftsOf(plans.get(staffId) ?? NO_WORK, date, timeZone)).filter((shift) => shift.start < end && shift.end > start)
}

async function isBeyond(db: Db, actor: ClinicActor, { staffId, typeId, firstDay, amount, status }: TimeOffRequest): Promise<boolean> {
  const balances = await listBalances(db, actor, staffId, firstDay.getUTCFullYear())
  const remaining = balances.find((balance) => balance.typeId === typeId)?.remaining ?? null
  if (remaining === null) return false
  return status === 'approved' ? remaining < 0 : Number(amount) > remaining
}

async function withOffers(db: Db, actor: ClinicActor, visits: readonly Appointment[], away: Interval, now: Date): Promise<AffectedVisit[]> {
  const [first] = visits
  const last = visits.at(-1)
  if (!first || !last) return []
  const { timeZone } = actor.clinic
  const lastEnd = Math.max(away.end.getTime(), last.endsAt.getTime())
  const horizon = {
    start: new Date(first.startsAt.getTime() - MARGIN_MS),
    end: dayInterval(addDays(localDateOf(new Date(lastEnd), timeZone), HORIZON_DAYS), timeZone).end,
  }
  const [people, needs] = await Promise.all([listBookablePeople(db, actor), findNeeds(db, actor, visits)])
  const staffIds = [...new Set([...people.map(({ id }) => id), ...visits.map(({ staffId }) => staffId)])]
  const placeIds = [...new Set(visits.flatMap(placesOf))]
  const dates = datesOf(horizon, timeZone)
  const [plans, taken] = await Promise.all([
    listWorkPlans(db, actor, staffIds, dates[0] ?? '', addDays(dates.at(-1) ?? '', 1)),
    listTaken(db, actor, [...staffIds, ...placeIds], horizon, now),
  ])
  const candidates = people.map((person) => ({
    id: person.id,
    position: person.position,
    shifts: shiftsOn(person, plans.get(person.id) ?? NO_WORK, dates, timeZone),
  }))
  return visits.map((appointment) => {
    const { staffId, typeId, startsAt: start, endsAt: end } = appointment
    const { positions, person, place } = needs.get(typeId) ?? NO_NEEDS
    const others = taken.filter(({ appointmentId }) => appointmentId !== appointment.id)
    // A closure stands under the clinic's own id, and counts for everybody.
    const busyOf: Calendar['busyOf'] = (id) => others.filter(({ resourceId }) => resourceId === id || resourceId === actor.clinic.id)
    const calendar: Calendar = { candidates, busyOf, away, notBefore: now, timeZone }
    return { appointment, offers: offersFor({ start, end, staffId, placeIds: placesOf(appointment), positions, person, place }, calendar) }
  })
}

function shiftsOn(person: StaffProfile, plan: WorkPlan, dates: readonly LocalDate[], timeZone: string): Shift[] {
  return dates.filter((date) => isEmployedOn(person, date)).flatMap((date) => shiftsOf(plan, date, timeZone))
}

function datesOf({ start, end }: Interval, timeZone: string): LocalDate[] {
  const dates: LocalDate[] = []
  for (let date = localDateOf(start, timeZone); dayInterval(date, timeZone).start < end; date = addDays(date, 1)) dates.push(date)
  return dates
}

async function listBookablePeople(db: Db, actor: ClinicActor): Promise<StaffProfile[]> {
  return staffProfiles.take(
    db,
    await db.prisma.staffProfile.findMany({
      where: {
        organisationId: actor.organisationId,
        isActive: true,
        isBookable: true,
        schedules: { some: { organisationId: actor.organisationId, clinicId: actor.clinic.id } },
      },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
    }),
  )
}

function placesOf({ roomId, equipmentIds }: Appointment): string[] {
  return roomId === null ? equipmentIds : [roomId, ...equipmentIds]
}

type Needs = Pick<StrandedVisit, 'positions' | 'person' | 'place'>
const NO_BUFFERS = { beforeMinutes: 0, afterMinutes: 0 }
const NO_NEEDS: Needs = { positions: [], person: NO_BUFFERS, place: NO_BUFFERS }
const BUFFERS = {
  staffBeforeMinutes: true,
  staffAfterMinutes: true,
  roomBeforeMinutes: true,
  roomAfterMinutes: true,
  equipmentBeforeMinutes: true,
  equipmentAfterMinutes: true,
} as const

async function findNeeds(db: Db, actor: ClinicActor, visits: readonly Appointment[]): Promise<ReadonlyMap<string, Needs>> {
  const ids = [...new Set(visits.map(({ typeId }) => typeId))]
  const where = { organisationId: actor.organisationId, id: { in: ids } }
  const rows = await db.prisma.appointmentType.findMany({ where, select: { id: true, positions: true, ...BUFFERS } })
  db.reads('AppointmentType', ids, ['positions', ...Object.keys(BUFFERS)])
  return new Map(
    rows.map(({ id, positions, ...type }) => {
      const person = { beforeMinutes: type.staffBeforeMinutes, afterMinutes: type.staffAfterMinutes }
      const place = {
        beforeMinutes: Math.max(type.roomBeforeMinutes, type.equipmentBeforeMinutes),
        afterMinutes: Math.max(type.roomAfterMinutes, type.equipmentAfterMinutes),
      }
      return [id, { positions, person, place }]
    }),
  )
}

type Taken = Interval & {
  readonly id: string
  readonly reason: string
  readonly clinicId: string
  readonly appointmentId: string | null
  readonly resourceId: string
}

/** What occupies resources within an interval, at any clinic: visits, holds that last, closed times, and closures of the active clinic. */
async function listTaken(db: Db, actor: ClinicActor, resourceIds: readonly string[], { start, end }: Interval, now: Date): Promise<Taken[]> {
  const rows = await db.query<Taken>({
    name: 'list_taken',
    text: `SELECT id, reason, clinic_id AS "clinicId", appointment_id AS "appointmentId", resource_id AS "resourceId", starts_at AS start, ends_at AS "end"
      FROM find_blockers($1::uuid[], array_fill($2::timestamptz, ARRAY[cardinality($1::uuid[])]), array_fill($3::timestamptz, ARRAY[cardinality($1::uuid[])]), $4::uuid, $5::timestamptz)`,
    values: [[...resourceIds], start.toISOString(), end.toISOString(), actor.clinic.id, now.toISOString()],
  })
  const isClaim = ({ reason }: Taken): boolean => reason === 'visit' || reason === 'hold'
  const idsOf = (some: readonly Taken[]): string[] => some.map(({ id }) => id)
  db.reads('ResourceClaim', idsOf(rows.filter(isClaim)), ['appointmentId', 'during', 'lane', 'resourceId'])
  db.reads('ResourceBlock', idsOf(rows.filter((row) => !isClaim(row))), resourceBlocks.fields)
  return rows
}
