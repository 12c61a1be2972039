import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { addDays, localDateOf } from '../../modules/kernel/time.ts'
import { withClient } from '../../server/database/connection.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, type Caller, callers, ERRORS, lastEntry, paramsOf, statementsOf } from '../operations.ts'
import { findDisagreements } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addLevels, addMovement, addProduct, addStock, clockAt } from '../world-inventory.ts'

const PRODUCT =
  'id sku name category unitCode unitPrice taxRate isLotTracked isArchived version family { id name } stock { onHand criticalLevel idealLevel } lots { id number expiresOn onHand status }'
const MOVEMENT = 'id kind quantity reason occurredAt product { id stock { onHand } } lot { id number onHand expiresOn } recordedBy { id }'
const Q_PRODUCT = `query Product($id: UUID!) { product(id: $id) { ${PRODUCT} } }`
const Q_PRODUCTS = `query Products($query: String, $category: String, $first: Int, $after: String) { products(query: $query, category: $category, first: $first, after: $after) { edges { node { ${PRODUCT} } } pageInfo { hasNextPage endCursor } } }`
const Q_MOVEMENTS = `query Movements($productId: UUID, $first: Int) { stockMovements(productId: $productId, first: $first) { edges { node { ${MOVEMENT} } } } }`
const Q_ALERTS = `query Alerts($asOf: LocalDate) { inventoryAlerts(asOf: $asOf) { asOf
  outOfStock { product { id name } onHand criticalLevel } low { product { id name } onHand criticalLevel }
  expiring { lot { id number product { id } } product { name } onHand expiresOn daysLeft } } }`
const M_CREATE = `mutation CreateProduct($input: CreateProductInput!) { createProduct(input: $input) { __typename ... on Product { ${PRODUCT} } ${ERRORS} } }`
const M_UPDATE = `mutation UpdateProduct($input: UpdateProductInput!) { updateProduct(input: $input) { __typename ... on Product { ${PRODUCT} } ${ERRORS} } }`
const M_LEVELS = `mutation SetStockLevels($input: SetStockLevelsInput!) { setStockLevels(input: $input) { __typename ... on Product { ${PRODUCT} } ${ERRORS} } }`
const M_RECEIVE = `mutation ReceiveStock($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on StockMovement { ${MOVEMENT} } ${ERRORS} } }`
const M_RECORD = `mutation RecordMovement($input: RecordMovementInput!) { recordMovement(input: $input) { __typename ... on StockMovement { ${MOVEMENT} }
  ... on InsufficientStock { productId lotId requested available } ${ERRORS} } }`
const M_COUNT = `mutation CountStock($input: CountStockInput!) { countStock(input: $input) { __typename ... on Product { ${PRODUCT} } ${ERRORS} } }`
const M_LOT = `mutation SetLotStatus($input: SetLotStatusInput!) { setLotStatus(input: $input) { __typename ... on Lot { id number status onHand expiresOn product { id } } ${ERRORS} } }`

type LotRow = { id: string; number: string; onHand: string }
type AlertRow = { product: { id: string; name: string }; lot: LotRow }
type MovementEdge = { node: { kind: string; quantity: string; reason: string | null } }

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let as: ReturnType<typeof callers>
let manager: Caller
let vet: Caller
const soon = addDays(localDateOf(new Date(), 'America/Mexico_City'), 60)

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta')
  as = callers(harness)
  manager = await as(org, 'manager')
  vet = await as(org, 'veterinarian')
})
afterAll(() => harness[Symbol.asyncDispose]())

const create = async (input: object, caller = manager) =>
  (await caller(M_CREATE, { input: { sku: `T-${newId()}`, name: 'Collar', category: 'accessory', unitPrice: '120.50', taxRate: '16', ...input } })).body.data
    .createProduct
const movementsOf = (productId: string) =>
  withClient(harness.database.adminUrl, async (client) => (await client.query('SELECT FROM stock_movement WHERE product_id = $1', [productId])).rowCount)
const product = async (id: string, caller = vet) => (await caller(Q_PRODUCT, { id })).body.data.product
const record = async (input: object, caller = vet) => (await caller(M_RECORD, { input })).body.data.recordMovement

