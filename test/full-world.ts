import { addDays, instantAt, localDateOf, weekdayOf } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'
import type { Harness } from './harness.ts'
import { actorOf } from './operations.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { addInvoice, addPayment, addService } from './world-billing.ts'
import { addExport, publishTrail } from './world-compliance.ts'
import { addLevels, addProduct, addStock } from './world-inventory.ts'
import { addDefaultTemplates, addNote, addSignedNote } from './world-notes.ts'
import { addPatient } from './world-patients.ts'
import { addAppointment, addEquipment, addHold, addOffer, addPractice, addSeries, addWaiting } from './world-scheduling.ts'
import { addHours, addStaff } from './world-staff.ts'

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
  const exportId = await addExport(app, actor, organisation.userId('compliance_officer', index))
  return {
    date,
    ids: {
      AuditExport: exportId,
      Patient: patient.id,
      Client: patient.clientId,
      StaffProfile: staffId,
      Appointment: appointmentId,
      AppointmentType: practice.typeId,
      Room: practice.roomId,
      Equipment: equipmentId,
      SlotHold: holdId,
      AppointmentSeries: seriesId,
      WaitlistEntry: waitingId,
      WaitlistOffer: offerId,
      ClinicalNote: noteId,
      Draft: draftId,
      NoteTemplate: templateId,
      Product: productId,
      Lot: lotId ?? '',
      Service: serviceId,
      Invoice: sale.id,
      User: organisation.userId('groomer', index),
    },
  }
}
