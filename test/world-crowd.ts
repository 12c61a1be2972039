import { createUser } from '../modules/access/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { addDays, instantAt, localDateOf } from '../modules/kernel/time.ts'
import { addAddendum } from '../modules/notes/commands.ts'
import type { App } from '../server/app.ts'
import type { Fixtures } from './full-world.ts'
import { actorOf } from './operations.ts'
import type { WorldOrganisation } from './world.ts'
import { addInvoice, addPayment, addService } from './world-billing.ts'
import { addExport, addVerification } from './world-compliance.ts'
import { addLevels, addMovement, addProduct, addStock } from './world-inventory.ts'
import { addSignedNote } from './world-notes.ts'
import { addClient, addPatient } from './world-patients.ts'
import { addAppointment, addAppointmentType, addEquipment, addHold, addOffer, addRoom, addSeries, addWaiting } from './world-scheduling.ts'
import { addHours, addStaff } from './world-staff.ts'

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
    await addExport(app, actor, organisation.userId('compliance_officer'))
    await addVerification(app, actor)
  }
}

async function addPeople(app: App, actor: SystemActor, { ids }: Fixtures, name: string): Promise<void> {
  const email = `${name.replaceAll(' ', '.').toLowerCase()}@crowd.example`
  await app.asSystem(actor, 'cli', 'world', (tx) => createUser(tx, actor, { email, name, locale: 'es-MX', passwordHash: '$argon2id$none' }))
  await addClient(app, actor, { name })
  await addPatient(app, actor, { name, ...(ids.Client ? { clientId: ids.Client } : {}) })
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
