import { builder } from '../../schema/builder.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { fromDateColumn, localDateOf } from '../kernel/time.ts'
import { findStaffByIds } from '../staff/index.ts'
import { findAlerts, type LotAlert, type StockAlert } from './alerts.ts'
import { InsufficientStockError } from './errors.ts'
import { primeAlerts } from './prime.ts'
import { findFamiliesByIds, findLevelsByProductIds, findLotsByIds, findProductsByIds, listLotsByProduct, listMovements, listProducts } from './queries.ts'

builder.objectType(InsufficientStockError, { name: 'InsufficientStock', interfaces: [ErrorInterface] })
builder.objectFields(InsufficientStockError, (t) => ({
  productId: t.field({ type: 'UUID', resolve: (error) => error.shortage.productId }),
  lotId: t.field({ type: 'UUID', nullable: true, resolve: (error) => error.shortage.lotId }),
  requested: t.field({ type: 'Decimal', resolve: (error) => error.shortage.requested }),
  available: t.field({
    type: 'Decimal',
    nullable: true,
    description: 'Usable stock: neither expired nor quarantined nor recalled. Null when it was not counted.',
    resolve: (error) => error.shortage.available,
  }),
}))

const ProductFamily = builder.prismaObject('ProductFamily', {
  description: 'Groups variants of a product in summaries; alerts name the variant.',
  fields: (t) => ({ id: t.expose('id', { type: 'UUID' }), name: t.exposeString('name') }),
})

const StockLevel = builder.prismaObject('StockLevel', {
  description: 'What the active clinic has of a product now. Quantities are in the product’s unit.',
  fields: (t) => ({
    onHand: t.field({ type: 'Decimal', resolve: (level) => level.onHand.toFixed() }),
    criticalLevel: t.field({
      type: 'Decimal',
      description: 'At or below it the product is an alert.',
      resolve: (level) => level.criticalLevel.toFixed(),
    }),
    idealLevel: t.field({ type: 'Decimal', description: 'Up to which it is ordered.', resolve: (level) => level.idealLevel.toFixed() }),
  }),
})

const Lot = builder.prismaObject('Lot', {
  description: 'A production lot of a product on the shelf of the active clinic.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    number: t.exposeString('number'),
    expiresOn: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'Last day of use; null for goods that do not expire.',
      resolve: (lot) => lot.expiresOn && fromDateColumn(lot.expiresOn),
    }),
    onHand: t.field({ type: 'Decimal', resolve: (lot) => lot.onHand.toFixed() }),
    status: t.exposeString('status', { description: 'active, quarantined or recalled; only active lots are dispensed.' }),
    product: t.field({ type: 'Product', resolve: (lot, _args, ctx) => ctx.get(findProductsByIds, lot.productId) }),
  }),
})

builder.prismaObject('Product', {
  description: 'Something that is stocked and sold or used, in the catalogue of the organisation.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    sku: t.exposeString('sku'),
    name: t.exposeString('name'),
    family: t.field({
      type: ProductFamily,
      nullable: true,
      resolve: (product, _args, ctx) => (product.familyId === null ? null : ctx.get(findFamiliesByIds, product.familyId)),
    }),
    category: t.exposeString('category', { description: 'food, parasiticide, vaccine, medicine, controlled, accessory or supply.' }),
    unitCode: t.exposeString('unitCode', { description: 'UCUM.' }),
    unitPrice: t.field({
      type: 'Decimal',
      description: 'Ex-tax sale price of one unit, in major units of the clinic’s currency.',
      resolve: (product) => product.unitPrice.toFixed(),
    }),
    taxRate: t.field({ type: 'Decimal', description: 'Percent.', resolve: (product) => product.taxRate.toFixed() }),
    isLotTracked: t.exposeBoolean('isLotTracked'),
    isArchived: t.boolean({ description: 'Archived products are sold no more.', resolve: (product) => product.archivedAt !== null }),
    version: t.exposeInt('version'),
    stock: t.field({
      type: StockLevel,
      nullable: true,
      description: 'Null: never stocked at the active clinic.',
      resolve: (product, _args, ctx) => ctx.find(findLevelsByProductIds, product.id),
    }),
    lots: t.field({
      type: [Lot],
      description: 'Lots with stock left at the active clinic, in the order in which they are dispensed.',
      resolve: async (product, _args, ctx) => [...(await ctx.many(listLotsByProduct, product.id))],
    }),
  }),
})

