import { takeNumber } from '../access/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import { localDateOf, toDateColumn } from '../kernel/time.ts'
import { type Amounts, sumAmounts } from './amounts.ts'
import { invoiceLines, invoices } from './records.ts'

export type InvoiceHead = {
  readonly kind: 'visit' | 'counter_sale' | 'credit_note'
  readonly currency: string
  readonly appointmentId: string | null
  readonly clientId: string | null
  readonly patientId: string | null
  readonly creditsId: string | null
}
/** A line as it is posted. `id` is chosen by the caller, because movements and credits refer to it. */
export type PostedLine = Amounts & {
  readonly id: string
  readonly serviceId: string | null
  readonly productId: string | null
  readonly lotId: string | null
  readonly clinicianId: string | null
  readonly creditsLineId: string | null
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly taxRate: string
}

// One row of numbers per clinic and series: a credit note must not leave a gap among the invoices.
const SERIES = {
  visit: { counter: 'invoice', prefix: 'F' },
  counter_sale: { counter: 'invoice', prefix: 'F' },
  credit_note: { counter: 'credit_note', prefix: 'NC' },
} as const satisfies Record<InvoiceHead['kind'], object>

/**
 * Writes an invoice or a credit note with its lines, on the practice day of the clock. The number is consecutive per
 * clinic and series, without gaps, and is taken as late as the transaction allows.
 */
export async function writeInvoice(tx: Tx, actor: ClinicActor, head: InvoiceHead, lines: readonly PostedLine[]): Promise<{ id: string; number: string }> {
  const id = newId()
  const { organisationId, clinic } = actor
  const postedAt = tx.clock.now()
  const { counter, prefix } = SERIES[head.kind]
  const number = `${prefix}-${String(await takeNumber(tx, actor, counter)).padStart(6, '0')}`
  const businessDate = toDateColumn(localDateOf(postedAt, clinic.timeZone))
  await tx.prisma.invoice.create({ data: { id, organisationId, clinicId: clinic.id, number, businessDate, postedAt, ...head, ...sumAmounts(lines) } })
  await tx.prisma.invoiceLine.createMany({
    data: lines.map((line, index) => ({ organisationId, clinicId: clinic.id, invoiceId: id, clientId: head.clientId, position: index + 1, ...line })),
  })
  tx.changes('Invoice', [id], invoices.fields)
  tx.changes(
    'InvoiceLine',
    lines.map((line) => line.id),
    invoiceLines.fields,
  )
  return { id, number }
}

/**
 * Makes payments and credits of a clinic take turns until the transaction ends: both read what is open and then add to
 * it, and the application may not lock rows that it may not change.
 */
export async function takeTurnInBooks(tx: Tx, actor: ClinicActor): Promise<void> {
  await tx.query({
    name: 'take_turn_in_books',
    text: "SELECT pg_advisory_xact_lock(hashtextextended('books:' || $1, 0))::text AS turn",
    values: [actor.clinic.id],
  })
}