describe('the catalogue', () => {
  it('takes a product with its family, and opens each family once', async () => {
    const small = await create({ sku: 'RC-2', name: 'Royal Canin 2 kg', category: 'food', familyName: 'Royal Canin', unitCode: '{bag}' })
    const large = await create({ sku: 'RC-10', name: 'Royal Canin 10 kg', category: 'food', familyName: 'Royal Canin' })
    expect(small).toMatchObject({
      __typename: 'Product',
      sku: 'RC-2',
      category: 'food',
      unitCode: '{bag}',
      unitPrice: '120.5',
      taxRate: '16',
      isLotTracked: false,
      isArchived: false,
      version: 1,
      family: { name: 'Royal Canin' },
      stock: null,
      lots: [],
    })
    expect(large).toMatchObject({ unitCode: '{unit}', family: { id: small.family.id } })
  })

  it('refuses a SKU that is taken', async () => {
    await create({ sku: 'TWICE' })
    expect(await create({ sku: 'TWICE' })).toMatchObject({
      __typename: 'AlreadyExists',
      params: [
        { name: 'type', value: 'Product' },
        { name: 'field', value: 'sku' },
      ],
    })
    const other = await create({})
    const renamed = await manager(M_UPDATE, { input: { id: other.id, version: 1, sku: 'TWICE' } })
    expect(renamed.body.data.updateProduct.__typename).toBe('AlreadyExists')
  })

  it.each([
    ['category', { category: 'furniture' }],
    ['unitPrice', { unitPrice: '-1' }],
    ['unitPrice', { unitPrice: '100000001' }],
    ['taxRate', { taxRate: '101' }],
    ['taxRate', { taxRate: '16.125' }],
    ['unitCode', { unitCode: '{barrel}' }],
    ['name', { name: '  ' }],
  ])('names the field that is wrong: %s', async (path, input) => {
    expect(await create(input)).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('changes what is given and leaves the rest', async () => {
    const made = await create({ familyName: 'Collares' })
    const { updateProduct } = (await manager(M_UPDATE, { input: { id: made.id, version: 1, unitPrice: '99', category: null } })).body.data
    expect(updateProduct).toMatchObject({ unitPrice: '99', taxRate: '16', category: 'accessory', family: { name: 'Collares' }, version: 2 })
    const alone = (await manager(M_UPDATE, { input: { id: made.id, version: 2, familyName: null } })).body.data.updateProduct
    expect(alone).toMatchObject({ family: null, version: 3 })
    const moved = (await manager(M_UPDATE, { input: { id: made.id, version: 3, familyName: 'Correas' } })).body.data.updateProduct
    expect(moved.family.name).toBe('Correas')
  })

  it('refuses a change of what has changed meanwhile, and of what is not there', async () => {
    const made = await create({})
    await manager(M_UPDATE, { input: { id: made.id, version: 1, name: 'Collar azul' } })
    const stale = (await manager(M_UPDATE, { input: { id: made.id, version: 1, name: 'Collar rojo' } })).body.data.updateProduct
    expect(stale.__typename).toBe('StaleVersion')
    expect(paramsOf(stale)).toEqual({ type: 'Product', current: '2' })
    const missing = (await manager(M_UPDATE, { input: { id: newId(), version: 1, name: 'Nada' } })).body.data.updateProduct
    expect(missing.__typename).toBe('NotFound')
  })

  it('hides an archived product from the list, not from those who know it, and brings it back', async () => {
    const made = await create({ name: 'Descontinuado' })
    const archived = (await manager(M_UPDATE, { input: { id: made.id, version: 1, isArchived: true } })).body.data.updateProduct
    expect(archived.isArchived).toBe(true)
    const find = async () => (await vet(Q_PRODUCTS, { query: 'descontinuado' })).body.data.products.edges
    expect(await find()).toEqual([])
    expect(await product(made.id)).toMatchObject({ name: 'Descontinuado' })
    await manager(M_UPDATE, { input: { id: made.id, version: 2, isArchived: false } })
    expect(await find()).toHaveLength(1)
  })

  it('finds by part of name, SKU or family, whatever the accents and case, and takes % for a character', async () => {
    await create({ sku: 'AMX-500', name: 'Amoxicilina cápsulas', category: 'medicine', familyName: 'Antibióticos' })
    const names = async (query: string, category?: string) =>
      (await vet(Q_PRODUCTS, { query, category })).body.data.products.edges.map((edge: { node: { name: string } }) => edge.node.name)
    for (const query of ['CAPSULAS', 'amx-5', 'antibioticos']) expect(await names(query)).toEqual(['Amoxicilina cápsulas'])
    expect(await names('amoxicilina', 'food')).toEqual([])
    expect(await names('%')).toEqual([])
  })
})

describe('receiving stock', () => {
  it('adds a delivery to the level of the active clinic alone', async () => {
    const { id } = await create({})
    const { receiveStock } = (await vet(M_RECEIVE, { input: { productId: id, quantity: '2.5', reason: 'Factura 77' } })).body.data
    expect(receiveStock).toMatchObject({
      __typename: 'StockMovement',
      kind: 'restock',
      quantity: '2.5',
      reason: 'Factura 77',
      lot: null,
      product: { stock: { onHand: '2.5' } },
    })
    expect((await product(id, await as(org, 'veterinarian', 1))).stock).toBeNull()
  })

  it('opens a lot at its first delivery and adds the next one to it', async () => {
    const { id } = await create({ category: 'vaccine', isLotTracked: true })
    const first = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'R1', expiresOn: soon, quantity: '10' } })).body.data.receiveStock
    const again = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'R1', quantity: '5' } })).body.data.receiveStock
    expect(again.lot).toEqual({ id: first.lot.id, number: 'R1', onHand: '15', expiresOn: soon })
    expect((await product(id)).lots).toEqual([{ id: first.lot.id, number: 'R1', expiresOn: soon, onHand: '15', status: 'active' }])
  })

  it('refuses a delivery whose last day of use differs from its lot’s', async () => {
    const { id } = await create({ isLotTracked: true })
    await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'R1', quantity: '1' } })
    const { receiveStock } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'R1', expiresOn: soon, quantity: '1' } })).body.data
    expect(receiveStock).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'expiresOn', rule: 'differs' }] })
    expect((await product(id)).stock.onHand).toBe('1')
  })

  it.each([
    ['a lot for a product without lots', false, { lotNumber: 'X' }, 'lotNumber'],
    ['a last day for a product without lots', false, { expiresOn: soon }, 'expiresOn'],
    ['no lot for a product with lots', true, {}, 'lotNumber'],
    ['nothing', false, { quantity: '0' }, 'quantity'],
  ])('refuses %s', async (_what, isLotTracked, input, path) => {
    const { id } = await create({ isLotTracked })
    const { receiveStock } = (await vet(M_RECEIVE, { input: { productId: id, quantity: '1', ...input } })).body.data
    expect(receiveStock).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
    expect(await movementsOf(id)).toBe(0)
  })

  it('refuses an archived product', async () => {
    const { id } = await create({})
    await manager(M_UPDATE, { input: { id, version: 1, isArchived: true } })
    expect((await vet(M_RECEIVE, { input: { productId: id, quantity: '1' } })).body.data.receiveStock.__typename).toBe('NotFound')
    expect(await movementsOf(id)).toBe(0)
  })

  // The movement is posted in the round trip that reads the product: what the database says of it must not come before the refusal.
  it('refuses a product that is none, without a word of what was not posted', async () => {
    const { body, headers } = await vet(M_RECEIVE, { input: { productId: newId(), quantity: '1' } })
    expect(body.data.receiveStock.__typename).toBe('NotFound')
    const bodies = await withClient(harness.database.adminUrl, async (client) => {
      const { rows } = await client.query("SELECT convert_from(body, 'UTF8') AS body FROM audit.entry WHERE convert_from(body, 'UTF8') LIKE $1", [
        `%${headers.get('x-request-id')}%`,
      ])
      return rows.map((row) => JSON.parse(row.body))
    })
    expect(bodies).toMatchObject([{ outcome: 'refused', detail: 'NOT_FOUND' }])
    expect(bodies[0]).not.toHaveProperty('reads')
    expect(bodies[0]).not.toHaveProperty('changes')
  })
})

