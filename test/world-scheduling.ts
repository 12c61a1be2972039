import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { type BookingPageSettings, setBookingPage } from '../modules/scheduling/booking-page.ts'
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
import { type NewBookingRequest, requestBooking } from '../modules/scheduling/requests.ts'
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

/** Opens a clinic's page for bookings. */
export async function addBookingPage(app: App, actor: SystemActor, page: Partial<BookingPageSettings> & { slug: string }): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => setBookingPage(tx, actor, { isOpen: true, ...page }))
  return id
}

/** Asks for a visit as a stranger would, for whatever is offered then. */
export async function addBookingRequest(
  app: App,
  actor: SystemActor,
  request: Partial<NewBookingRequest> & Pick<NewBookingRequest, 'typeId' | 'startsAt'>,
  clock?: Clock,
): Promise<string> {
  const contact = { locale: 'es-MX', contactName: 'Eva Luna', contactPhone: '55 1234 5678', patientName: 'Nube', speciesCode: 'canine' } as const
  const made = await app.asSystem(actor, 'cli', 'world', (tx) => requestBooking(tx, actor, { ...contact, ...request }), clock)
  const where = { organisationId: actor.organisationId, clinicId: actor.clinic.id, startsAt: new Date(made.startsAt) }
  const scope = { organisationId: actor.organisationId, clinicIds: [actor.clinic.id], sharePatients: false }
  const row = await app.database.prisma(scope).bookingRequest.findFirst({ where, orderBy: { id: 'desc' } })
  if (!row) throw new Error('a request that was just made is gone')
  return row.id
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
