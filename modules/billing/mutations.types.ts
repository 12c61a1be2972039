import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { InsufficientStockError } from '../inventory/index.ts'
import { createService, SERVICE_CATEGORIES, updateService } from './catalogue.ts'
import { creditInvoice } from './credit-invoice.ts'
import { OverPaymentError } from './errors.ts'
import { PAYMENT_METHODS, recordPayment } from './payments.ts'
import { postInvoice } from './post-invoice.ts'
import { findInvoicesByIds, findPaymentsByIds, findServicesByIds } from './queries.ts'

const CreateServiceInput = builder.inputType('CreateServiceInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    name: t.string({ required: true }),
    category: t.string({ required: true, description: `One of ${SERVICE_CATEGORIES.join(', ')}.` }),
    unitPrice: t.field({ type: 'Decimal', required: true, description: 'Ex-tax, in major units.' }),
    taxRate: t.field({ type: 'Decimal', required: true, description: 'Percent.' }),
  }),
})
const UpdateServiceInput = builder.inputType('UpdateServiceInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    code: t.string(),
    name: t.string(),
    category: t.string(),
    unitPrice: t.field({ type: 'Decimal' }),
    taxRate: t.field({ type: 'Decimal' }),
    isArchived: t.boolean(),
  }),
})
const InvoiceLineInput = builder.inputType('InvoiceLineInput', {
  description: 'A service or a product, and not both.',
  fields: (t) => ({
    serviceId: t.field({ type: 'UUID' }),
    productId: t.field({ type: 'UUID' }),
    quantity: t.field({ type: 'Decimal', required: true }),
    lotId: t.field({ type: 'UUID', description: 'The lot taken in hand; left out: first expired, first out.' }),
    clinicianId: t.field({ type: 'UUID', description: 'Left out: the clinician of the visit.' }),
    unitPrice: t.field({ type: 'Decimal', description: 'Ex-tax; left out: the price of the catalogue.' }),
  }),
})
const PostInvoiceInput = builder.inputType('PostInvoiceInput', {
  fields: (t) => ({
    appointmentId: t.field({ type: 'UUID', description: 'Left out: a sale at the counter.' }),
    clientId: t.field({ type: 'UUID', description: 'Buyer at the counter; of a visit it follows from the patient.' }),
    lines: t.field({ type: [InvoiceLineInput], required: true }),
  }),
})
const CreditInvoiceInput = builder.inputType('CreditInvoiceInput', {
  fields: (t) => ({
    invoiceId: t.field({ type: 'UUID', required: true }),
    lines: t.field({ type: ['UUID'], description: 'Ids of the lines to take back; left out: all that are not credited yet.' }),
    reason: t.string({ required: true }),
    restock: t.boolean({ description: 'True: the goods come back to the shelf.' }),
  }),
})
const RecordPaymentInput = builder.inputType('RecordPaymentInput', {
  description: 'For one invoice, or for the open invoices of a client, oldest first.',
  fields: (t) => ({
    invoiceId: t.field({ type: 'UUID' }),
    clientId: t.field({ type: 'UUID' }),
    method: t.string({ required: true, description: `One of ${PAYMENT_METHODS.join(', ')}.` }),
    amountMinor: t.field({ type: 'MinorUnits', required: true }),
  }),
})

builder.mutationFields((t) => ({
  createService: t.field({
    type: 'Service',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateServiceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createService(tx, ctx.actor, input))
      return ctx.get(findServicesByIds, id)
    },
  }),
  updateService: t.field({
    type: 'Service',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateServiceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateService(tx, ctx.actor, input))
      return ctx.get(findServicesByIds, id)
    },
  }),
  postInvoice: t.field({
    type: 'Invoice',
    description: 'Charges a visit or a sale at the counter; products leave the stock with it.',
    errors: { types: [...commonErrors, InsufficientStockError] },
    args: { input: t.arg({ type: PostInvoiceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => postInvoice(tx, ctx.actor, input))
      return ctx.get(findInvoicesByIds, id)
    },
  }),
  creditInvoice: t.field({
    type: 'Invoice',
    description: 'Takes back a posted invoice, or lines of it, with a credit note, which is the answer.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreditInvoiceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => creditInvoice(tx, ctx.actor, input))
      return ctx.get(findInvoicesByIds, id)
    },
  }),
  recordPayment: t.field({
    type: 'Payment',
    errors: { types: [...commonErrors, OverPaymentError] },
    args: { input: t.arg({ type: RecordPaymentInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => recordPayment(tx, ctx.actor, input))
      return ctx.get(findPaymentsByIds, id)
    },
  }),
}))
