import { createUser } from '../modules/access/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { addDays, HOUR_MS, instantAt, localDateOf } from '../modules/kernel/time.ts'
import { addAddendum } from '../modules/notes/commands.ts'
import { addStaffTask, createTimeOffType, recordAdverseAction } from '../modules/staff/index.ts'
import type { App } from '../server/app.ts'
import type { Fixtures } from './full-world.ts'
import { actorOf } from './operations.ts'
import type { WorldOrganisation } from './world.ts'
import { addInvoice, addPayment, addService } from './world-billing.ts'
import { addCalendarFeed } from './world-calendar.ts'
import { addMessage, addMessageRule, addNotification } from './world-communication.ts'
import { addExport, addVerification } from './world-compliance.ts'
import { addLevels, addMovement, addProduct, addStock } from './world-inventory.ts'
import { addSignedNote } from './world-notes.ts'
import { addClient, addPatient } from './world-patients.ts'
import { addNeed, addShift, addShiftTemplate, addSwap, publishWeek } from './world-rosters.ts'
import { addAppointment, addAppointmentType, addBookingRequest, addEquipment, addHold, addOffer, addRoom, addSeries, addWaiting } from './world-scheduling.ts'
import { addCredential, addHours, addStaff } from './world-staff.ts'
import { addClosedTimes, addTimeOff } from './world-time-off.ts'

/**
 * As many records more of every kind at the organisation's first clinic, each with all that records of its kind can lead
 * to: visits, notes and invoices of one patient, on one practice day, and products that are low, out and about to expire.
 */
export async function crowd(app: App, organisation: WorldOrganisation, fixtures: Fixtures, size: number): Promise<void> {
  const actor = { ...actorOf(organisation), staffId: fixtures.ids.StaffProfile ?? null }
  for (let index = 1; index <= size; index += 1) {
    const name = `${organisation.slug} Milo ${String(index).padStart(2, '0')}`
    await addPeople(app, actor, fixtures, name)
    await addGoods(app, actor, fixtures, name)
    await addVisit(app, actor, fixtures, name)
    await addStaffPapers(app, actor, fixtures, name)
    await addAbsence(app, actor, fixtures, name, index)
    await addShifts(app, actor, fixtures, name, index)
    await addRequest(app, actor, fixtures, name, index)
    await addExport(app, actor, organisation.userId('compliance_officer'))
    await addVerification(app, actor)
    await addMessages(app, actor, organisation.userId('owner'), fixtures)
    await addCalendarFeed(app, actor, { staffId: fixtures.ids.StaffProfile ?? '', userId: organisation.userId('veterinarian') })
  }
}

/**
 * Each at a time of its own, from the second on that the page offers that day, and of somebody else. Some days ago, every twenty a day after the others: only
 * thirty may wait for an answer at once.
 */
async function addRequest(app: App, actor: SystemActor, { ids, date }: Fixtures, name: string, index: number): Promise<void> {
  const startsAt = instantAt(addDays(date, 35 + Math.floor(index / 40)), 540 + 10 * (index % 40), actor.clinic.timeZone).instant
  const clock = { now: () => new Date(app.clock.now().getTime() + (Math.floor(index / 20) - 4) * 25 * HOUR_MS) }
  await addBookingRequest(
    app,
    actor,
    { typeId: ids.OnlineType ?? '', startsAt, contactName: name, contactPhone: `55 2000 10${String(index).padStart(2, '0')}` },
    clock,
  )
}

async function addMessages(app: App, actor: SystemActor, userId: string, { ids }: Fixtures): Promise<void> {
  const params = { appointmentId: ids.Appointment ?? '' }
  await addMessageRule(app, actor, { appointmentTypeId: ids.AppointmentType ?? null })
  await addMessage(app, actor, { clientId: ids.Client ?? '', params })
  await addNotification(app, actor, userId, params)
}

async function addPeople(app: App, actor: SystemActor, { ids }: Fixtures, name: string): Promise<void> {
  const email = `${name.replaceAll(' ', '.').toLowerCase()}@crowd.example`
  await app.asSystem(actor, 'cli', 'world', (tx) => createUser(tx, actor, { email, name, locale: 'es-MX', passwordHash: '$argon2id$none' }))
  await addClient(app, actor, { name })
  await addPatient(app, actor, { name, ...(ids.Client ? { clientId: ids.Client } : {}) })
}

async function addStaffPapers(app: App, actor: SystemActor, { ids }: Fixtures, name: string): Promise<void> {
  const staffId = ids.StaffProfile ?? ''
  await addCredential(app, actor, { staffId })
  await app.asSystem(actor, 'cli', 'world', async (tx) => {
    const action = { kind: 'warning', occurredOn: '2024-05-02', description: name, reportedBy: 'SENASICA' } as const
    await recordAdverseAction(tx, actor, { staffId, credentialId: ids.Credential ?? null, ...action })
    await addStaffTask(tx, actor, { staffId, process: 'onboarding', title: name, dueOn: '2025-01-01' })
    return null
  })
}

