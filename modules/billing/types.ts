import { builder } from '../../schema/builder.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { ownedPage } from '../../schema/owned-page.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findLotsByIds, findProductsByIds, listLotsByInvoiceLine } from '../inventory/index.ts'
import { money } from '../kernel/money.ts'
import { fromDateColumn } from '../kernel/time.ts'
import { findClientsByIds, findPatientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds } from '../scheduling/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { balanceOf } from './amounts.ts'
import { OverPaymentError } from './errors.ts'
import {
  type AllocationRow,
  findInvoicesByIds,
  findServicesByIds,
  type InvoiceOwner,
  type LineRow,
  listAllocationsByPayment,
  listCreditNotesByInvoice,
  listInvoices,
  listInvoicesByOwner,
  listLinesByInvoice,
  listPaymentsByInvoice,
  listServices,
} from './queries.ts'

builder.objectType(OverPaymentError, { name: 'OverPayment', interfaces: [ErrorInterface] })
builder.objectField(OverPaymentError, 'open', (t) => t.field({ type: 'Money', description: 'What may be paid.', resolve: (error) => error.open }))

const Service = builder.prismaObject('Service', {
  description: 'Something that is done for a price, in the price list of the organisation.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code'),
    name: t.exposeString('name'),
    category: t.exposeString('category', { description: 'checkup, vaccination, surgery, diagnostics, grooming, dental or other.' }),
    unitPrice: t.field({
      type: 'Decimal',
      description: 'Ex-tax, in major units of the clinic’s currency.',
      resolve: (service) => service.unitPrice.toFixed(),
    }),
    taxRate: t.field({ type: 'Decimal', description: 'Percent.', resolve: (service) => service.taxRate.toFixed() }),
    isArchived: t.boolean({ description: 'Archived services are sold no more.', resolve: (service) => service.archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

const Line = builder.objectRef<LineRow>('InvoiceLine').implement({
  description: 'A service or a product on an invoice, at the name, price and tax rate of its day.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    position: t.exposeInt('position'),
    description: t.exposeString('description'),
    quantity: t.field({ type: 'Decimal', resolve: (line) => line.quantity.toFixed() }),
    unitPrice: t.field({ type: 'Decimal', description: 'Ex-tax, in major units.', resolve: (line) => line.unitPrice.toFixed() }),
    taxRate: t.field({ type: 'Decimal', description: 'Percent.', resolve: (line) => line.taxRate.toFixed() }),
    subtotal: t.field({ type: 'Money', description: 'Ex-tax.', resolve: (line) => money(line.subtotalMinor, line.currency) }),
    tax: t.field({ type: 'Money', resolve: (line) => money(line.taxMinor, line.currency) }),
    total: t.field({ type: 'Money', resolve: (line) => money(line.totalMinor, line.currency) }),
    creditsLineId: t.expose('creditsLineId', { type: 'UUID', nullable: true, description: 'In a credit note: the line that is taken back.' }),
    service: t.field({
      type: Service,
      nullable: true,
      resolve: (line, _args, ctx) => (line.serviceId === null ? null : ctx.find(findServicesByIds, line.serviceId)),
    }),
    product: t.field({
      type: 'Product',
      nullable: true,
      resolve: (line, _args, ctx) => (line.productId === null ? null : ctx.find(findProductsByIds, line.productId)),
    }),
    lot: t.field({
      type: 'Lot',
      nullable: true,
      description: 'The lot that served the line whole; null when several did.',
      resolve: (line, _args, ctx) => (line.lotId === null ? null : ctx.find(findLotsByIds, line.lotId)),
    }),
    lots: t.field({
      type: ['Lot'],
      description: 'Every lot that served the line.',
      resolve: async (line, _args, ctx) => [...(await ctx.many(listLotsByInvoiceLine, line.id))],
    }),
    clinician: t.field({
      type: 'StaffProfile',
      nullable: true,
      resolve: (line, _args, ctx) => (line.clinicianId === null ? null : ctx.find(findStaffByIds, line.clinicianId)),
    }),
  }),
})

const AllocationType = builder.objectRef<AllocationRow>('Allocation').implement({
  description: 'A part of a payment that settles an invoice.',
  fields: (t) => ({
    amount: t.field({ type: 'Money', resolve: (allocation) => money(allocation.amountMinor, allocation.currency) }),
    invoice: t.field({ type: 'Invoice', resolve: (allocation, _args, ctx) => ctx.get(findInvoicesByIds, allocation.invoiceId) }),
  }),
})

const PaymentType = builder.prismaObject('Payment', {
  description: 'Money that came in, spread over invoices.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    method: t.exposeString('method', { description: 'cash, card or transfer.' }),
    amount: t.field({
      type: 'Money',
      description: 'All of it, whichever invoices it settles.',
      resolve: (payment) => money(payment.amountMinor, payment.currency),
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
    allocations: t.field({ type: [AllocationType], resolve: async (payment, _args, ctx) => [...(await ctx.many(listAllocationsByPayment, payment.id))] }),
  }),
})

const InvoiceType = builder.prismaObject('Invoice', {
  description: 'Posted once and never edited: a credit note takes back what was wrong.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    number: t.exposeString('number', { description: 'Consecutive per clinic; credit notes have a series of their own.' }),
    kind: t.exposeString('kind', { description: 'visit, counter_sale or credit_note.' }),
    businessDate: t.field({
      type: 'LocalDate',
      description: 'Practice day in the zone of the clinic.',
      resolve: (invoice) => fromDateColumn(invoice.businessDate),
    }),
    postedAt: t.expose('postedAt', { type: 'DateTime' }),
    subtotal: t.field({ type: 'Money', description: 'Ex-tax.', resolve: (invoice) => money(invoice.subtotalMinor, invoice.currency) }),
    tax: t.field({ type: 'Money', resolve: (invoice) => money(invoice.taxMinor, invoice.currency) }),
    total: t.field({ type: 'Money', resolve: (invoice) => money(invoice.totalMinor, invoice.currency) }),
    paid: t.field({ type: 'Money', resolve: (invoice) => money(invoice.paidMinor, invoice.currency) }),
    credited: t.field({ type: 'Money', description: 'Total of its credit notes.', resolve: (invoice) => money(invoice.creditedMinor, invoice.currency) }),
    balance: t.field({
      type: 'Money',
      description: 'Still to be paid; negative when paid goods were credited. Zero for a credit note.',
      resolve: (invoice) => money(balanceOf(invoice), invoice.currency),
    }),
    lines: t.field({ type: [Line], resolve: async (invoice, _args, ctx) => [...(await ctx.many(listLinesByInvoice, invoice.id))] }),
    payments: t.field({
      type: [PaymentType],
      description: 'Payments that settle a part of it, oldest first.',
      resolve: async (invoice, _args, ctx) => [...(await ctx.many(listPaymentsByInvoice, invoice.id))],
    }),
    client: t.field({
      type: 'Client',
      nullable: true,
      resolve: (invoice, _args, ctx) => (invoice.clientId === null ? null : ctx.find(findClientsByIds, invoice.clientId)),
    }),
    patient: t.field({
      type: 'Patient',
      nullable: true,
      resolve: (invoice, _args, ctx) => (invoice.patientId === null ? null : ctx.find(findPatientsByIds, invoice.patientId)),
    }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      resolve: (invoice, _args, ctx) => (invoice.appointmentId === null ? null : ctx.find(findAppointmentsByIds, invoice.appointmentId)),
    }),
    credits: t.field({
      type: 'Invoice',
      nullable: true,
      description: 'Of a credit note: the invoice that it corrects.',
      resolve: (invoice, _args, ctx) => (invoice.creditsId === null ? null : ctx.get(findInvoicesByIds, invoice.creditsId)),
    }),
    creditNotes: t.field({ type: ['Invoice'], resolve: async (invoice, _args, ctx) => [...(await ctx.many(listCreditNotesByInvoice, invoice.id))] }),
  }),
})