describe('movements', () => {
  it('change the level, and list newest first with their reason', async () => {
    const { id } = await create({})
    await vet(M_RECEIVE, { input: { productId: id, quantity: '10' } })
    await record({ productId: id, kind: 'use', quantity: '-3' })
    await record({ productId: id, kind: 'waste', quantity: '-1', reason: 'Bolsa rota' })
    const adjusted = await record({ productId: id, kind: 'adjustment', quantity: '0.5', reason: 'Sobró' })
    expect(adjusted.product.stock.onHand).toBe('6.5')
    const rows = (await vet(Q_MOVEMENTS, { productId: id })).body.data.stockMovements.edges.map((edge: MovementEdge) => [
      edge.node.kind,
      edge.node.quantity,
      edge.node.reason,
    ])
    expect(rows).toEqual([
      ['adjustment', '0.5', 'Sobró'],
      ['waste', '-1', 'Bolsa rota'],
      ['use', '-3', null],
      ['restock', '10', null],
    ])
  })

  it('of a lot change the lot and the level', async () => {
    const { id } = await create({ isLotTracked: true })
    const { lot } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'A', quantity: '4' } })).body.data.receiveStock
    const used = await record({ productId: id, lotId: lot.id, kind: 'expired', quantity: '-4' })
    expect(used).toMatchObject({ lot: { onHand: '0' }, product: { stock: { onHand: '0' } } })
    expect((await product(id)).lots).toEqual([])
  })

  it('never go below zero: the product, or the lot', async () => {
    const { id } = await create({})
    await vet(M_RECEIVE, { input: { productId: id, quantity: '2' } })
    const refused = await record({ productId: id, kind: 'use', quantity: '-2.000001' })
    expect(refused).toMatchObject({
      __typename: 'InsufficientStock',
      code: 'INSUFFICIENT_STOCK',
      productId: id,
      lotId: null,
      requested: '2.000001',
      available: null,
    })
    expect((await product(id)).stock.onHand).toBe('2')

    const tracked = await create({ isLotTracked: true })
    const lot = async (lotNumber: string) => (await vet(M_RECEIVE, { input: { productId: tracked.id, lotNumber, quantity: '2' } })).body.data.receiveStock.lot
    const [a] = [await lot('A'), await lot('B')]
    expect(await record({ productId: tracked.id, lotId: a.id, kind: 'use', quantity: '-3' })).toMatchObject({ __typename: 'InsufficientStock', lotId: a.id })
  })

  it('of a product that was never stocked are refused', async () => {
    const { id } = await create({})
    expect((await record({ productId: id, kind: 'use', quantity: '-1' })).__typename).toBe('InsufficientStock')
  })

  it.each([
    ['a sale: invoices post those', { kind: 'sale', quantity: '-1' }, 'kind'],
    ['use that adds', { kind: 'use', quantity: '1' }, 'quantity'],
    ['no change', { kind: 'adjustment', quantity: '0', reason: 'x' }, 'quantity'],
    ['waste without a reason', { kind: 'waste', quantity: '-1' }, 'reason'],
    ['a lot for a product without lots', { kind: 'use', quantity: '-1', lotId: newId() }, 'lotId'],
  ])('refuse %s', async (_what, input, path) => {
    const { id } = await create({})
    expect(await record({ productId: id, ...input })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('refuse a product out of reach, a lot of another product, and a tracked product without lot', async () => {
    expect((await record({ productId: newId(), kind: 'use', quantity: '-1' })).__typename).toBe('NotFound')
    const { id } = await create({ isLotTracked: true })
    const other = await create({ isLotTracked: true })
    const { lot } = (await vet(M_RECEIVE, { input: { productId: other.id, lotNumber: 'A', quantity: '4' } })).body.data.receiveStock
    expect((await record({ productId: id, lotId: lot.id, kind: 'use', quantity: '-1' })).__typename).toBe('NotFound')
    expect(await record({ productId: id, kind: 'use', quantity: '-1' })).toMatchObject({ issues: [{ path: 'lotId', rule: 'required' }] })
  })

  it('are posted once for one idempotency key', async () => {
    const { id } = await create({})
    const input = { productId: id, quantity: '3' }
    const key = { idempotencyKey: newId() }
    const [first, second] = [await vet(M_RECEIVE, { input }, key), await vet(M_RECEIVE, { input }, key)]
    expect(second.body.data.receiveStock.id).toBe(first.body.data.receiveStock.id)
    expect((await product(id)).stock.onHand).toBe('3')
  })
})

describe('a count', () => {
  const count = async (input: object) => (await vet(M_COUNT, { input: { reason: 'Inventario mensual', ...input } })).body.data.countStock

  it('posts the difference, and nothing when there is none', async () => {
    const { id } = await create({})
    await vet(M_RECEIVE, { input: { productId: id, quantity: '10' } })
    expect((await count({ productId: id, counted: '8.5' })).stock.onHand).toBe('8.5')
    expect((await count({ productId: id, counted: '8.5' })).stock.onHand).toBe('8.5')
    const rows = (await vet(Q_MOVEMENTS, { productId: id })).body.data.stockMovements.edges.map((edge: MovementEdge) => [
      edge.node.kind,
      edge.node.quantity,
      edge.node.reason,
    ])
    expect(rows).toEqual([
      ['count', '-1.5', 'Inventario mensual'],
      ['restock', '10', null],
    ])
  })

  it('of a lot changes that lot', async () => {
    const { id } = await create({ isLotTracked: true })
    const { lot } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'A', quantity: '4' } })).body.data.receiveStock
    await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'B', quantity: '1' } })
    const counted = await count({ productId: id, lotId: lot.id, counted: '6' })
    expect(counted.stock.onHand).toBe('7')
    expect(counted.lots.map((row: LotRow) => [row.number, row.onHand])).toEqual([
      ['A', '6'],
      ['B', '1'],
    ])
  })

  it('of what was never stocked starts at zero, and needs a reason', async () => {
    const { id } = await create({})
    expect((await count({ productId: id, counted: '3' })).stock.onHand).toBe('3')
    expect(await count({ productId: id, counted: '3', reason: ' ' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'reason' }] })
    expect(await count({ productId: id, counted: '-3' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'counted' }] })
  })
})

