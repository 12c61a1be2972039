import type { GraphQLResolveInfo } from 'graphql'
import { builder } from '../../schema/builder.ts'
import type { Context, Json } from '../../schema/context.ts'
import { commonErrors } from '../../schema/errors.ts'
import type { Tx } from '../kernel/db.ts'
import { createProduct, PRODUCT_CATEGORIES, setStockLevels, updateProduct } from './catalogue.ts'
import { countStock, receiveStock, recordMovement, setLotStatus } from './commands.ts'
import { InsufficientStockError } from './errors.ts'
import { findLotsByIds, findMovementsByIds, findProductsByIds } from './queries.ts'

/** Runs a command about a movement and reads the movement in the same transaction, so that one entry tells of both. */
async function answerMovement<T extends Json & { readonly id: string }>(
  ctx: Context,
  info: GraphQLResolveInfo,
  input: unknown,
  command: (tx: Tx) => Promise<T>,
) {
  const { movements, products } = await ctx.change(info, input, command, (db, { id }) => findMovementsByIds(db, ctx.actor, [id]))
  ctx.prime(findProductsByIds, products)
  const [movement] = movements
  if (!movement) throw new Error('a movement that was just posted is out of reach')
  return movement
}

const stockErrors = [...commonErrors, InsufficientStockError]

const CreateProductInput = builder.inputType('CreateProductInput', {
  fields: (t) => ({
    sku: t.string({ required: true }),
    name: t.string({ required: true }),
    familyName: t.string({ description: 'Groups variants in summaries; a new name opens a new family.' }),
    category: t.string({ required: true, description: `One of ${PRODUCT_CATEGORIES.join(', ')}.` }),
    unitCode: t.string({ description: 'UCUM code of the reference data; left out: {unit}.' }),
    unitPrice: t.field({ type: 'Decimal', required: true, description: 'Ex-tax, in major units.' }),
    taxRate: t.field({ type: 'Decimal', required: true, description: 'Percent.' }),
    isLotTracked: t.boolean({ description: 'Left out: false. Cannot be changed later.' }),
  }),
})
const UpdateProductInput = builder.inputType('UpdateProductInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    sku: t.string(),
    name: t.string(),
    familyName: t.string({ description: 'Null takes the product out of its family; left out keeps it.' }),
    category: t.string(),
    unitPrice: t.field({ type: 'Decimal' }),
    taxRate: t.field({ type: 'Decimal' }),
    isArchived: t.boolean(),
  }),
})
const SetStockLevelsInput = builder.inputType('SetStockLevelsInput', {
  fields: (t) => ({
    productId: t.field({ type: 'UUID', required: true }),
    criticalLevel: t.field({ type: 'Decimal', required: true }),
    idealLevel: t.field({ type: 'Decimal', required: true }),
  }),
})
const ReceiveStockInput = builder.inputType('ReceiveStockInput', {
  fields: (t) => ({
    productId: t.field({ type: 'UUID', required: true }),
    lotNumber: t.string({ description: 'Required for products that are tracked by lot.' }),
    expiresOn: t.field({ type: 'LocalDate', description: 'Last day of use.' }),
    quantity: t.field({ type: 'Decimal', required: true }),
    reason: t.string(),
  }),
})
const RecordMovementInput = builder.inputType('RecordMovementInput', {
  fields: (t) => ({
    productId: t.field({ type: 'UUID', required: true }),
    lotId: t.field({ type: 'UUID', description: 'Required for products that are tracked by lot.' }),
    kind: t.string({ required: true, description: 'use, adjustment, expired, waste or transfer.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'The change: positive in, negative out.' }),
    reason: t.string({ description: 'Required for adjustment and waste.' }),
  }),
})
const CountStockInput = builder.inputType('CountStockInput', {
  fields: (t) => ({
    productId: t.field({ type: 'UUID', required: true }),
    lotId: t.field({ type: 'UUID', description: 'Required for products that are tracked by lot.' }),
    counted: t.field({ type: 'Decimal', required: true, description: 'What lies on the shelf.' }),
    reason: t.string({ required: true }),
  }),
})
const SetLotStatusInput = builder.inputType('SetLotStatusInput', {
  fields: (t) => ({
    lotId: t.field({ type: 'UUID', required: true }),
    status: t.string({ required: true, description: 'active, quarantined or recalled.' }),
    reason: t.string({ required: true }),
  }),
})

builder.mutationFields((t) => ({
  createProduct: t.field({
    type: 'Product',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateProductInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createProduct(tx, ctx.actor, input))
      return ctx.get(findProductsByIds, id)
    },
  }),
  updateProduct: t.field({
    type: 'Product',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateProductInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateProduct(tx, ctx.actor, input))
      return ctx.get(findProductsByIds, id)
    },
  }),
  setStockLevels: t.field({
    type: 'Product',
    description: 'When the active clinic reorders a product, and up to how much.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetStockLevelsInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => setStockLevels(tx, ctx.actor, input))
      return ctx.get(findProductsByIds, id)
    },
  }),
  receiveStock: t.field({
    type: 'StockMovement',
    description: 'Books a delivery in at the active clinic.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: ReceiveStockInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerMovement(ctx, info, input, (tx) => receiveStock(tx, ctx.actor, input)),
  }),
  recordMovement: t.field({
    type: 'StockMovement',
    errors: { types: stockErrors },
    args: { input: t.arg({ type: RecordMovementInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerMovement(ctx, info, input, (tx) => recordMovement(tx, ctx.actor, input)),
  }),
  countStock: t.field({
    type: 'Product',
    description: 'Posts the difference between shelf and books as a movement.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CountStockInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => countStock(tx, ctx.actor, input))
      return ctx.get(findProductsByIds, id)
    },
  }),
  setLotStatus: t.field({
    type: 'Lot',
    description: 'Takes a lot out of use or back into it.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetLotStatusInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => setLotStatus(tx, ctx.actor, input))
      return ctx.get(findLotsByIds, id)
    },
  }),
}))
