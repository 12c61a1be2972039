import type { Appointment, AppointmentType, Room } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import { localDateOf } from '../kernel/time.ts'
import { findStaffByIds, isEmployedOn, listSchedulesByStaff, shiftsOf } from '../staff/index.ts'
import { OutsideShiftError, type Placement, StaffNotBookableError } from './errors.ts'
import { APPOINTMENT_COLUMNS, findRoomsByIds, findTypesByIds, reportAppointments, withinReach } from './queries.ts'
import { isCovered } from './slots.ts'

/** A visit of the active clinic, locked until the transaction ends. Throws NotFoundError. */
export async function lockAppointment(tx: Tx, actor: ClinicActor, id: string): Promise<Appointment> {
  const rows = await tx.query<Appointment>({
    name: 'lock_appointment',
    text: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = $3::uuid AND ${withinReach('$4')} FOR NO KEY UPDATE OF a`,
    values: [actor.organisationId, actor.clinic.id, id, actor.sharePatients],
  })
  const [row] = reportAppointments(tx, rows)
  if (!row) throw new NotFoundError('Appointment')
  return row
}

/** A type of the organisation. Archived ones take no new visits, but the visits that they have can still be moved. */
export async function getType(tx: Tx, actor: ClinicActor, id: string, archived: 'archived too' | 'current only' = 'current only'): Promise<AppointmentType> {
  const [type] = await findTypesByIds(tx, actor, [id])
  if (!type || (type.archivedAt !== null && archived === 'current only')) throw new NotFoundError('AppointmentType')
  return type
}

/** A room of the active clinic that is in use. Throws NotFoundError. */
export async function getRoom(tx: Tx, actor: ClinicActor, id: string): Promise<Room> {
  const [room] = await findRoomsByIds(tx, actor, [id])
  if (!room || room.archivedAt !== null) throw new NotFoundError('Room')
  return room
}

/** Throws NotFoundError for nobody of the organisation, StaffNotBookableError for somebody who takes no visits that day. */
export async function assertBookable(tx: Tx, actor: ClinicActor, { staffId, interval }: Placement): Promise<void> {
  const [person] = await findStaffByIds(tx, actor, [staffId])
  if (!person) throw new NotFoundError('StaffProfile')
  if (!person.isBookable || !isEmployedOn(person, localDateOf(interval.start, actor.clinic.timeZone))) throw new StaffNotBookableError(staffId)
}

/**
 * Throws OutsideShiftError unless the person works at the active clinic for the whole visit. Who may overbook may also
 * book outside hours (an emergency at night).
 */
export async function assertWithinShift(tx: Tx, actor: ClinicActor, { staffId, interval }: Placement): Promise<void> {
  if (holds(actor, 'appointment:overbook')) return
  const { timeZone } = actor.clinic
  const schedules = (await listSchedulesByStaff(tx, actor, [staffId])).get(staffId) ?? []
  const dates = new Set([interval.start, interval.end].map((instant) => localDateOf(instant, timeZone)))
  const shifts = [...dates].flatMap((date) => shiftsOf(schedules, date, timeZone))
  if (!isCovered(interval, shifts)) throw new OutsideShiftError(staffId, interval)
}