const StockMovement = builder.prismaObject('StockMovement', {
  description: 'Why stock changed. Movements are only ever added.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.exposeString('kind', { description: 'restock, sale, use, adjustment, expired, waste, transfer or count.' }),
    quantity: t.field({ type: 'Decimal', description: 'Positive in, negative out.', resolve: (movement) => movement.quantity.toFixed() }),
    reason: t.exposeString('reason', { nullable: true }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    invoiceLineId: t.expose('invoiceLineId', { type: 'UUID', nullable: true, description: 'The line that a sale served.' }),
    lot: t.field({
      type: Lot,
      nullable: true,
      resolve: (movement, _args, ctx) => (movement.lotId === null ? null : ctx.get(findLotsByIds, movement.lotId)),
    }),
    product: t.field({ type: 'Product', resolve: (movement, _args, ctx) => ctx.get(findProductsByIds, movement.productId) }),
    recordedBy: t.field({
      type: 'StaffProfile',
      nullable: true,
      description: 'Null: the installation itself, or a person without a profile.',
      resolve: (movement, _args, ctx) => (movement.recordedById === null ? null : ctx.find(findStaffByIds, movement.recordedById)),
    }),
  }),
})

const StockAlertType = builder.objectRef<StockAlert>('StockAlert').implement({
  description: 'A product that has run out or runs low.',
  fields: (t) => ({
    product: t.field({ type: 'Product', resolve: (alert, _args, ctx) => ctx.get(findProductsByIds, alert.productId) }),
    onHand: t.expose('onHand', { type: 'Decimal' }),
    criticalLevel: t.expose('criticalLevel', { type: 'Decimal' }),
  }),
})

const LotAlertType = builder.objectRef<LotAlert>('LotAlert').implement({
  description: 'A lot with stock that expires soon.',
  fields: (t) => ({
    lot: t.field({ type: Lot, resolve: (alert, _args, ctx) => ctx.get(findLotsByIds, alert.lotId) }),
    product: t.field({ type: 'Product', resolve: (alert, _args, ctx) => ctx.get(findProductsByIds, alert.productId) }),
    onHand: t.expose('onHand', { type: 'Decimal' }),
    expiresOn: t.expose('expiresOn', { type: 'LocalDate', description: 'Last day of use.' }),
    daysLeft: t.exposeInt('daysLeft', { description: 'Days from the day asked about to the last day of use.' }),
  }),
})

builder.objectType('InventoryAlerts', {
  description: 'What needs somebody at the active clinic, as the stock stood at the end of a practice day.',
  fields: (t) => ({
    asOf: t.expose('asOf', { type: 'LocalDate' }),
    outOfStock: t.field({ type: [StockAlertType], resolve: (alerts) => [...alerts.outOfStock] }),
    low: t.field({ type: [StockAlertType], description: 'Above 0, at or below the critical level.', resolve: (alerts) => [...alerts.low] }),
    expiring: t.field({ type: [LotAlertType], description: 'Within 30 days.', resolve: (alerts) => [...alerts.expiring] }),
  }),
})

builder.queryFields((t) => ({
  product: t.field({
    type: 'Product',
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findProductsByIds, id),
  }),
  products: t.connection({
    type: 'Product',
    args: {
      query: t.arg.string({ description: 'Part of name, SKU or family; accents and case do not matter.' }),
      category: t.arg.string(),
    },
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listProducts(ctx.db, ctx.actor, args, page)),
  }),
  stockMovements: t.connection({
    type: StockMovement,
    description: 'The ledger of the active clinic, newest first.',
    args: { productId: t.arg({ type: 'UUID' }) },
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listMovements(ctx.db, ctx.actor, args, page)),
  }),
  inventoryAlerts: t.field({
    type: 'InventoryAlerts',
    args: { asOf: t.arg({ type: 'LocalDate', description: 'Left out: today in the zone of the clinic.' }) },
    resolve: async (_root, { asOf }, ctx) =>
      primeAlerts(ctx, await findAlerts(ctx.db, ctx.actor, asOf ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone), ctx.selects)),
  }),
}))
