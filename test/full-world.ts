import { setClientPreference, setMessageSettings } from '../modules/communication/preferences.ts'
import { saveMessageTemplate } from '../modules/communication/templates.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { addDays, instantAt, localDateOf, weekdayOf } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'
import type { Harness } from './harness.ts'
import { actorOf } from './operations.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { addInvoice, addPayment, addService } from './world-billing.ts'
import { addCalendarFeed } from './world-calendar.ts'
import { addMessage, addMessageRule, addNotification } from './world-communication.ts'
import { addExport, publishTrail } from './world-compliance.ts'
import { addLevels, addProduct, addStock } from './world-inventory.ts'
import { addDefaultTemplates, addNote, addSignedNote } from './world-notes.ts'
import { addPatient } from './world-patients.ts'
import { addNeed, addShift, addShiftTemplate, addSwap, publishWeek } from './world-rosters.ts'
import {
  addAppointment,
  addAppointmentType,
  addBookingPage,
  addBookingRequest,
  addEquipment,
  addHold,
  addOffer,
  addPractice,
  addSeries,
  addWaiting,
} from './world-scheduling.ts'
import { addHours, addStaff, addStaffRecords } from './world-staff.ts'
import { addClosedTimes, addTimeOff } from './world-time-off.ts'

/** One record of each kind at a clinic, by type, and what else a document about them needs. */
export type Fixtures = {
  readonly ids: Readonly<Record<string, string>>
  /** A practice day with an appointment on it. */
  readonly date: string
  /** A signed checkpoint of the spine. */
  readonly checkpoint: string
}
export type FullOrganisation = WorldOrganisation & { readonly fixtures: readonly Fixtures[] }

/**
 * An organisation in which every clinic has a record of every kind, made through the product's own commands. Names begin
 * with the slug, so that a text of one organisation in another's response is found.
 */
export async function buildFullOrganisation({ app, database }: Pick<Harness, 'app' | 'database'>, slug: string): Promise<FullOrganisation> {
  const organisation = await buildOrganisation(app, slug)
  const [first] = organisation.clinics
  if (!first) throw new Error('a world needs a clinic')
  const [templateId = ''] = await addDefaultTemplates(app, first.actor)
  const filled: Omit<Fixtures, 'checkpoint'>[] = []
  for (const index of organisation.clinics.keys()) filled.push(await fillClinic(app, organisation, index, templateId))
  const { checkpoint, entryOf } = await publishTrail(database)
  const fixtures = filled.map(({ ids, date }, index) => ({ date, checkpoint, ids: { ...ids, AuditEntry: entryOf(organisation.clinics[index]?.id ?? '') } }))
  return { ...organisation, fixtures }
}

async function fillClinic(app: App, organisation: WorldOrganisation, index: number, templateId: string): Promise<Omit<Fixtures, 'checkpoint'>> {
  const plain = actorOf(organisation, index)
  const label = `${organisation.slug}-${index + 1}`
  const staffId = await addStaff(app, plain, { name: `${label} vet`, userId: organisation.userId('veterinarian', index), employeeNumber: `${label}-V` })
  await addHours(app, plain, staffId)
  const actor = { ...plain, staffId }
  const own = await addStaffRecords(app, plain, staffId)
  const practice = await addPractice(app, actor)
  const patient = await addPatient(app, actor, { name: `${label} Milo` })
  const { timeZone } = actor.clinic
  let date = addDays(localDateOf(app.clock.now(), timeZone), 7)
  while (weekdayOf(date) !== 1) date = addDays(date, 1)
  const startsAt = instantAt(date, 600, timeZone).instant
  const appointmentId = await addAppointment(app, actor, {
    patientId: patient.id,
    staffId,
    typeId: practice.typeId,
    roomId: practice.roomId,
    startsAt,
    reason: `${label} checkup`,
  })
  const equipmentId = await addEquipment(app, actor, { name: `${label} X-ray` })
  const holdId = await addHold(app, actor, { staffId, typeId: practice.typeId, startsAt: instantAt(date, 720, timeZone).instant, minutes: 24 * 60 })
  // The first of its two visits finds the hour of the hold taken, and is skipped.
  const wanted = { patientId: patient.id, typeId: practice.typeId, staffId, reason: `${label} series` }
  const seriesId = await addSeries(app, actor, { ...wanted, rule: 'FREQ=WEEKLY;COUNT=2', startsOn: date, startTime: '12:00' })
  const waiting = { patientId: patient.id, typeId: practice.typeId, earliestOn: date, latestOn: addDays(date, 20), staffId, note: `${label} waits` }
  const waitingId = await addWaiting(app, actor, waiting)
  const offerId = await addOffer(app, actor, {
    start: instantAt(date, 780, timeZone).instant,
    end: instantAt(date, 810, timeZone).instant,
    staffId,
    roomId: practice.roomId,
    equipmentIds: [],
  })
  const draftId = await addNote(app, actor, { patientId: patient.id, appointmentId, title: `${label} draft` })
  const noteId = await addSignedNote(app, actor, { patientId: patient.id, appointmentId, title: `${label} note` })
  const productId = await addProduct(app, actor, { name: `${label} food`, sku: `${label}-food`, familyName: `${label} family`, isLotTracked: true })
  const { lotId } = await addStock(app, actor, {
    productId,
    lotNumber: `${label}-L1`,
    expiresOn: addDays(localDateOf(app.clock.now(), timeZone), 20),
    quantity: '5',
  })
  await addLevels(app, actor, productId, '10')
  const emptyId = await addProduct(app, actor, { name: `${label} toy`, sku: `${label}-toy` })
  await addLevels(app, actor, emptyId, '2')
  const serviceId = await addService(app, actor, { name: `${label} service`, code: `${label}-S` })
  const sale = await addInvoice(app, actor, {
    clientId: patient.clientId,
    lines: [
      { serviceId, quantity: '1', clinicianId: staffId },
      { productId, quantity: '1' },
    ],
  })
  await addPayment(app, actor, { invoiceId: sale.id, method: 'cash', amountMinor: 100n })
  const told = {
    userId: organisation.userId('owner', index),
    readerIds: [organisation.userId('client', index), organisation.userId('compliance_officer', index)],
  }
  const messages = await addMessages(app, actor, { label, clientId: patient.clientId, appointmentId, ...told })
  // Long after the day of the visit, which has to remain bookable.
  const later = addDays(date, 60)
  const closed = await addClosedTimes(app, actor, { date: later, title: `${label} closed`, roomId: practice.otherRoomId })
  await addTimeOff(app, actor, { staffId: practice.otherStaffId, firstDay: later, lastDay: later, reason: `${label} wedding`, isApproved: true })
  const timeOffId = await addTimeOff(app, actor, { staffId, firstDay: date, lastDay: date, reason: `${label} illness` })
  const shifts = await addRoster(app, actor, staffId, date)
  const booking = await addOnlineBooking(app, actor, label, date)
  const exportId = await addExport(app, actor, organisation.userId('compliance_officer', index))
  const feedId = await addCalendarFeed(app, actor, { staffId, userId: organisation.userId('veterinarian', index) })
  return {
    date,
    ids: {
      ...messages,
      AuditExport: exportId,
      Patient: patient.id,
      Client: patient.clientId,
      StaffProfile: staffId,
      Credential: own.credentialId,
      Attendance: own.attendanceId,
      WellbeingFlag: own.flagId,
      StaffTask: own.taskId,
      Appointment: appointmentId,
      AppointmentType: practice.typeId,
      Room: practice.roomId,
      Equipment: equipmentId,
      SlotHold: holdId,
      CalendarFeed: feedId,
      AppointmentSeries: seriesId,
      WaitlistEntry: waitingId,
      WaitlistOffer: offerId,
      ...booking,
      ClinicalNote: noteId,
      Draft: draftId,
      NoteTemplate: templateId,
      Product: productId,
      Lot: lotId ?? '',
      Service: serviceId,
      Invoice: sale.id,
      TimeOffRequest: timeOffId,
      ...closed,
      User: organisation.userId('groomer', index),
      ...shifts,
    },
  }
}