describe('levels', () => {
  it('are set without touching the stock', async () => {
    const { id } = await create({})
    const set = async (criticalLevel: string, idealLevel: string) =>
      (await manager(M_LEVELS, { input: { productId: id, criticalLevel, idealLevel } })).body.data.setStockLevels
    expect((await set('5', '20')).stock).toEqual({ onHand: '0', criticalLevel: '5', idealLevel: '20' })
    await vet(M_RECEIVE, { input: { productId: id, quantity: '7' } })
    expect((await set('6', '6')).stock).toEqual({ onHand: '7', criticalLevel: '6', idealLevel: '6' })
    expect(await set('6', '5.9')).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'idealLevel' }] })
  })

  it('of a product out of reach are refused', async () => {
    const { setStockLevels } = (await manager(M_LEVELS, { input: { productId: newId(), criticalLevel: '1', idealLevel: '1' } })).body.data
    expect(setStockLevels.__typename).toBe('NotFound')
  })
})

describe('a lot', () => {
  const setStatus = async (input: object) => (await vet(M_LOT, { input: { reason: 'Aviso del fabricante', ...input } })).body.data.setLotStatus

  it('is taken out of use and back, with the reason in the trail', async () => {
    const { id } = await create({ isLotTracked: true })
    const { lot } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'A', quantity: '4' } })).body.data.receiveStock
    expect(await setStatus({ lotId: lot.id, status: 'recalled' })).toMatchObject({ status: 'recalled', onHand: '4', product: { id } })
    expect(await lastEntry(harness, 'SetLotStatus/setLotStatus')).toMatchObject({
      action: 'update',
      reason: 'Aviso del fabricante',
      body: { changes: [{ type: 'Lot', ids: [lot.id], fields: ['status'] }] },
    })
    expect(await setStatus({ lotId: lot.id, status: 'active' })).toMatchObject({ status: 'active' })
  })

  it('out of reach, or with an unknown status, is refused', async () => {
    expect((await setStatus({ lotId: newId(), status: 'recalled' })).__typename).toBe('NotFound')
    expect(await setStatus({ lotId: newId(), status: 'lost' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'status' }] })
  })
})

