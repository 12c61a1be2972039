import type { Invoice, InvoiceLine, Payment, Prisma, Service } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { type LocalDate, toDateColumn } from '../kernel/time.ts'

const SERVICE_FIELDS = ['archivedAt', 'category', 'code', 'name', 'taxRate', 'unitPrice'] as const
export const INVOICE_FIELDS = [
  'appointmentId',
  'businessDate',
  'clientId',
  'creditedMinor',
  'creditsId',
  'currency',
  'kind',
  'number',
  'paidMinor',
  'patientId',
  'postedAt',
  'subtotalMinor',
  'taxMinor',
  'totalMinor',
] as const
export const LINE_FIELDS = [
  'clientId',
  'clinicianId',
  'creditsLineId',
  'description',
  'invoiceId',
  'lotId',
  'position',
  'productId',
  'quantity',
  'serviceId',
  'subtotalMinor',
  'taxMinor',
  'taxRate',
  'totalMinor',
  'unitPrice',
] as const
const PAYMENT_FIELDS = ['allocatedMinor', 'amountMinor', 'clientId', 'currency', 'method', 'receivedAt', 'receivedById'] as const

/** A line with the currency of its invoice. */
export type LineRow = InvoiceLine & { readonly currency: string }
/** A part of a payment that settles an invoice. */
export type AllocationRow = { readonly paymentId: string; readonly invoiceId: string; readonly amountMinor: bigint; readonly currency: string }
export type InvoiceFilter = {
  readonly from?: LocalDate | null | undefined
  readonly to?: LocalDate | null | undefined
  readonly clientId?: string | null | undefined
  readonly kind?: string | null | undefined
}
export type InvoiceOwner = 'appointment' | 'client' | 'patient'
type Page = { readonly limit: number; readonly offset: number }

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)
const here = (actor: ClinicActor) => ({ organisationId: actor.organisationId, clinicId: actor.clinic.id })
const NEWEST_FIRST = [{ businessDate: 'desc' }, { postedAt: 'desc' }, { id: 'desc' }] as const satisfies readonly object[]

function reportInvoices(db: Db, rows: Invoice[]): Invoice[] {
  db.reads('Invoice', idsOf(rows), INVOICE_FIELDS)
  return rows
}

/** Services by id, archived ones included: old invoices name them. */
export async function findServicesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Service[]> {
  const rows = await db.prisma.service.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } })
  db.reads('Service', idsOf(rows), SERVICE_FIELDS)
  return rows
}

