import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import {
  addToWaitlist,
  type Booking,
  bookAppointment,
  bookSeries,
  createAppointmentType,
  createEquipment,
  createRoom,
  type FreedSlot,
  holdSlot,
  type NewAppointmentType,
  type NewEquipment,
  type NewHold,
  type NewRoom,
  type NewSeries,
  type NewWaitlistEntry,
  offerFreedSlot,
} from '../modules/scheduling/index.ts'
import type { App } from '../server/app.ts'
import { addPatient } from './world-patients.ts'
import { addHours, addStaff } from './world-staff.ts'

let count = 0

export async function addRoom(app: App, actor: SystemActor, room: Partial<NewRoom> = {}): Promise<string> {
  count += 1
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createRoom(tx, actor, { name: `Room ${count}`, ...room }))
  return id
}

export async function addEquipment(app: App, actor: SystemActor, equipment: Partial<NewEquipment> = {}): Promise<string> {
  count += 1
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createEquipment(tx, actor, { name: `Equipment ${count}`, kind: 'xray', ...equipment }))
  return id
}

export async function addHold(app: App, actor: SystemActor, hold: NewHold, clock?: Clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => holdSlot(tx, actor, hold), clock)
  return id
}

export async function addSeries(app: App, actor: SystemActor, series: NewSeries, clock?: Clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => bookSeries(tx, actor, series), clock)
  return id
}

export async function addWaiting(app: App, actor: SystemActor, entry: NewWaitlistEntry, clock?: Clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => addToWaitlist(tx, actor, entry), clock)
  return id
}

/** Offers a free slot to the first who waits for it, as if a visit had just been cancelled. */
export async function addOffer(app: App, actor: SystemActor, slot: FreedSlot, clock?: Clock): Promise<string> {
  const made = await app.asSystem(actor, 'cli', 'world', (tx) => offerFreedSlot(tx, actor, slot), clock)
  if (made === null) throw new Error('nobody waits for that slot')
  return made.offerId
}

/** A checkup of twenty minutes. */
export async function addAppointmentType(app: App, actor: SystemActor, type: Partial<NewAppointmentType> = {}): Promise<string> {
  count += 1
  const input = { code: `checkup-${count}`, name: `Checkup ${count}`, durationMinutes: 20, ...type }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createAppointmentType(tx, actor, input))
  return id
}

export async function addAppointment(app: App, actor: SystemActor, booking: Booking, clock?: Clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => bookAppointment(tx, actor, booking), clock)
  return id
}

export type Practice = { staffId: string; otherStaffId: string; roomId: string; otherRoomId: string; typeId: string; patientId: string }

/** What a clinic needs to take bookings: two people who work Monday to Saturday from nine to five, two rooms, a type and a patient. */
export async function addPractice(app: App, actor: SystemActor): Promise<Practice> {
  const staffId = await addStaff(app, actor)
  const otherStaffId = await addStaff(app, actor)
  await addHours(app, actor, staffId)
  await addHours(app, actor, otherStaffId)
  const { id: patientId } = await addPatient(app, actor)
  return {
    staffId,
    otherStaffId,
    roomId: await addRoom(app, actor),
    otherRoomId: await addRoom(app, actor),
    typeId: await addAppointmentType(app, actor),
    patientId,
  }
}