/** An open page, a kind of visit that is offered on it, and somebody who has asked for one. */
async function addOnlineBooking(app: App, actor: SystemActor, label: string, date: string): Promise<Record<string, string>> {
  await addBookingPage(app, actor, { slug: label, daysAhead: 180 })
  const typeId = await addAppointmentType(app, actor, { name: `${label} online`, durationMinutes: 10, isOnline: true })
  const startsAt = instantAt(addDays(date, 35), 540, actor.clinic.timeZone).instant
  const contact = { contactName: `${label} Eva`, contactMail: `eva@${label}.example`, patientName: `${label} Nube`, note: `${label} limps` }
  const requestId = await addBookingRequest(app, actor, { typeId, startsAt, ...contact })
  return { OnlineType: typeId, BookingRequest: requestId, BookingPage: label }
}

async function addMessages(
  app: App,
  actor: SystemActor,
  {
    label,
    clientId,
    appointmentId,
    userId,
    readerIds,
  }: { label: string; clientId: string; appointmentId: string; userId: string; readerIds: readonly string[] },
): Promise<{ Message: string; MessageRule: string; Notification: string }> {
  await app.asSystem(actor, 'cli', 'world', (tx) =>
    saveMessageTemplate(tx, actor, { code: `own_${actor.clinic.id.slice(-8)}`, channel: 'sms', locale: 'es-MX', body: `${label} reminds {{patientName}}` }),
  )
  await app.asSystem(actor, 'cli', 'world', (tx) => setMessageSettings(tx, actor, { quietFrom: '20:00', quietUntil: '09:00' }))
  await app.asSystem(actor, 'cli', 'world', (tx) =>
    setClientPreference(tx, actor, { clientId, refusals: [{ channel: 'sms', kind: 'reminder' }], quietFrom: '20:30', quietUntil: '09:30' }),
  )
  // Those without any right to visits have something to read as well.
  for (const readerId of readerIds) await addNotification(app, actor, readerId, { appointmentId })
  return {
    MessageRule: await addMessageRule(app, actor),
    Message: await addMessage(app, actor, { clientId, params: { appointmentId } }),
    Notification: await addNotification(app, actor, userId, { appointmentId }),
  }
}

/** A published week with an evening of the person, for which a colleague is asked, an open shift, and what is needed. */
async function addRoster(app: App, actor: SystemActor & { staffId: string }, staffId: string, date: string): Promise<Record<string, string>> {
  const templateId = await addShiftTemplate(app, actor)
  const shiftId = await addShift(app, actor, { date: addDays(date, 2), staffId, start: '18:00', end: '20:00', note: 'evening' })
  await addShift(app, actor, { date: addDays(date, 2), templateId, start: '08:00', end: '14:00' })
  await publishWeek(app, actor, date)
  await addNeed(app, actor)
  const swapId = await addSwap(app, actor, { shiftId, reason: 'family' })
  return { RosterShift: shiftId, ShiftTemplate: templateId, ShiftSwap: swapId }
}