/** A kind of shift with an open one, an hour of the clinic's vet for which somebody is wanted, and a need. */
async function addShifts(app: App, actor: SystemActor, { ids, date }: Fixtures, name: string, index: number): Promise<void> {
  const code = name.slice(-12)
  const templateId = await addShiftTemplate(app, actor, { name, code })
  await addShift(app, actor, { date: addDays(date, 1), templateId })
  const own = addDays(date, 7 + index)
  const shiftId = await addShift(app, actor, { date: own, staffId: ids.StaffProfile ?? null, start: '21:00', end: '22:00' })
  await publishWeek(app, actor, addDays(date, 7 * Math.floor(1 + index / 7)))
  await addSwap(app, actor, { shiftId, reason: name })
  const minute = (count: number) => `${String(Math.floor(count / 60)).padStart(2, '0')}:${String(count % 60).padStart(2, '0')}`
  await addNeed(app, actor, { weekday: 3, position: 'receptionist', start: minute(index * 10), end: minute(index * 10 + 10), minCount: 1 })
}

async function addGoods(app: App, actor: SystemActor, { ids }: Fixtures, name: string): Promise<void> {
  const soon = addDays(localDateOf(app.clock.now(), actor.clinic.timeZone), 20)
  const low = await addProduct(app, actor, { name: `${name} low`, familyName: `${name} family`, isLotTracked: true })
  await addStock(app, actor, { productId: low, lotNumber: name, expiresOn: soon, quantity: '5' })
  await addLevels(app, actor, low, '10')
  const out = await addProduct(app, actor, { name: `${name} out`, familyName: `${name} family` })
  await addLevels(app, actor, out, '2')
  await addMovement(app, actor, { productId: ids.Product ?? '', lotId: ids.Lot ?? '', kind: 'adjustment', quantity: '1', reason: name })
}

/** Long after the visits, a day apart, so that each is closed once. */
async function addAbsence(app: App, actor: SystemActor, { ids, date }: Fixtures, name: string, index: number): Promise<void> {
  const day = addDays(date, 100 + index)
  await app.asSystem(actor, 'cli', 'world', (tx) => createTimeOffType(tx, actor, { code: `crowd-${index}`, name }))
  await addClosedTimes(app, actor, { date: day, title: name, roomId: ids.Room ?? '' })
  await addTimeOff(app, actor, { staffId: ids.StaffProfile ?? '', firstDay: day, lastDay: day, reason: name, isApproved: true })
}

async function addVisit(app: App, actor: SystemActor, { ids, date }: Fixtures, name: string): Promise<void> {
  const staffId = await addStaff(app, actor, { name })
  await addHours(app, actor, staffId)
  const serviceId = await addService(app, actor, { name })
  const typeId = await addAppointmentType(app, actor, { name, serviceId })
  const roomId = await addRoom(app, actor, { name })
  await addEquipment(app, actor)
  const patientId = ids.Patient ?? ''
  const startsAt = instantAt(date, 660, actor.clinic.timeZone).instant
  await addHold(app, actor, { staffId, typeId, startsAt: instantAt(date, 900, actor.clinic.timeZone).instant, minutes: 24 * 60 })
  await addSeries(app, actor, { patientId, typeId, staffId, roomId, rule: 'FREQ=WEEKLY;COUNT=2', startsOn: date, startTime: '15:00' })
  await addWaiting(app, actor, { patientId, typeId, staffId, earliestOn: date, latestOn: date })
  await addOffer(app, actor, {
    start: instantAt(date, 960, actor.clinic.timeZone).instant,
    end: instantAt(date, 980, actor.clinic.timeZone).instant,
    staffId,
    roomId,
    equipmentIds: [],
  })
  const appointmentId = await addAppointment(app, actor, { patientId, staffId, typeId, roomId, startsAt, reason: name })
  await app.asSystem(actor, 'cli', 'world', (tx) => addAddendum(tx, actor, { noteId: ids.ClinicalNote ?? '', body: name }))
  await addSignedNote(app, actor, { patientId, appointmentId, title: name, templateId: ids.NoteTemplate ?? null })
  const lines = [
    { serviceId, quantity: '1', clinicianId: staffId },
    { productId: ids.Product ?? '', quantity: '1' },
  ]
  const invoice = await addInvoice(app, actor, { appointmentId, lines })
  await addPayment(app, actor, { invoiceId: invoice.id, method: 'cash', amountMinor: 100n })
}
