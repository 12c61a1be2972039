import type { Appointment, AppointmentType, Room } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects, Statement } from '../kernel/db.ts'
import { jsonRows, statementBy } from '../kernel/records.ts'
import { addDays, dayInterval, type Interval, type LocalDate, localDateOf } from '../kernel/time.ts'
import { bookableOn, listWorkPlans, NO_WORK, type Shift, shiftsOf, staffProfiles, takeWorkPlans, type WorkPlanRow, workPlanColumns } from '../staff/index.ts'
import { listClaims } from './claims.ts'
import type { SlotTakenError } from './errors.ts'
import { appointments, appointmentTypes, rooms } from './records.ts'
import { RELATED_COORDINATES, type Related, type RelatedRow, relatedColumns, takeRelated } from './related.ts'
import { findOpenSlots } from './slots.ts'

const VISIT_COORDINATES = [...appointments.coordinates, ...RELATED_COORDINATES]

/**
 * Narrows hand-written SQL to visits whose chart is within reach (alias `a`): when an organisation stops sharing charts,
 * a sister clinic's patient goes out of reach together with the visits that it had here.
 * @param isShared the placeholder that holds `actor.sharePatients`
 */
export function withinReach(isShared: string): string {
  return `(${isShared}::boolean OR EXISTS (SELECT FROM patient p WHERE p.organisation_id = a.organisation_id AND p.id = a.patient_id AND p.home_clinic_id = a.clinic_id))`
}

export type Visits = { readonly appointments: readonly Appointment[]; readonly related: Related }
type VisitsRow = RelatedRow & { readonly appointments: readonly Appointment[] }

/** Visits of the active clinic by id, in one statement. */
export async function findAppointmentsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<readonly Appointment[]> {
  return appointments.read(db, {
    name: 'find_appointments_by_ids',
    text: `SELECT ${appointments.columns('a')} FROM ${VISITS_BY_IDS_SOURCE}`,
    values: [actor.organisationId, actor.clinic.id, [...ids], actor.sharePatients],
  })
}

/** Visits of the active clinic by id, with what they refer to as far as it is asked for, in one statement. */
export async function findVisitsByIds(db: Db, actor: ClinicActor, ids: readonly string[], selects: Selects): Promise<Visits> {
  return readVisits(db, { ...VISITS_BY_IDS(selects), values: [actor.organisationId, actor.clinic.id, [...ids], actor.sharePatients] })
}

const VISITS_BY_IDS_SOURCE = `appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[]) AND ${withinReach('$4')}`
const VISITS_BY_IDS = visitStatement('visits_by_ids', `SELECT a.* FROM ${VISITS_BY_IDS_SOURCE}`, 'v.starts_at, v.id')

/** One page of each patient's visits at the active clinic, newest first, with what they refer to, in one statement for all patients. */
export async function listVisitsByPatient(
  db: Db,
  actor: ClinicActor,
  patientIds: readonly string[],
  { limit, offset }: { limit: number; offset: number },
  selects: Selects,
): Promise<Visits> {
  return readVisits(db, { ...VISITS_BY_PATIENT(selects), values: [actor.organisationId, actor.clinic.id, [...patientIds], limit, offset] })
}

const VISITS_BY_PATIENT = visitStatement(
  'visits_by_patient',
  `SELECT page.* FROM unnest($3::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT a.* FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.patient_id = wanted.id
    ORDER BY a.starts_at DESC, a.id DESC LIMIT $4::int OFFSET $5::int) page`,
  'v.starts_at DESC, v.id DESC',
)

/** A statement that answers visits in an order, with what they refer to. */
function visitStatement(name: string, query: string, order: string) {
  return statementBy(
    name,
    VISIT_COORDINATES,
    (selects) => `WITH visit AS MATERIALIZED (${query})
    SELECT ${jsonRows(`SELECT ${appointments.columns('v', selects)} FROM visit v ORDER BY ${order}`)} AS appointments, ${relatedColumns(selects)}`,
  )
}

async function readVisits(db: Db, statement: Statement): Promise<Visits> {
  const [row] = await db.query<VisitsRow>(statement)
  if (!row) throw new Error('the statement has one row')
  return { appointments: appointments.take(db, row.appointments), related: takeRelated(db, row) }
}