describe('alerts', () => {
  // A clinic of its own in another zone, so that figures are exact and midnight is not Mexico's.
  let clinic: WorldOrganisation
  let reader: Caller
  const product: Record<string, string> = {}
  const alerts = async (asOf: string) => (await reader(Q_ALERTS, { asOf })).body.data.inventoryAlerts
  const names = (rows: { product: { name: string } }[]) => rows.map((row) => row.product.name)

  beforeAll(async () => {
    const { app } = harness
    const spain = { timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }
    clinic = await buildOrganisation(app, 'gama', [spain, spain])
    reader = await as(clinic, 'veterinarian')
    const actor = actorOf(clinic)
    const opening = clockAt('2025-12-01T09:00:00Z')
    for (const name of ['A ends', 'B low', 'C at the level', 'D above', 'E never stocked', 'F archived']) product[name] = await addProduct(app, actor, { name })
    for (const id of Object.values(product)) await addLevels(app, actor, id, '5')
    for (const [name, quantity] of [
      ['A ends', '4'],
      ['B low', '6'],
      ['C at the level', '5'],
      ['D above', '5.000001'],
      ['F archived', '1'],
    ] as const)
      await addStock(app, actor, { productId: product[name] ?? '', quantity }, opening)
    const vaccine = await addProduct(app, actor, { name: 'G vaccine', isLotTracked: true })
    for (const [lotNumber, expiresOn, quantity] of [
      ['L30', '2026-01-19', '8'],
      ['L31', '2026-01-20', '8'],
      ['LAST', '2025-12-20', '2'],
      ['PAST', '2025-12-19', '2'],
    ] as const)
      await addStock(app, actor, { productId: vaccine, lotNumber, expiresOn, quantity }, opening)
    // 23:30 in Madrid on the 20th, and 00:30 on the 21st.
    await addMovement(app, actor, { productId: product['B low'] ?? '', kind: 'use', quantity: '-2' }, clockAt('2025-12-20T22:30:00Z'))
    await addMovement(app, actor, { productId: product['A ends'] ?? '', kind: 'use', quantity: '-4' }, clockAt('2025-12-20T23:30:00Z'))
    const l30 = (await reader(Q_PRODUCT, { id: vaccine })).body.data.product.lots.find((lot: LotRow) => lot.number === 'L30')
    await addMovement(app, actor, { productId: vaccine, lotId: l30.id, kind: 'use', quantity: '-8' }, clockAt('2025-12-21T12:00:00Z'))
    const owner = await as(clinic, 'owner')
    await owner(M_UPDATE, { input: { id: product['F archived'], version: 1, isArchived: true } })
  })

  it('show the stock as it stood at the end of the day, by the clinic’s own midnight', async () => {
    const on20 = await alerts('2025-12-20')
    expect(on20).toMatchObject({ asOf: '2025-12-20', outOfStock: [] })
    expect(on20.low).toMatchObject([
      { product: { name: 'A ends' }, onHand: '4', criticalLevel: '5' },
      { product: { name: 'B low' }, onHand: '4', criticalLevel: '5' },
      { product: { name: 'C at the level' }, onHand: '5', criticalLevel: '5' },
      { product: { name: 'F archived' }, onHand: '1' },
    ])
    const on21 = await alerts('2025-12-21')
    expect(on21.outOfStock).toMatchObject([{ product: { name: 'A ends' }, onHand: '0' }])
    expect(names(on21.low)).toEqual(['B low', 'C at the level', 'F archived'])
    expect(names((await alerts('2025-12-19')).low)).toEqual(['A ends', 'C at the level', 'F archived'])
  })

  it('leave out products before they were first stocked and after they were archived', async () => {
    expect(await alerts('2025-11-30')).toMatchObject({ outOfStock: [], low: [], expiring: [] })
    const today = await alerts(addDays(localDateOf(new Date(), 'Europe/Madrid'), 1))
    expect(names([...today.outOfStock, ...today.low])).toEqual(['A ends', 'B low', 'C at the level'])
  })

  it('name lots with stock from 30 days before their last day of use up to that day', async () => {
    expect((await alerts('2025-12-20')).expiring).toMatchObject([
      { lot: { number: 'LAST' }, onHand: '2', expiresOn: '2025-12-20', daysLeft: 0 },
      { lot: { number: 'L30' }, product: { name: 'G vaccine' }, onHand: '8', expiresOn: '2026-01-19', daysLeft: 30 },
    ])
    const numbers = async (day: string) => (await alerts(day)).expiring.map((alert: AlertRow) => alert.lot.number)
    expect(await numbers('2025-12-19')).toEqual(['PAST', 'LAST'])
    // L30 was used up on the 21st.
    expect(await numbers('2025-12-21')).toEqual(['L31'])
  })

  it('are those of today unless a day is named', async () => {
    const { body } = await reader(Q_ALERTS)
    expect(body.data.inventoryAlerts.asOf).toBe(localDateOf(new Date(), 'Europe/Madrid'))
  })

  it('are recorded with the levels and lots that were read, and the day', async () => {
    const shown = await alerts('2025-12-20')
    const entry = await lastEntry(harness, 'Alerts')
    expect(entry?.body.aggregates).toEqual([{ name: 'inventoryAlerts', params: { asOf: '2025-12-20' } }])
    const read = (type: string) =>
      entry?.body.reads
        ?.filter((access) => access.type === type)
        .flatMap(({ ids }) => ids)
        .sort()
    expect(read('StockLevel')).toEqual(shown.low.map((alert: AlertRow) => alert.product.id).sort())
    expect(read('Lot')).toEqual(shown.expiring.map((alert: AlertRow) => alert.lot.id).sort())
  })

  it('cost the same number of statements with few and with many', async () => {
    const few = await statementsOf(harness, () => alerts('2025-12-20'))
    const actor = actorOf(clinic)
    for (let index = 0; index < 8; index += 1) {
      const id = await addProduct(harness.app, actor, { name: `Z${index}`, isLotTracked: true })
      await addLevels(harness.app, actor, id, '5')
      await addStock(harness.app, actor, { productId: id, lotNumber: 'Z', expiresOn: '2026-01-01', quantity: '1' }, clockAt('2025-12-02T09:00:00Z'))
    }
    expect((await alerts('2025-12-20')).expiring).toHaveLength(10)
    expect(await statementsOf(harness, () => alerts('2025-12-20'))).toBe(few)
  })

  it('of one clinic are not the other’s', async () => {
    const sister = await as(clinic, 'veterinarian', 1)
    const { body } = await sister(Q_ALERTS, { asOf: '2025-12-20' })
    expect(body.data.inventoryAlerts).toMatchObject({ outOfStock: [], low: [], expiring: [] })
  })
})

