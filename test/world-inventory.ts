import {
  createProduct,
  type NewMovement,
  type NewProduct,
  type Received,
  receiveStock,
  recordMovement,
  type StockReceipt,
  setStockLevels,
} from '../modules/inventory/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'

let count = 0

/** Business time that stands still. */
export function clockAt(instant: string): Clock {
  return { now: () => new Date(instant) }
}

/** A product at 100.00 ex-tax with 16 %, not tracked by lot, unless the product given says otherwise. */
export async function addProduct(app: App, actor: SystemActor, product: Partial<NewProduct> = {}): Promise<string> {
  count += 1
  const input: NewProduct = { sku: `SKU-${count}`, name: `Product ${count}`, category: 'accessory', unitPrice: '100', taxRate: '16', ...product }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createProduct(tx, actor, input))
  return id
}

/** Books a delivery in at the actor's clinic. */
export function addStock(app: App, actor: SystemActor, receipt: StockReceipt, clock: Clock = app.clock): Promise<Received> {
  return app.asSystem(actor, 'cli', 'world', (tx) => receiveStock(tx, actor, receipt), clock)
}

export async function addMovement(app: App, actor: SystemActor, movement: NewMovement, clock: Clock = app.clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => recordMovement(tx, actor, movement), clock)
  return id
}

export async function addLevels(app: App, actor: SystemActor, productId: string, criticalLevel: string, idealLevel = '100'): Promise<void> {
  await app.asSystem(actor, 'cli', 'world', (tx) => setStockLevels(tx, actor, { productId, criticalLevel, idealLevel }))
}
