import type { Invoice, InvoiceLine, Payment, Prisma, Service } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'
import { type LocalDate, toDateColumn } from '../kernel/time.ts'
import { invoiceLines, invoices } from './records.ts'

const SERVICE_FIELDS = ['archivedAt', 'category', 'code', 'name', 'taxRate', 'unitPrice'] as const
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
  return invoices.read(db, {
    name: 'find_invoices_by_ids',
    text: `SELECT ${invoices.columns('i')} FROM invoice i WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** A page of the active clinic's invoices and credit notes, newest practice day first. Both bounds of the days are included. */
export async function listInvoices(db: Db, actor: ClinicActor, filter: InvoiceFilter, page: Page): Promise<Invoice[]> {
  const { from, to, clientId, kind } = filter
  const where: Prisma.InvoiceWhereInput = here(actor)
  if (from || to) where.businessDate = { ...(from ? { gte: toDateColumn(from) } : {}), ...(to ? { lte: toDateColumn(to) } : {}) }
  if (clientId) where.clientId = clientId
  if (kind) where.kind = kind
  return invoices.take(db, await db.prisma.invoice.findMany({ where, orderBy: [...NEWEST_FIRST], take: page.limit, skip: page.offset }))
}

const OWNER_COLUMNS = { appointment: 'appointment_id', client: 'client_id', patient: 'patient_id' } as const satisfies Record<InvoiceOwner, string>

export type InvoicePages = {
  readonly pages: ReadonlyMap<string, readonly Invoice[]>
  /** Lines of those invoices by invoice; null when they were not asked for. */
  readonly lines: ReadonlyMap<string, readonly LineRow[]> | null
}

/**
 * The same page of invoices for each of many visits, clients or patients, by owner, with their lines as far as they are asked for: one
 * statement for all of them.
 */
export async function listInvoicesByOwner(
  db: Db,
  actor: ClinicActor,
  owner: InvoiceOwner,
  ownerIds: readonly string[],
  page: Page,
  selects: Selects,
): Promise<InvoicePages> {
  const hasLines = selects('Invoice.lines')
  const [row] = await db.query<{ invoices: readonly Invoice[]; lines: readonly InvoiceLine[] | null }>({
    ...INVOICES_OF[owner](selects),
    values: [actor.organisationId, actor.clinic.id, [...ownerIds], page.limit, page.offset],
  })
  const found = invoices.take(db, row?.invoices ?? null)
  const currencies = new Map(found.map(({ id, currency }) => [id, currency]))
  const lines = groupInto(
    invoiceLines.take(db, row?.lines ?? null),
    ({ invoiceId }) => invoiceId,
    (line) => ({ ...line, currency: currencies.get(line.invoiceId) ?? '' }),
  )
  return {
    pages: groupInto(
      found,
      (invoice) => OF_OWNER[owner](invoice) ?? '',
      (invoice) => invoice,
    ),
    lines: hasLines ? new Map(found.map(({ id }) => [id, lines.get(id) ?? []])) : null,
  }
}

const OF_OWNER: Readonly<Record<InvoiceOwner, (invoice: Invoice) => string | null>> = {
  appointment: ({ appointmentId }) => appointmentId,
  client: ({ clientId }) => clientId,
  patient: ({ patientId }) => patientId,
}

const INVOICE_COORDINATES = ['Invoice.lines', ...invoices.coordinates, ...invoiceLines.coordinates]
const invoicesOf = (owner: InvoiceOwner) =>
  statementBy(
    `invoices_of_${owner}`,
    INVOICE_COORDINATES,
    (selects) => `WITH bill AS MATERIALIZED (
    SELECT page.* FROM unnest($3::uuid[]) AS owner(id) CROSS JOIN LATERAL (
      SELECT i.* FROM invoice i WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.${OWNER_COLUMNS[owner]} = owner.id
      ORDER BY i.business_date DESC, i.posted_at DESC, i.id DESC LIMIT $4::int OFFSET $5::int) page
  )
  SELECT ${jsonRows(`SELECT ${invoices.columns('i', selects)} FROM bill i ORDER BY i.business_date DESC, i.posted_at DESC, i.id DESC`)} AS invoices,
    ${jsonRowsIf(
      selects('Invoice.lines'),
      `SELECT ${invoiceLines.columns('l', selects)} FROM invoice_line l WHERE l.clinic_id = $2::uuid AND l.invoice_id IN (SELECT id FROM bill) ORDER BY l.position`,
    )} AS lines`,
  )
const INVOICES_OF = { appointment: invoicesOf('appointment'), client: invoicesOf('client'), patient: invoicesOf('patient') } as const

/** Lines of invoices in their order, grouped by invoice. */
export async function listLinesByInvoice(db: Db, actor: ClinicActor, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, LineRow[]>> {
  const [row] = await db.query<{ lines: readonly (InvoiceLine & { readonly currency: string })[] }>({
    name: 'list_lines_by_invoice',
    text: `SELECT ${jsonRows(`SELECT ${invoiceLines.columns('l')}, i.currency FROM invoice_line l JOIN invoice i ON i.clinic_id = l.clinic_id AND i.id = l.invoice_id
      WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND l.invoice_id = ANY ($3::uuid[]) ORDER BY l.position`)} AS lines`,
    values: [actor.organisationId, actor.clinic.id, [...invoiceIds]],
  })
  const lines = row?.lines ?? []
  invoiceLines.take(db, lines)
  return Map.groupBy(lines, ({ invoiceId }) => invoiceId)
}

/** Credit notes of invoices, oldest first, grouped by the invoice that they credit. */
export async function listCreditNotesByInvoice(db: Db, actor: ClinicActor, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, Invoice[]>> {
  const rows = await db.prisma.invoice.findMany({
    where: { ...here(actor), creditsId: { in: [...invoiceIds] } },
    orderBy: [{ postedAt: 'asc' }, { id: 'asc' }],
  })
  return groupInto(
    invoices.take(db, rows),
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