describe('a page of products', () => {
  it('costs the same number of statements for 5 as for 50, and goes on where it ended', async () => {
    const actor = actorOf(foreign)
    for (let index = 0; index < 12; index += 1) {
      const id = await addProduct(harness.app, actor, { name: `P${String(index).padStart(2, '0')}`, familyName: `F${index % 3}`, isLotTracked: true })
      await addStock(harness.app, actor, { productId: id, lotNumber: 'A', quantity: '1' })
    }
    const reader = await as(foreign, 'veterinarian')
    const five = await statementsOf(harness, () => reader(Q_PRODUCTS, { first: 5 }))
    expect(await statementsOf(harness, () => reader(Q_PRODUCTS, { first: 50 }))).toBe(five)
    const { products } = (await reader(Q_PRODUCTS, { first: 5 })).body.data
    expect(products.pageInfo.hasNextPage).toBe(true)
    const next = (await reader(Q_PRODUCTS, { first: 5, after: products.pageInfo.endCursor })).body.data.products
    expect(next.edges[0].node.name).toBe('P05')
    const movements = await statementsOf(harness, () => reader(Q_MOVEMENTS, { first: 5 }))
    expect(await statementsOf(harness, () => reader(Q_MOVEMENTS, { first: 50 }))).toBe(movements)
  })
})

