import type { Appointment, AppointmentType, Equipment, ResourceBlock, Room, SlotHold } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects, Statement } from '../kernel/db.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'
import { dayInterval, type Interval, type LocalDate } from '../kernel/time.ts'
import { bookableOn, dayWork, dayWorkColumns, NO_WORK, type Shift, shiftsOf, staffProfiles, takeWorkPlans, type WorkPlanRow } from '../staff/index.ts'
import { appointments, appointmentTypes, equipment, resourceBlocks, rooms, slotHolds } from './records.ts'
import { RELATED_COORDINATES, type Related, type RelatedRow, relatedColumns, takeRelated } from './related.ts'

export const VISIT_COORDINATES = [...appointments.coordinates, ...RELATED_COORDINATES]

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

export async function findEquipmentByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Equipment[]> {
  return equipment.read(db, {
    name: 'find_equipment_by_ids',
    text: `SELECT ${equipment.columns('e')} FROM equipment e WHERE e.organisation_id = $1::uuid AND e.clinic_id = $2::uuid AND e.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Equipment of the active clinic in its order. */
export async function listEquipment(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<Equipment[]> {
  return equipment.read(db, {
    name: 'list_equipment',
    text: `SELECT ${equipment.columns('e')} FROM equipment e WHERE e.organisation_id = $1::uuid AND e.clinic_id = $2::uuid AND ($3::boolean OR e.archived_at IS NULL)
      ORDER BY e.position, e.name, e.id`,
    values: [actor.organisationId, actor.clinic.id, includeArchived],
  })
}

/** Rooms of the active clinic in their order. */
export async function listRooms(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<Room[]> {
  return rooms.read(db, {
    name: 'list_rooms',
    text: `SELECT ${rooms.columns('r')} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND ($3::boolean OR r.archived_at IS NULL)
      ORDER BY r.position, r.name, r.id`,
    values: [actor.organisationId, actor.clinic.id, includeArchived],
  })
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
  /** Equipment in use, times at which somebody or something is not to be had, and slots that are kept; empty where not asked for. */
  readonly equipment: readonly Equipment[]
  readonly blocks: readonly ResourceBlock[]
  readonly holds: readonly SlotHold[]
  /** What the visits refer to, as far as it was asked for. */
  readonly related: Related
}

/** Everything of a practice day at the active clinic: visits that touch the day, people who work or have a visit that day, rooms that are in use or have one. */
export async function getDaySchedule(db: Db, actor: ClinicActor, date: LocalDate, selects: Selects, now: Date): Promise<DaySchedule> {
  const { timeZone } = actor.clinic
  const day = dayInterval(date, timeZone)
  const [found] = await db.query<DayRow>({
    ...DAY_SCHEDULE(selects),
    values: [actor.organisationId, actor.clinic.id, day.start.toISOString(), day.end.toISOString(), actor.sharePatients, date, now.toISOString()],
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
    equipment: equipment.take(db, found.equipment),
    blocks: resourceBlocks.take(db, found.blocks),
    holds: slotHolds.take(db, found.holds),
    related,
  }
}

type DayRow = VisitsRow &
  WorkPlanRow & {
    /** People who can be booked that day by name, then those who cannot and have a visit. */
    readonly staffIds: readonly string[]
    readonly equipment: readonly Equipment[] | null
    readonly blocks: readonly ResourceBlock[] | null
    readonly holds: readonly SlotHold[] | null
  }

// A visit lasts 24 hours at most (CHECK), so the index on the start bounds the search from below as well.
const DAY_SCHEDULE = statementBy(
  'day_schedule',
  [...VISIT_COORDINATES, 'DaySchedule.equipment', 'DaySchedule.blocks', 'DaySchedule.holds'],
  (selects) => `WITH moment AS (SELECT $7::timestamptz AS now), visit AS MATERIALIZED (
    SELECT a.* FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at > $3::timestamptz - interval '24 hours'
      AND a.starts_at < $4::timestamptz AND a.ends_at > $3::timestamptz AND ${withinReach('$5')}
  ), ${dayWork('$6')}, person AS MATERIALIZED (
    SELECT found.* FROM (SELECT s.*, ${bookableOn('s', '$6')} AS can_be_booked FROM staff_profile s WHERE s.organisation_id = $1::uuid) found
    WHERE found.can_be_booked OR found.id IN (SELECT staff_id FROM visit)
  )
  SELECT ${jsonRows(`SELECT ${appointments.columns('v', selects)} FROM visit v ORDER BY v.starts_at, v.id`)} AS appointments,
    ARRAY(SELECT s.id FROM person s ORDER BY NOT s.can_be_booked, s.name, s.id) AS "staffIds",
    ${dayWorkColumns('$6')},
    ${jsonRowsIf(
      selects('DaySchedule.equipment'),
      `SELECT ${equipment.columns('e')} FROM equipment e WHERE e.organisation_id = $1::uuid AND e.clinic_id = $2::uuid AND e.archived_at IS NULL ORDER BY e.position, e.name, e.id`,
    )} AS equipment,
    ${jsonRowsIf(
      selects('DaySchedule.blocks'),
      `SELECT ${resourceBlocks.columns('b')} FROM resource_block b WHERE b.organisation_id = $1::uuid AND (b.clinic_id = $2::uuid OR b.staff_id IN (SELECT id FROM person))
      AND b.starts_at < $4::timestamptz AND b.ends_at > $3::timestamptz ORDER BY b.starts_at, b.id`,
    )} AS blocks,
    ${jsonRowsIf(
      selects('DaySchedule.holds'),
      `SELECT ${slotHolds.columns('k')} FROM slot_hold k WHERE k.organisation_id = $1::uuid AND k.clinic_id = $2::uuid AND k.expires_at > (SELECT now FROM moment)
      AND k.starts_at < $4::timestamptz AND k.ends_at > $3::timestamptz ORDER BY k.starts_at, k.id`,
    )} AS holds, ${relatedColumns(selects, {
      staff: `SELECT ${staffProfiles.columns('s', selects)} FROM person s`,
      rooms: `SELECT ${rooms.columns('r', selects)} FROM room r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid
        AND (r.archived_at IS NULL OR r.id IN (SELECT room_id FROM visit)) ORDER BY r.position, r.name, r.id`,
    })}`,
)
