import { createService, type NewInvoice, type NewPayment, type NewService, postInvoice, recordPayment } from '../modules/billing/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'

let count = 0

/** A checkup at 500.00 ex-tax with 16 %, unless the service given says otherwise. */
export async function addService(app: App, actor: SystemActor, service: Partial<NewService> = {}): Promise<string> {
  count += 1
  const input: NewService = { code: `SERVICE-${count}`, name: `Service ${count}`, category: 'checkup', unitPrice: '500', taxRate: '16', ...service }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createService(tx, actor, input))
  return id
}

export function addInvoice(app: App, actor: SystemActor, invoice: NewInvoice, clock: Clock = app.clock): Promise<{ id: string; number: string }> {
  return app.asSystem(actor, 'cli', 'world', (tx) => postInvoice(tx, actor, invoice), clock)
}

export async function addPayment(app: App, actor: SystemActor, payment: NewPayment, clock: Clock = app.clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => recordPayment(tx, actor, payment), clock)
  return id
}
