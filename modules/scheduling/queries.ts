import type { Appointment, AppointmentType, Room } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { addDays, dayInterval, type Interval, type LocalDate, localDateOf } from '../kernel/time.ts'
import { listBookableStaff, listSchedulesByStaff, type Shift, shiftsOf } from '../staff/index.ts'
import { listClaims } from './claims.ts'
import type { SlotTakenError } from './errors.ts'
import { findOpenSlots } from './slots.ts'

const APPOINTMENT_FIELDS = [
  'cancelledAt',
  'cancelReason',
  'checkedInAt',
  'checkedOutAt',
  'completedAt',
  'confirmedAt',
  'endsAt',
  'noShowAt',
  'overbookReason',
  'patientId',
  'reason',
  'roomId',
  'staffId',
  'startedAt',
  'startsAt',
  'status',
  'typeId',
] as const
const ROOM_FIELDS = ['archivedAt', 'kind', 'name', 'position'] as const
const TYPE_FIELDS = ['archivedAt', 'code', 'colour', 'durationMinutes', 'name', 'serviceId'] as const

/** The columns of an appointment (alias `a`) under their names in the code, for hand-written SQL. */
export const APPOINTMENT_COLUMNS = `a.id, a.organisation_id AS "organisationId", a.clinic_id AS "clinicId", a.patient_id AS "patientId", a.type_id AS "typeId",
  a.staff_id AS "staffId", a.room_id AS "roomId", a.starts_at AS "startsAt", a.ends_at AS "endsAt", a.status, a.reason, a.confirmed_at AS "confirmedAt",
  a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt", a.completed_at AS "completedAt", a.checked_out_at AS "checkedOutAt",
  a.cancelled_at AS "cancelledAt", a.no_show_at AS "noShowAt", a.cancel_reason AS "cancelReason", a.overbook_reason AS "overbookReason", a.version,
  a.created_at AS "createdAt", a.updated_at AS "updatedAt"`

export function reportAppointments(db: Db, rows: Appointment[]): Appointment[] {
  db.reads(
    'Appointment',
    rows.map(({ id }) => id),
    APPOINTMENT_FIELDS,
  )
  return rows
}

/**
 * Narrows hand-written SQL to visits whose chart is within reach (alias `a`): when an organisation stops sharing charts,
 * a sister clinic's patient goes out of reach together with the visits that it had here.
 * @param isShared the placeholder that holds `actor.sharePatients`
 */
export function withinReach(isShared: string): string {
  return `(${isShared}::boolean OR EXISTS (SELECT FROM patient p WHERE p.organisation_id = a.organisation_id AND p.id = a.patient_id AND p.home_clinic_id = a.clinic_id))`
}

