import { createService, creditInvoice, type NewInvoice, type NewService, postInvoice } from '../modules/billing/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { type AppointmentStatus, cancelAppointment, setAppointmentStatus } from '../modules/scheduling/index.ts'
import type { App } from '../server/app.ts'
import { clockAt } from './world-inventory.ts'
import { addAppointment, type Practice } from './world-scheduling.ts'

let count = 0

/** A checkup at 100.00 ex-tax with 16 %, unless the service given says otherwise. */
export async function addService(app: App, actor: SystemActor, service: Partial<NewService> = {}): Promise<string> {
  count += 1
  const input: NewService = { code: `S${count}`, name: `Service ${count}`, category: 'checkup', unitPrice: '100', taxRate: '16', ...service }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createService(tx, actor, input))
  return id
}

/** A visit that was booked and went as far as the steps say, at the instant at which it began. */
export async function addVisitTo(
  app: App,
  actor: SystemActor,
  practice: Practice,
  visit: { typeId: string; startsAt: string; steps: readonly AppointmentStatus[] },
): Promise<string> {
  const clock = clockAt(visit.startsAt)
  const id = await addAppointment(
    app,
    actor,
    { patientId: practice.patientId, staffId: practice.staffId, typeId: visit.typeId, startsAt: new Date(visit.startsAt) },
    clock,
  )
  await app.asSystem(
    actor,
    'cli',
    'world',
    async (tx) => {
      for (const [index, status] of visit.steps.entries()) {
        if (status === 'cancelled') await cancelAppointment(tx, actor, { id, version: index + 1, reason: 'world' })
        else await setAppointmentStatus(tx, actor, { id, version: index + 1, status })
      }
      return null
    },
    clock,
  )
  return id
}

/** An invoice that was posted at an instant. */
export async function addInvoice(app: App, actor: SystemActor, at: string, invoice: NewInvoice): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => postInvoice(tx, actor, invoice), clockAt(at))
  return id
}

/** A whole invoice, or the lines given, taken back at an instant. */
export async function addCredit(
  app: App,
  actor: SystemActor,
  at: string,
  invoiceId: string,
  credit: { lines?: string[]; restock?: boolean } = {},
): Promise<void> {
  await app.asSystem(actor, 'cli', 'world', async (tx) => ({ id: (await creditInvoice(tx, actor, { invoiceId, reason: 'world', ...credit })).id }), clockAt(at))
}
