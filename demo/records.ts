import type { SystemActor } from '../modules/kernel/actor.ts'
import type { App } from '../server/app.ts'
import { scopeOf } from '../server/build-context.ts'
import { STAFF, type StaffKey } from './clinic-data.ts'

/** Ids of what the demo's plans call by name or by index. */
export type ClinicRecords = {
  readonly staff: ReadonlyMap<StaffKey, string>
  readonly rooms: ReadonlyMap<string, string>
  readonly types: ReadonlyMap<string, string>
  readonly services: ReadonlyMap<string, string>
  readonly products: ReadonlyMap<string, string>
  readonly soapTemplate: string | null
  /** In the order in which they were recorded. */
  readonly clients: readonly string[]
  readonly patients: readonly string[]
}

/** Reads them back from the database, so that an interrupted load can go on in another process. */
export async function readRecords(app: App, actor: SystemActor): Promise<ClinicRecords> {
  const prisma = app.database.prisma(scopeOf(actor))
  const where = { organisationId: actor.organisationId }
  const here = { ...where, clinicId: actor.clinic.id }
  const [staff, rooms, types, services, products, templates, patients] = await Promise.all([
    prisma.staffProfile.findMany({ where, select: { id: true, employeeNumber: true } }),
    prisma.room.findMany({ where: here, select: { id: true, name: true } }),
    prisma.appointmentType.findMany({ where, select: { id: true, code: true } }),
    prisma.service.findMany({ where, select: { id: true, code: true } }),
    prisma.product.findMany({ where, select: { id: true, sku: true } }),
    prisma.noteTemplate.findMany({ where: { ...where, kind: 'soap', locale: 'es-MX' }, select: { id: true }, orderBy: { name: 'asc' }, take: 1 }),
    prisma.patient.findMany({ where: { ...where, homeClinicId: actor.clinic.id }, select: { id: true, clientId: true }, orderBy: { recordNumber: 'asc' } }),
  ])
  const byNumber = new Map(staff.map(({ employeeNumber, id }) => [employeeNumber, id]))
  return {
    staff: new Map(STAFF.flatMap(({ key, employeeNumber }) => pairs(key, byNumber.get(employeeNumber)))),
    rooms: new Map(rooms.map(({ name, id }) => [name, id])),
    types: new Map(types.map(({ code, id }) => [code, id])),
    services: new Map(services.map(({ code, id }) => [code, id])),
    products: new Map(products.map(({ sku, id }) => [sku, id])),
    soapTemplate: templates[0]?.id ?? null,
    clients: [...new Set(patients.map(({ clientId }) => clientId))],
    patients: patients.map(({ id }) => id),
  }
}

function pairs<K>(key: K, id: string | undefined): [K, string][] {
  return id === undefined ? [] : [[key, id]]
}
