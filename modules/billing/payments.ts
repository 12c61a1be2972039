import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError, WrongStateError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { validate } from '../kernel/validate.ts'
import { findClientsByIds } from '../patients/index.ts'
import { allocatePayment, balanceOf, type OpenInvoice } from './amounts.ts'
import { OverPaymentError } from './errors.ts'
import { takeTurnInBooks } from './posting.ts'
import { findInvoicesByIds } from './queries.ts'
import { invoices } from './records.ts'

export const PAYMENT_METHODS = ['cash', 'card', 'transfer'] as const

const paymentSchema = z
  .object({
    invoiceId: z.string().nullish(),
    clientId: z.string().nullish(),
    method: z.string().pipe(z.enum(PAYMENT_METHODS)),
    /** What is applied to invoices, in minor units: not what was handed over before change. */
    amountMinor: z.bigint().positive(),
  })
  .refine(({ invoiceId, clientId }) => Boolean(invoiceId) !== Boolean(clientId), {
    path: ['invoiceId'],
    message: 'must name an invoice or a client, and not both',
  })
export type NewPayment = z.input<typeof paymentSchema>

/**
 * Books a payment: towards one invoice, or over a client's open invoices at the active clinic, oldest first.
 * @throws OverPaymentError when it is more than what is open; nothing is kept on account
 * @throws WrongStateError for a credit note
 */
export async function recordPayment(tx: Tx, actor: ClinicActor, input: NewPayment): Promise<{ id: string }> {
  const { invoiceId, clientId, method, amountMinor } = validate(paymentSchema, input)
  await takeTurnInBooks(tx, actor)
  const debt = invoiceId ? await findDebtOfInvoice(tx, actor, invoiceId) : await findDebtOfClient(tx, actor, clientId ?? '')
  const { allocations, restMinor } = allocatePayment(debt.open, amountMinor)
  if (restMinor > 0n) throw new OverPaymentError(amountMinor - restMinor, debt.currency)
  const id = newId()
  const place = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  await tx.prisma.payment.create({
    data: { id, ...place, clientId: debt.clientId, method, currency: debt.currency, amountMinor, receivedById: actor.staffId, receivedAt: tx.clock.now() },
  })
  await tx.prisma.paymentAllocation.createMany({ data: allocations.map((allocation) => ({ ...place, paymentId: id, ...allocation })) })
  tx.changes('Payment', [id], ['allocatedMinor', 'amountMinor', 'clientId', 'currency', 'method', 'receivedAt', 'receivedById'])
  tx.changes('PaymentAllocation', [id], ['amountMinor', 'invoiceId'])
  tx.changes(
    'Invoice',
    allocations.map((allocation) => allocation.invoiceId),
    ['paidMinor'],
  )
  return { id }
}

type Debt = { readonly clientId: string | null; readonly currency: string; readonly open: readonly OpenInvoice[] }

async function findDebtOfInvoice(tx: Tx, actor: ClinicActor, invoiceId: string): Promise<Debt> {
  const [invoice] = await findInvoicesByIds(tx, actor, [invoiceId])
  if (!invoice) throw new NotFoundError('Invoice')
  if (invoice.kind === 'credit_note') throw new WrongStateError('Invoice', 'credit_note', 'paid')
  return { clientId: invoice.clientId, currency: invoice.currency, open: [{ invoiceId, balanceMinor: balanceOf(invoice) }] }
}

async function findDebtOfClient(tx: Tx, actor: ClinicActor, clientId: string): Promise<Debt> {
  const { currency } = actor.clinic
  if ((await findClientsByIds(tx, actor, [clientId])).length === 0) throw new NotFoundError('Client')
  const rows = await tx.query<{ invoiceId: string; balance: string }>({
    name: 'list_open_invoices',
    text: `SELECT id::text AS "invoiceId", (total_minor - paid_minor - credited_minor)::text AS balance FROM invoice
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND client_id = $3::uuid AND currency = $4
        AND kind <> 'credit_note' AND total_minor > paid_minor + credited_minor
      ORDER BY posted_at, number`,
    values: [actor.organisationId, actor.clinic.id, clientId, currency],
  })
  tx.reads(
    'Invoice',
    rows.map(({ invoiceId }) => invoiceId),
    invoices.fields,
  )
  return { clientId, currency, open: rows.map(({ invoiceId, balance }) => ({ invoiceId, balanceMinor: BigInt(balance) })) }
}