/** Visits of the active clinic by id, in one statement. */
export async function findAppointmentsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Appointment[]> {
  const rows = await db.query<Appointment>({
    name: 'find_appointments_by_ids',
    text: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[]) AND ${withinReach('$4')}`,
    values: [actor.organisationId, actor.clinic.id, [...ids], actor.sharePatients],
  })
  return reportAppointments(db, rows)
}

/** One page of each patient's visits at the active clinic, newest first, in one statement for all patients. */
export function listAppointmentsByPatient({ limit, offset }: { limit: number; offset: number }) {
  return async (db: Db, actor: ClinicActor, patientIds: readonly string[]): Promise<ReadonlyMap<string, Appointment[]>> => {
    const rows = await db.query<Appointment>({
      name: 'list_appointments_by_patient',
      text: `SELECT a.* FROM unnest($3::uuid[]) AS patient(id) CROSS JOIN LATERAL (
        SELECT ${APPOINTMENT_COLUMNS} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.patient_id = patient.id
        ORDER BY a.starts_at DESC, a.id DESC LIMIT $4::int OFFSET $5::int) a`,
      values: [actor.organisationId, actor.clinic.id, [...patientIds], limit, offset],
    })
    return Map.groupBy(reportAppointments(db, rows), ({ patientId }) => patientId)
  }
}

export async function findRoomsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Room[]> {
  return reportRooms(db, await db.prisma.room.findMany({ where: { ...here(actor), id: { in: [...ids] } } }))
}

/** Rooms of the active clinic in their order. */
export async function listRooms(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<Room[]> {
  return reportRooms(
    db,
    await db.prisma.room.findMany({ where: { ...here(actor), ...(includeArchived ? {} : { archivedAt: null }) }, orderBy: [...ROOM_ORDER] }),
  )
}

export async function findTypesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AppointmentType[]> {
  return reportTypes(db, await db.prisma.appointmentType.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}

/** Appointment types of the organisation by name. */
export async function listAppointmentTypes(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<AppointmentType[]> {
  const where = { organisationId: actor.organisationId, ...(includeArchived ? {} : { archivedAt: null }) }
  return reportTypes(db, await db.prisma.appointmentType.findMany({ where, orderBy: [{ name: 'asc' }, { id: 'asc' }] }))
}

export type StaffDay = { readonly staffId: string; readonly shifts: readonly Shift[] }
export type DaySchedule = {
  readonly date: LocalDate
  /** The practice day, `[midnight, next midnight)`. */
  readonly day: Interval
  readonly staff: readonly StaffDay[]
  readonly rooms: readonly Room[]
  readonly appointments: readonly Appointment[]
}

/**
 * Everything of a practice day at the active clinic, in four statements: visits that touch the day, people who work or
 * have a visit that day, rooms that are in use or have a visit that day.
 */
export async function getDaySchedule(db: Db, actor: ClinicActor, date: LocalDate): Promise<DaySchedule> {
  const { timeZone } = actor.clinic
  const day = dayInterval(date, timeZone)
  const [appointments, bookable] = await Promise.all([listAppointmentsOf(db, actor, day), listBookableStaff(db, actor, date)])
  const roomIds = new Set(appointments.flatMap(({ roomId }) => roomId ?? []))
  const busyIds = new Set(appointments.map(({ staffId }) => staffId))
  const staffIds = [...new Set([...bookable.map(({ id }) => id), ...busyIds])]
  const [rooms, schedules] = await Promise.all([listDayRooms(db, actor, [...roomIds]), listSchedulesByStaff(db, actor, staffIds)])
  const staff = staffIds.map((staffId) => ({ staffId, shifts: shiftsOf(schedules.get(staffId) ?? [], date, timeZone) }))
  return { date, day, staff: staff.filter(({ staffId, shifts }) => shifts.length > 0 || busyIds.has(staffId)), rooms, appointments }
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
  const [schedules, claims] = await Promise.all([
    listSchedulesByStaff(db, actor, [staffId]),
    listClaims(db, actor, roomId === null ? [staffId] : [staffId, roomId], horizon),
  ])
  return findOpenSlots({
    shifts: dates.flatMap((date) => shiftsOf(schedules.get(staffId) ?? [], date, timeZone)),
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

async function listAppointmentsOf(db: Db, actor: ClinicActor, { start, end }: Interval): Promise<Appointment[]> {
  const rows = await db.query<Appointment>({
    name: 'list_appointments_of_day',
    // A visit lasts 24 hours at most (CHECK), so the index on the start bounds the search from below as well.
    text: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid
      AND a.starts_at > $3::timestamptz - interval '24 hours' AND a.starts_at < $4::timestamptz AND a.ends_at > $3::timestamptz AND ${withinReach('$5')}
      ORDER BY a.starts_at, a.id`,
    values: [actor.organisationId, actor.clinic.id, start.toISOString(), end.toISOString(), actor.sharePatients],
  })
  return reportAppointments(db, rows)
}

async function listDayRooms(db: Db, actor: ClinicActor, usedIds: readonly string[]): Promise<Room[]> {
  return reportRooms(
    db,
    await db.prisma.room.findMany({ where: { ...here(actor), OR: [{ archivedAt: null }, { id: { in: [...usedIds] } }] }, orderBy: [...ROOM_ORDER] }),
  )
}

function reportRooms(db: Db, rows: Room[]): Room[] {
  db.reads(
    'Room',
    rows.map(({ id }) => id),
    ROOM_FIELDS,
  )
  return rows
}

function reportTypes(db: Db, rows: AppointmentType[]): AppointmentType[] {
  db.reads(
    'AppointmentType',
    rows.map(({ id }) => id),
    TYPE_FIELDS,
  )
  return rows
}
