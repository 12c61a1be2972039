import { z } from 'zod'
import type { InvoiceLine } from '../../prisma/client/client.ts'
import { restock } from '../inventory/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError, WrongStateError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { text, validate } from '../kernel/validate.ts'
import { type PostedLine, takeTurnInBooks, writeInvoice } from './posting.ts'
import { findInvoicesByIds } from './queries.ts'
import { invoiceLines } from './records.ts'

const creditSchema = z.object({
  invoiceId: z.string(),
  /** Lines to take back; left out: all that are not credited yet. */
  lines: z.array(z.string()).min(1).nullish(),
  reason: text(500),
  /** True: the goods come back to the shelf, into the lots that they came from. */
  restock: z.boolean().nullish(),
})
export type Credit = z.input<typeof creditSchema>

/**
 * Takes back whole lines of a posted invoice with a credit note, at the amounts that were posted. A line is credited once.
 * What was paid for it stays with the client as a negative balance of the invoice.
 * @throws NotFoundError for an invoice, or a line of it, out of reach
 * @throws WrongStateError for a credit note, or for lines that are credited already
 */
export async function creditInvoice(tx: Tx, actor: ClinicActor, input: Credit): Promise<{ id: string; number: string }> {
  const credit = validate(creditSchema, input)
  await takeTurnInBooks(tx, actor)
  const [invoice] = await findInvoicesByIds(tx, actor, [credit.invoiceId])
  if (!invoice) throw new NotFoundError('Invoice')
  if (invoice.kind === 'credit_note') throw new WrongStateError('Invoice', 'credit_note', 'credited')
  const lines = await findCreditable(tx, actor, invoice.id, credit.lines)
  const { clientId, patientId, currency } = invoice
  const head = { kind: 'credit_note', currency, appointmentId: null, clientId, patientId, creditsId: invoice.id } as const
  const note = await writeInvoice(tx, actor, head, lines.map(takeBack))
  tx.changes('Invoice', [invoice.id], ['creditedMinor'])
  tx.because(credit.reason)
  if (credit.restock)
    await restock(
      tx,
      actor,
      lines.map(({ id }) => id),
      `${note.number}: ${credit.reason}`,
    )
  return note
}

async function findCreditable(tx: Tx, actor: ClinicActor, invoiceId: string, wanted: readonly string[] | null | undefined): Promise<InvoiceLine[]> {
  const lines = await tx.prisma.invoiceLine.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, invoiceId },
    include: { credit: { select: { id: true } } },
    orderBy: { position: 'asc' },
  })
  tx.reads(
    'InvoiceLine',
    lines.map(({ id }) => id),
    invoiceLines.fields,
  )
  const chosen = wanted ? lines.filter(({ id }) => wanted.includes(id)) : lines.filter(({ credit }) => credit === null)
  if (wanted && chosen.length < new Set(wanted).size) throw new NotFoundError('InvoiceLine')
  if (chosen.length === 0) throw new WrongStateError('Invoice', 'credited', 'credited')
  if (chosen.some(({ credit }) => credit !== null)) throw new WrongStateError('InvoiceLine', 'credited', 'credited')
  return chosen.map(({ credit: _credit, ...line }) => line)
}

function takeBack(line: InvoiceLine): PostedLine {
  const { serviceId, productId, lotId, clinicianId, description, subtotalMinor, taxMinor, totalMinor } = line
  const priced = { quantity: line.quantity.toFixed(), unitPrice: line.unitPrice.toFixed(), taxRate: line.taxRate.toFixed() }
  return { id: newId(), creditsLineId: line.id, serviceId, productId, lotId, clinicianId, description, ...priced, subtotalMinor, taxMinor, totalMinor }
}
