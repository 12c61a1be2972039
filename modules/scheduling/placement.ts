import type { Appointment, AppointmentType, Equipment, Patient, Room, StaffProfile } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import { addDays, localDateOf } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds, isEmployedOn, listWorkPlans, NO_WORK, shiftsOf, type WorkPlan } from '../staff/index.ts'
import { findEarlyConflict } from './claims.ts'
import { type Conflict, OutsideShiftError, type Placement, StaffNotBookableError } from './errors.ts'
import { withBuffer } from './needs.ts'
import { findEquipmentByIds, findRoomsByIds, findTypesByIds, withinReach } from './queries.ts'
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

type WantedPlace = {
  readonly typeId: string
  readonly staffId: string
  readonly roomId: string | null
  readonly equipmentIds: readonly string[]
  readonly start: Date
}

/** What a visit would take and the hours of its person; null, or left out, where it is out of reach. */
export type Place = {
  readonly type: AppointmentType | null
  readonly person: StaffProfile | null
  readonly room: Room | null
  readonly equipment: readonly Equipment[]
  readonly plan: WorkPlan
}

/** Reads it in one round trip. */
export async function readPlace(db: Db, actor: ClinicActor, { typeId, staffId, roomId, equipmentIds, start }: WantedPlace): Promise<Place> {
  const [types, staff, rooms, equipment, plans] = await Promise.all([
    findTypesByIds(db, actor, [typeId]),
    findStaffByIds(db, actor, [staffId]),
    roomId === null ? [] : findRoomsByIds(db, actor, [roomId]),
    equipmentIds.length === 0 ? [] : findEquipmentByIds(db, actor, equipmentIds),
    mayIgnoreShifts(actor) ? new Map<string, WorkPlan>() : listPlansAround(db, actor, staffId, start),
  ])
  return { type: types[0] ?? null, person: staff[0] ?? null, room: rooms[0] ?? null, equipment, plan: plans.get(staffId) ?? NO_WORK }
}

/** What a booking refers to, read in one round trip. */
export type BookingFacts = Place & { readonly patient: Patient | null; readonly conflict: Conflict | null }

type WantedVisit = WantedPlace & { readonly patientId: string; readonly minutes: number | null; readonly holdId: string | null }

export async function readBookingFacts(tx: Tx, actor: ClinicActor, wanted: WantedVisit): Promise<BookingFacts> {
  const [place, patients, conflict] = await Promise.all([
    readPlace(tx, actor, wanted),
    findPatientsByIds(tx, actor, [wanted.patientId]),
    findEarlyConflict(tx, actor, wanted),
  ])
  return { ...place, patient: patients[0] ?? null, conflict }
}

/** A person's work on the day of a start and on the next, into which a visit may reach, and on the one before, from which its buffer may. */
function listPlansAround(db: Db, actor: ClinicActor, staffId: string, start: Date): Promise<ReadonlyMap<string, WorkPlan>> {
  const date = localDateOf(start, actor.clinic.timeZone)
  return listWorkPlans(db, actor, [staffId], addDays(date, -1), addDays(date, 2))
}

/** The type, unless it is missing or takes no new visits. */
export function currentType(type: AppointmentType | null): AppointmentType {
  if (!type || type.archivedAt !== null) throw new NotFoundError('AppointmentType')
  return type
}

/** A type of the organisation, archived ones included: the visits that they have can still be moved. Throws NotFoundError. */
export function knownType(type: AppointmentType | null | undefined): AppointmentType {
  if (!type) throw new NotFoundError('AppointmentType')
  return type
}

/** Throws NotFoundError unless the room and all of the equipment are those of the active clinic and in use. */
export function assertInUse(
  { roomId, equipmentIds }: Pick<Placement, 'roomId' | 'equipmentIds'>,
  room: Room | null | undefined,
  equipment: readonly Equipment[],
): void {
  if (roomId !== null && (!room || room.archivedAt !== null)) throw new NotFoundError('Room')
  const isUsable = (id: string) => equipment.some((piece) => piece.id === id && piece.archivedAt === null)
  if (!equipmentIds.every(isUsable)) throw new NotFoundError('Equipment')
}

/** The person. Throws NotFoundError for nobody of the organisation, StaffNotBookableError for somebody who takes no visits that day. */
export function bookable(
  actor: ClinicActor,
  person: StaffProfile | null | undefined,
  { staffId, interval }: Pick<Placement, 'staffId' | 'interval'>,
): StaffProfile {
  if (!person) throw new NotFoundError('StaffProfile')
  if (!person.isBookable || !isEmployedOn(person, localDateOf(interval.start, actor.clinic.timeZone))) throw new StaffNotBookableError(staffId)
  return person
}

/** Who may overbook may also book outside hours (an emergency at night). */
export function mayIgnoreShifts(actor: ClinicActor): boolean {
  return holds(actor, 'appointment:overbook')
}

/** Throws OutsideShiftError unless the person works at the active clinic for the whole visit with its buffers, or the actor may ignore that. */
export function assertWithinShift(actor: ClinicActor, plan: WorkPlan, { staffId, interval: visit, buffers }: Placement): void {
  if (mayIgnoreShifts(actor)) return
  const interval = withBuffer(visit, buffers.staff)
  const { timeZone } = actor.clinic
  const dates = new Set([interval.start, interval.end].map((instant) => localDateOf(instant, timeZone)))
  const shifts = [...dates].flatMap((date) => shiftsOf(plan, date, timeZone))
  if (!isCovered(interval, shifts)) throw new OutsideShiftError(staffId, interval)
}
