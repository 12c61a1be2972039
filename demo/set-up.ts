import { assignRole, createOrganisation, createUser } from '../modules/access/index.ts'
import { createService } from '../modules/billing/index.ts'
import { createMessageRule } from '../modules/communication/index.ts'
import { createProduct, setStockLevels } from '../modules/inventory/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import { addDays, type LocalDate } from '../modules/kernel/time.ts'
import { createDefaultTemplates } from '../modules/notes/index.ts'
import { createClient, createPatient } from '../modules/patients/index.ts'
import { createAppointmentType, createRoom } from '../modules/scheduling/index.ts'
import { createDefaultTimeOffTypes, createStaffProfile, recordCredential, setWeeklySchedule, verifyCredential } from '../modules/staff/index.ts'
import {
  APPOINTMENT_TYPES,
  CLINICS,
  type ClinicKey,
  DEMO_FIRST_CLINIC_ID,
  type DemoStaff,
  demoEmail,
  ORGANISATION_NAME,
  OUTSIDERS,
  ROOMS,
  SERVICES,
  STAFF,
  type StaffKey,
  TIME_ZONE,
} from './clinic-data.ts'
import type { DemoClient } from './people.ts'
import { PRODUCTS } from './product-data.ts'
import { entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

/** Hours count from this day on: every day that the demo fills lies after it. */
const SCHEDULES_FROM = '2024-01-01'

/** The organisation with everything that both clinics share: people, roles, services, types, products, templates. */
export async function setUpOrganisation(
  tx: Tx,
  actor: SystemActor,
  { passwordHash, fields, today }: { readonly passwordHash: string; readonly fields: FieldCipher; readonly today: LocalDate },
): Promise<void> {
  const place = { countryCode: 'MX', timeZone: TIME_ZONE, currency: 'MXN', locale: 'es-MX' } as const
  await createOrganisation(tx, actor, { name: ORGANISATION_NAME, clinics: CLINICS.map(({ name }) => ({ name, ...place })) })
  for (const { role, name } of OUTSIDERS) await createLogin(tx, actor, { role, name, since: SCHEDULES_FROM, passwordHash })
  const hired = new Map<StaffKey, string>()
  for (const person of STAFF.toSorted((a, b) => stepsBelow(a) - stepsBelow(b))) {
    const { key, role, hours: _hours, specialisations = [], manager, credentials = [], ...profile } = person
    const userId = await createLogin(tx, actor, { role, name: person.name, since: person.hiredOn, passwordHash })
    const { id } = await createStaffProfile(tx, actor, {
      ...profile,
      userId,
      primaryClinicId: DEMO_FIRST_CLINIC_ID,
      specialisations: [...specialisations],
      managerId: manager ? entryOf(hired, manager) : null,
    })
    hired.set(key, id)
    for (const { expiresInDays, ...credential } of credentials) {
      const expiresOn = expiresInDays === undefined ? null : addDays(today, expiresInDays)
      const made = await recordCredential(tx, actor, fields, { staffId: id, ...credential, expiresOn })
      await verifyCredential(tx, actor, { id: made.id, version: 1, method: 'registry', outcome: 'confirmed' })
    }
  }
  const services = new Map<string, string>()
  for (const service of SERVICES) services.set(service.code, (await createService(tx, actor, service)).id)
  for (const { service, ...type } of APPOINTMENT_TYPES) await createAppointmentType(tx, actor, { ...type, serviceId: entryOf(services, service) })
  for (const { family, unitPrice, criticalLevel: _critical, idealLevel: _ideal, demand: _demand, ...product } of PRODUCTS)
    await createProduct(tx, actor, { ...product, familyName: family, unitPrice: String(unitPrice) })
  await createDefaultTemplates(tx, actor)
  await createDefaultTimeOffTypes(tx, actor)
}

/** How many people lead a person, one above the other: whoever leads is hired first. */
function stepsBelow({ manager }: DemoStaff): number {
  const leader = STAFF.find(({ key }) => key === manager)
  return leader ? 1 + stepsBelow(leader) : 0
}

async function createLogin(
  tx: Tx,
  actor: SystemActor,
  { role, name, since, passwordHash }: { role: Parameters<typeof demoEmail>[0]; name: string; since: string; passwordHash: string },
): Promise<string> {
  const { id } = await createUser(tx, actor, { email: demoEmail(role), name, locale: 'es-MX', passwordHash })
  await assignRole(tx, actor, { userId: id, roleCode: role, validFrom: since })
  return id
}

/** What one clinic has of its own: rooms, hours, reorder levels, reminders. */
export async function setUpClinic(tx: Tx, actor: SystemActor, clinic: ClinicKey, records: ClinicRecords): Promise<void> {
  for (const [position, room] of ROOMS.entries()) await createRoom(tx, actor, { ...room, position })
  for (const { key, hours } of STAFF) {
    const days = hours
      .filter((block) => block.clinic === clinic)
      .flatMap(({ weekdays, start, end, breaks = [] }) => weekdays.map((weekday) => ({ weekday, start, end, breaks: [...breaks] })))
    if (days.length > 0) await setWeeklySchedule(tx, actor, { staffId: entryOf(records.staff, key), validFrom: SCHEDULES_FROM, days })
  }
  await createMessageRule(tx, actor, { event: 'reminder', channel: 'mail', leadMinutes: 1440 })
  await createMessageRule(tx, actor, { event: 'reminder', channel: 'in_app', leadMinutes: 15 })
  for (const { sku, criticalLevel, idealLevel } of PRODUCTS)
    await setStockLevels(tx, actor, { productId: entryOf(records.products, sku), criticalLevel: String(criticalLevel), idealLevel: String(idealLevel) })
}

/** Records clients and opens the charts of their animals. */
export async function recordClients(tx: Tx, actor: SystemActor, clients: readonly DemoClient[]): Promise<void> {
  for (const { patients, ...client } of clients) {
    const { id: clientId } = await createClient(tx, actor, { ...client, locale: 'es-MX', countryCode: 'MX' })
    for (const patient of patients) await createPatient(tx, actor, { ...patient, clientId, allergies: [...patient.allergies], alerts: [...patient.alerts] })
  }
}