describe('who may', () => {
  it.each(['groomer', 'client'] as const)('a %s does not see the stock', async (role) => {
    const { body } = await (await as(org, role))(Q_PRODUCTS)
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'inventory:read' })
    expect(await lastEntry(harness, 'Products')).toMatchObject({ outcome: 'denied', detail: expect.stringContaining('inventory:read') })
  })

  it.each(['receptionist', 'compliance_officer'] as const)('a %s sees the stock and changes nothing', async (role) => {
    const caller = await as(org, role)
    expect((await caller(Q_PRODUCTS)).body.errors).toBeUndefined()
    const input = { productId: newId(), quantity: '1' }
    expect((await caller(M_RECEIVE, { input })).body.errors?.[0]?.extensions).toMatchObject({ permission: 'inventory:adjust' })
    expect((await caller(M_RECORD, { input: { ...input, kind: 'use' } })).body.errors?.[0]?.extensions).toMatchObject({ permission: 'inventory:adjust' })
    expect((await caller(M_COUNT, { input: { productId: newId(), counted: '1', reason: 'x' } })).body.errors?.[0]?.extensions).toMatchObject({
      permission: 'inventory:adjust',
    })
    expect((await caller(M_LOT, { input: { lotId: newId(), status: 'recalled', reason: 'x' } })).body.errors?.[0]?.extensions).toMatchObject({
      permission: 'inventory:adjust',
    })
  })

  it.each(['veterinarian', 'assistant', 'receptionist'] as const)('a %s does not manage the catalogue', async (role) => {
    const caller = await as(org, role)
    const input = { sku: 'NO', name: 'No', category: 'food', unitPrice: '1', taxRate: '0' }
    expect((await caller(M_CREATE, { input })).body.errors?.[0]?.extensions).toMatchObject({ permission: 'inventory:manage' })
    expect((await caller(M_UPDATE, { input: { id: newId(), version: 1 } })).body.errors?.[0]?.extensions).toMatchObject({ permission: 'inventory:manage' })
    const levels = { productId: newId(), criticalLevel: '1', idealLevel: '1' }
    expect((await caller(M_LEVELS, { input: levels })).body.errors?.[0]?.extensions).toMatchObject({ permission: 'inventory:manage' })
  })

  it('nobody reaches another organisation’s products, lots or movements', async () => {
    const id = await addProduct(harness.app, actorOf(foreign), { name: 'Ajeno único', isLotTracked: true })
    const { lotId } = await addStock(harness.app, actorOf(foreign), { productId: id, lotNumber: 'A', quantity: '5' })
    expect(await product(id)).toBeNull()
    expect((await vet(Q_PRODUCTS, { query: 'ajeno unico' })).body.data.products.edges).toEqual([])
    expect((await vet(Q_MOVEMENTS, { productId: id })).body.data.stockMovements.edges).toEqual([])
    expect((await record({ productId: id, lotId, kind: 'use', quantity: '-1' })).__typename).toBe('NotFound')
    expect((await vet(M_LOT, { input: { lotId, status: 'recalled', reason: 'x' } })).body.data.setLotStatus.__typename).toBe('NotFound')
    expect((await manager(M_UPDATE, { input: { id, version: 1, name: 'Mío' } })).body.data.updateProduct.__typename).toBe('NotFound')
  })

  it('nobody reaches the sister clinic’s lots and movements', async () => {
    const id = await addProduct(harness.app, actorOf(org, 1), { isLotTracked: true })
    const { lotId } = await addStock(harness.app, actorOf(org, 1), { productId: id, lotNumber: 'A', quantity: '5' })
    expect(await product(id)).toMatchObject({ stock: null, lots: [] })
    expect((await vet(Q_MOVEMENTS, { productId: id })).body.data.stockMovements.edges).toEqual([])
    expect((await record({ productId: id, lotId, kind: 'use', quantity: '-1' })).__typename).toBe('NotFound')
  })
})