const invoicesOf = (owner: InvoiceOwner) =>
  ownedPage(async (ctx, db, ids, page) => {
    const { pages, lines } = await listInvoicesByOwner(db, ctx.actor, owner, ids, page, ctx.selects)
    if (lines) ctx.primeMany(listLinesByInvoice, lines)
    return pages
  })

builder.objectField('Patient', 'invoices', (t) =>
  t.connection({
    type: InvoiceType,
    nullable: true,
    description: 'At the active clinic, newest first.',
    ...invoicesOf('patient'),
  }),
)
builder.objectField('Client', 'invoices', (t) =>
  t.connection({
    type: InvoiceType,
    nullable: true,
    description: 'At the active clinic, newest first.',
    ...invoicesOf('client'),
  }),
)
builder.objectField('Appointment', 'invoices', (t) => t.connection({ type: InvoiceType, nullable: true, ...invoicesOf('appointment') }))

builder.queryFields((t) => ({
  services: t.field({
    type: [Service],
    description: 'The price list by name.',
    args: { includeArchived: t.arg.boolean({ defaultValue: false }) },
    resolve: (_root, { includeArchived }, ctx) => listServices(ctx.db, ctx.actor, { includeArchived: includeArchived ?? false }),
  }),
  invoice: t.field({
    type: InvoiceType,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findInvoicesByIds, id),
  }),
  invoices: t.connection({
    type: InvoiceType,
    description: 'Invoices and credit notes of the active clinic, newest practice day first.',
    args: {
      from: t.arg({ type: 'LocalDate', description: 'First practice day.' }),
      to: t.arg({ type: 'LocalDate', description: 'Last practice day.' }),
      clientId: t.arg({ type: 'UUID' }),
      kind: t.arg.string({ description: 'visit, counter_sale or credit_note.' }),
    },
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listInvoices(ctx.db, ctx.actor, args, page)),
  }),
}))
