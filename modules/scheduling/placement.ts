import type { Appointment, AppointmentType, Patient, Room, StaffProfile } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import { addDays, localDateOf } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds, isEmployedOn, listWorkPlans, NO_WORK, shiftsOf, type WorkPlan } from '../staff/index.ts'
import { findEarlyConflict } from './claims.ts'
import { type Conflict, OutsideShiftError, type Placement, StaffNotBookableError } from './errors.ts'
import { findRoomsByIds, findTypesByIds, withinReach } from './queries.ts'
import { appointments } from './records.ts'
import { isCovered } from './slots.ts'

/** A visit of the active clinic, locked until the transaction ends. Throws NotFoundError. */
export async function lockAppointment(tx: Tx, actor: ClinicActor, id: string): Promise<Appointment> {
  const rows = await tx.query<{ appointment: Appointment }>({
    name: 'lock_appointment',
    text: `SELECT row_to_json(found) AS appointment FROM (SELECT ${appointments.columns('a')} FROM appointment a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = $3::uuid AND ${withinReach('$4')} FOR NO KEY UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, id, actor.sharePatients],
  })
  const [row] = appointments.take(
    tx,
    rows.map(({ appointment }) => appointment),
  )
  if (!row) throw new NotFoundError('Appointment')
  return row
}

/** What a booking refers to, read in one round trip; null where it is out of reach. */
export type BookingFacts = {
  readonly type: AppointmentType | null
  readonly patient: Patient | null
  readonly person: StaffProfile | null
  readonly room: Room | null
  readonly conflict: Conflict | null
  readonly plan: WorkPlan
}

type Wanted = { patientId: string; typeId: string; staffId: string; roomId: string | null; start: Date; minutes: number | null }

export async function readBookingFacts(tx: Tx, actor: ClinicActor, wanted: Wanted): Promise<BookingFacts> {
  const { patientId, typeId, staffId, roomId } = wanted
  const [types, patients, staff, rooms, conflict, plans] = await Promise.all([
    findTypesByIds(tx, actor, [typeId]),
    findPatientsByIds(tx, actor, [patientId]),
    findStaffByIds(tx, actor, [staffId]),
    roomId === null ? [] : findRoomsByIds(tx, actor, [roomId]),
    findEarlyConflict(tx, actor, wanted),
    mayIgnoreShifts(actor) ? new Map<string, WorkPlan>() : listPlansAround(tx, actor, staffId, wanted.start),
  ])
  return {
    type: types[0] ?? null,
    patient: patients[0] ?? null,
    person: staff[0] ?? null,
    room: rooms[0] ?? null,
    conflict,
    plan: plans.get(staffId) ?? NO_WORK,
  }
}

/** A person's work on the day of a start and on the next, into which a visit may reach. */
export function listPlansAround(tx: Tx, actor: ClinicActor, staffId: string, start: Date): Promise<ReadonlyMap<string, WorkPlan>> {
  const date = localDateOf(start, actor.clinic.timeZone)
  return listWorkPlans(tx, actor, [staffId], date, addDays(date, 2))
}

/** The type, unless it is missing or takes no new visits. */
export function currentType(type: AppointmentType | null): AppointmentType {
  if (!type || type.archivedAt !== null) throw new NotFoundError('AppointmentType')
  return type
}

/** A type of the organisation, archived ones included: the visits that they have can still be moved. Throws NotFoundError. */
export async function getType(tx: Tx, actor: ClinicActor, id: string): Promise<AppointmentType> {
  const [type] = await findTypesByIds(tx, actor, [id])
  if (!type) throw new NotFoundError('AppointmentType')
  return type
}

/** Throws NotFoundError unless the room is one of the active clinic that is in use. */
export function assertInUse(room: Room | null | undefined): void {
  if (!room || room.archivedAt !== null) throw new NotFoundError('Room')
}

/** Throws NotFoundError for nobody of the organisation, StaffNotBookableError for somebody who takes no visits that day. */
export function assertBookable(actor: ClinicActor, person: StaffProfile | null | undefined, { staffId, interval }: Placement): void {
  if (!person) throw new NotFoundError('StaffProfile')
  if (!person.isBookable || !isEmployedOn(person, localDateOf(interval.start, actor.clinic.timeZone))) throw new StaffNotBookableError(staffId)
}

/** Who may overbook may also book outside hours (an emergency at night). */
export function mayIgnoreShifts(actor: ClinicActor): boolean {
  return holds(actor, 'appointment:overbook')
}

/** Throws OutsideShiftError unless the person works at the active clinic for the whole visit, or the actor may ignore that. */
export function assertWithinShift(actor: ClinicActor, plan: WorkPlan, { staffId, interval }: Placement): void {
  if (mayIgnoreShifts(actor)) return
  const { timeZone } = actor.clinic
  const dates = new Set([interval.start, interval.end].map((instant) => localDateOf(instant, timeZone)))
  const shifts = [...dates].flatMap((date) => shiftsOf(plan, date, timeZone))
  if (!isCovered(interval, shifts)) throw new OutsideShiftError(staffId, interval)
}