describe('the trail', () => {
  it('says what a delivery changed', async () => {
    const { id } = await create({ isLotTracked: true })
    const { receiveStock } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'A', expiresOn: soon, quantity: '4' } })).body.data
    const entry = await lastEntry(harness, 'ReceiveStock/receiveStock')
    expect(entry).toMatchObject({ action: 'create', outcome: 'ok' })
    expect(new Set(entry?.body.changes?.map(({ type, ids }) => `${type} ${ids.join()}`))).toEqual(
      new Set([`Lot ${receiveStock.lot.id}`, `StockLevel ${id}`, `StockMovement ${receiveStock.id}`]),
    )
  })

  it('says which products, levels and lots a page showed', async () => {
    const { id } = await create({ name: 'Rastreado', isLotTracked: true })
    const { lot } = (await vet(M_RECEIVE, { input: { productId: id, lotNumber: 'A', quantity: '4' } })).body.data.receiveStock
    await vet(Q_PRODUCTS, { query: 'rastreado' })
    const entry = await lastEntry(harness, 'Products')
    expect(entry?.body.reads).toMatchObject([
      { type: 'Lot', ids: [lot.id], fields: ['expiresOn', 'number', 'onHand', 'productId', 'status'] },
      { type: 'Product', ids: [id] },
      { type: 'StockLevel', ids: [id], fields: ['criticalLevel', 'idealLevel', 'onHand'] },
    ])
  })

  it('agrees with what the rows themselves witnessed, for everything above', async () => {
    expect(await withClient(harness.database.adminUrl, findDisagreements)).toEqual([])
  })
})