export async function findRoomsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Room[]> {
  return rooms.read(db, {
    name: 'find_rooms_by_ids',
    text: `SELECT ${rooms.columns('r')} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Rooms of the active clinic in their order. */
export async function listRooms(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<Room[]> {
  return rooms.take(
    db,
    await db.prisma.room.findMany({ where: { ...here(actor), ...(includeArchived ? {} : { archivedAt: null }) }, orderBy: [...ROOM_ORDER] }),
  )
}

export async function findTypesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AppointmentType[]> {
  return appointmentTypes.read(db, {
    name: 'find_appointment_types_by_ids',
    text: `SELECT ${appointmentTypes.columns('t')} FROM appointment_type t WHERE t.organisation_id = $1::uuid AND t.id = ANY ($2::uuid[])`,
    values: [actor.organisationId, [...ids]],
  })
}

/** Appointment types of the organisation by name. */
export async function listAppointmentTypes(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<AppointmentType[]> {
  const where = { organisationId: actor.organisationId, ...(includeArchived ? {} : { archivedAt: null }) }
  return appointmentTypes.take(db, await db.prisma.appointmentType.findMany({ where, orderBy: [{ name: 'asc' }, { id: 'asc' }] }))
}

export type StaffDay = { readonly staffId: string; readonly shifts: readonly Shift[] }
export type DaySchedule = {
  readonly date: LocalDate
  /** The practice day, `[midnight, next midnight)`. */
  readonly day: Interval
  readonly staff: readonly StaffDay[]
  readonly rooms: readonly Room[]
  readonly appointments: readonly Appointment[]
  /** What the visits refer to, as far as it was asked for. */
  readonly related: Related
}

/** Everything of a practice day at the active clinic: visits that touch the day, people who work or have a visit that day, rooms that are in use or have one. */
export async function getDaySchedule(db: Db, actor: ClinicActor, date: LocalDate, selects: Selects): Promise<DaySchedule> {
  const { timeZone } = actor.clinic
  const day = dayInterval(date, timeZone)
  const [found] = await db.query<DayRow>({
    ...DAY_SCHEDULE(selects),
    values: [actor.organisationId, actor.clinic.id, day.start.toISOString(), day.end.toISOString(), actor.sharePatients, date],
  })
  if (!found) throw new Error('a day has one row')
  const visits = appointments.take(db, found.appointments)
  const related = takeRelated(db, found)
  const plans = takeWorkPlans(db, found)
  const staff = found.staffIds.map((staffId) => ({ staffId, shifts: shiftsOf(plans.get(staffId) ?? NO_WORK, date, timeZone) }))
  const busyIds = new Set(visits.map(({ staffId }) => staffId))
  return {
    date,
    day,
    staff: staff.filter(({ staffId, shifts }) => shifts.length > 0 || busyIds.has(staffId)),
    rooms: related.rooms,
    appointments: visits,
    related,
  }
}

const NEXT_SLOTS = 3
const HORIZON_DAYS = 14

/** After a refusal: the next three starts within two weeks at which person and room are both free and the person works. */
export async function listNextSlots(db: Db, actor: ClinicActor, { wanted, appointmentId }: Pick<SlotTakenError, 'wanted' | 'appointmentId'>): Promise<Date[]> {
  const { timeZone } = actor.clinic
  const { staffId, roomId, interval } = wanted
  const first = localDateOf(interval.start, timeZone)
  const dates = Array.from({ length: HORIZON_DAYS }, (_, index) => addDays(first, index))
  const horizon = { start: interval.start, end: dayInterval(addDays(first, HORIZON_DAYS - 1), timeZone).end }
  const [plans, claims] = await Promise.all([
    listWorkPlans(db, actor, [staffId], first, addDays(first, HORIZON_DAYS)),
    listClaims(db, roomId === null ? [staffId] : [staffId, roomId], horizon),
  ])
  return findOpenSlots({
    shifts: dates.flatMap((date) => shiftsOf(plans.get(staffId) ?? NO_WORK, date, timeZone)),
    busy: claims.filter((claim) => claim.appointmentId !== appointmentId),
    durationMinutes: (interval.end.getTime() - interval.start.getTime()) / 60_000,
    notBefore: interval.start,
    limit: NEXT_SLOTS,
    timeZone,
  })
}

const ROOM_ORDER = [{ position: 'asc' }, { name: 'asc' }, { id: 'asc' }] as const satisfies readonly object[]

function here(actor: ClinicActor): { organisationId: string; clinicId: string } {
  return { organisationId: actor.organisationId, clinicId: actor.clinic.id }
}

type DayRow = VisitsRow &
  WorkPlanRow & {
    /** People who can be booked that day by name, then those who cannot and have a visit. */
    readonly staffIds: readonly string[]
  }

// A visit lasts 24 hours at most (CHECK), so the index on the start bounds the search from below as well.
const DAY_SCHEDULE = statementBy(
  'day_schedule',
  VISIT_COORDINATES,
  (selects) => `WITH visit AS MATERIALIZED (
    SELECT a.* FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at > $3::timestamptz - interval '24 hours'
      AND a.starts_at < $4::timestamptz AND a.ends_at > $3::timestamptz AND ${withinReach('$5')}
  ), person AS MATERIALIZED (
    SELECT s.*, ${bookableOn('s', '$6')} AS can_be_booked FROM staff_profile s
    WHERE s.organisation_id = $1::uuid AND (s.id IN (SELECT staff_id FROM visit) OR ${bookableOn('s', '$6')})
  )
  SELECT ${jsonRows(`SELECT ${appointments.columns('v', selects)} FROM visit v ORDER BY v.starts_at, v.id`)} AS appointments,
    ARRAY(SELECT s.id FROM person s ORDER BY NOT s.can_be_booked, s.name, s.id) AS "staffIds",
    ${workPlanColumns({ people: 'SELECT id FROM person', since: '$6::date', until: '$6::date + 1', weekday: 'extract(isodow FROM $6::date)' })}, ${relatedColumns(
      selects,
      {
        staff: `SELECT ${staffProfiles.columns('s', selects)} FROM person s`,
        rooms: `SELECT ${rooms.columns('r', selects)} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid
        AND (r.archived_at IS NULL OR r.id IN (SELECT room_id FROM visit)) ORDER BY r.position, r.name, r.id`,
      },
    )}`,
)