/** The organisation's price list by name. */
export async function listServices(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<Service[]> {
  const rows = await db.prisma.service.findMany({
    where: { organisationId: actor.organisationId, ...(includeArchived ? {} : { archivedAt: null }) },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  db.reads('Service', idsOf(rows), SERVICE_FIELDS)
  return rows
}

/** Invoices and credit notes of the active clinic by id. */
export async function findInvoicesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Invoice[]> {
  return reportInvoices(db, await db.prisma.invoice.findMany({ where: { ...here(actor), id: { in: [...ids] } } }))
}

/** A page of the active clinic's invoices and credit notes, newest practice day first. Both bounds of the days are included. */
export async function listInvoices(db: Db, actor: ClinicActor, filter: InvoiceFilter, page: Page): Promise<Invoice[]> {
  const { from, to, clientId, kind } = filter
  const where: Prisma.InvoiceWhereInput = here(actor)
  if (from || to) where.businessDate = { ...(from ? { gte: toDateColumn(from) } : {}), ...(to ? { lte: toDateColumn(to) } : {}) }
  if (clientId) where.clientId = clientId
  if (kind) where.kind = kind
  return reportInvoices(db, await db.prisma.invoice.findMany({ where, orderBy: [...NEWEST_FIRST], take: page.limit, skip: page.offset }))
}

const OWNER_COLUMNS = { appointment: 'appointment_id', client: 'client_id', patient: 'patient_id' } as const satisfies Record<InvoiceOwner, string>

/**
 * The same page of invoices for each of many visits, clients or patients, grouped by owner: two statements for all of
 * them.
 */
export function invoicePagesOf(owner: InvoiceOwner, page: Page) {
  return async (db: Db, actor: ClinicActor, ownerIds: readonly string[]): Promise<ReadonlyMap<string, Invoice[]>> => {
    const column = OWNER_COLUMNS[owner]
    const found = await db.query<{ ownerId: string; id: string }>({
      name: `list_invoices_by_${owner}`,
      text: `SELECT owner.id::text AS "ownerId", page.id::text AS id FROM unnest($3::uuid[]) AS owner(id) CROSS JOIN LATERAL (
          SELECT i.id, i.business_date, i.posted_at FROM invoice i WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.${column} = owner.id
          ORDER BY i.business_date DESC, i.posted_at DESC, i.id DESC LIMIT $4::int OFFSET $5::int) page
        ORDER BY page.business_date DESC, page.posted_at DESC, page.id DESC`,
      values: [actor.organisationId, actor.clinic.id, [...ownerIds], page.limit, page.offset],
    })
    const rows = new Map((await findInvoicesByIds(db, actor, idsOf(found))).map((row) => [row.id, row]))
    const owned = found.flatMap(({ ownerId, id }) => {
      const invoice = rows.get(id)
      return invoice ? [{ ownerId, invoice }] : []
    })
    return groupInto(
      owned,
      ({ ownerId }) => ownerId,
      ({ invoice }) => invoice,
    )
  }
}

/** Lines of invoices in their order, grouped by invoice. */
export async function listLinesByInvoice(db: Db, actor: ClinicActor, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, LineRow[]>> {
  const rows = await db.prisma.invoiceLine.findMany({
    where: { ...here(actor), invoiceId: { in: [...invoiceIds] } },
    include: { invoice: { select: { currency: true } } },
    orderBy: { position: 'asc' },
  })
  db.reads('InvoiceLine', idsOf(rows), LINE_FIELDS)
  return groupInto(
    rows,
    ({ invoiceId }) => invoiceId,
    ({ invoice, ...line }) => ({ ...line, currency: invoice.currency }),
  )
}

/** Credit notes of invoices, oldest first, grouped by the invoice that they credit. */
export async function listCreditNotesByInvoice(db: Db, actor: ClinicActor, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, Invoice[]>> {
  const rows = await db.prisma.invoice.findMany({
    where: { ...here(actor), creditsId: { in: [...invoiceIds] } },
    orderBy: [{ postedAt: 'asc' }, { id: 'asc' }],
  })
  return groupInto(
    reportInvoices(db, rows),
    ({ creditsId }) => creditsId ?? '',
    (note) => note,
  )
}

export async function findPaymentsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Payment[]> {
  const rows = await db.prisma.payment.findMany({ where: { ...here(actor), id: { in: [...ids] } } })
  db.reads('Payment', idsOf(rows), PAYMENT_FIELDS)
  return rows
}

/** Payments that settle invoices, oldest first, grouped by invoice. */
export async function listPaymentsByInvoice(db: Db, actor: ClinicActor, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, Payment[]>> {
  const rows = await db.prisma.paymentAllocation.findMany({
    where: { ...here(actor), invoiceId: { in: [...invoiceIds] } },
    include: { payment: true },
    orderBy: [{ payment: { receivedAt: 'asc' } }, { paymentId: 'asc' }],
  })
  db.reads(
    'Payment',
    rows.map(({ paymentId }) => paymentId),
    PAYMENT_FIELDS,
  )
  return groupInto(
    rows,
    ({ invoiceId }) => invoiceId,
    ({ payment }) => payment,
  )
}

/** Which invoices payments settle, and by how much, grouped by payment. */
export async function listAllocationsByPayment(db: Db, actor: ClinicActor, paymentIds: readonly string[]): Promise<ReadonlyMap<string, AllocationRow[]>> {
  const rows = await db.prisma.paymentAllocation.findMany({
    where: { ...here(actor), paymentId: { in: [...paymentIds] } },
    include: { payment: { select: { currency: true } } },
    orderBy: { invoiceId: 'asc' },
  })
  db.reads(
    'PaymentAllocation',
    rows.map(({ paymentId }) => paymentId),
    ['amountMinor', 'invoiceId'],
  )
  return groupInto(
    rows,
    ({ paymentId }) => paymentId,
    ({ paymentId, invoiceId, amountMinor, payment }) => ({ paymentId, invoiceId, amountMinor, currency: payment.currency }),
  )
}

function groupInto<Row, Item>(rows: readonly Row[], keyOf: (row: Row) => string, itemOf: (row: Row) => Item): ReadonlyMap<string, Item[]> {
  return new Map([...Map.groupBy(rows, keyOf)].map(([key, group]) => [key, group.map(itemOf)]))
}
