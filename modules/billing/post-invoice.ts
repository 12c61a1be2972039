import { z } from 'zod'
import type { Product, Service } from '../../prisma/client/client.ts'
import { type Dispensed, dispense, findProductsByIds, pickStock } from '../inventory/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, WrongStateError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { positiveDecimal, unitPrice, validate } from '../kernel/validate.ts'
import { findClientsByIds, findPatientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds } from '../scheduling/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { lineAmounts } from './amounts.ts'
import { type InvoiceHead, type PostedLine, writeInvoice } from './posting.ts'
import { findServicesByIds } from './queries.ts'

const MAX_LINES = 200
// With the bound on prices this keeps the sum of 200 lines far within 64 bits.
const MAX_QUANTITY = 100_000

const lineSchema = z
  .object({
    serviceId: z.string().nullish(),
    productId: z.string().nullish(),
    quantity: positiveDecimal.refine((value) => Number(value) <= MAX_QUANTITY, `must be at most ${MAX_QUANTITY}`),
    /** The lot taken in hand; left out: first expired, first out. */
    lotId: z.string().nullish(),
    /** Who performed or dispensed it; left out: the visit's clinician, or nobody at the counter. */
    clinicianId: z.string().nullish(),
    /** Ex-tax; left out: the price of the catalogue. */
    unitPrice: unitPrice.nullish(),
  })
  .refine(({ serviceId, productId }) => Boolean(serviceId) !== Boolean(productId), {
    path: ['serviceId'],
    message: 'must name a service or a product, and not both',
  })
  .refine(({ productId, lotId }) => !lotId || Boolean(productId), { path: ['lotId'], message: 'belongs to a product' })
const invoiceSchema = z.object({
  appointmentId: z.string().nullish(),
  clientId: z.string().nullish(),
  lines: z.array(lineSchema).min(1).max(MAX_LINES),
})
export type NewInvoice = z.input<typeof invoiceSchema>
type RequestedLine = z.output<typeof lineSchema>

/**
 * Posts an invoice for a visit, or a sale at the counter when there is no visit. Amounts, stock, lots and charge commit
 * together: products leave first expired, first out, and when stock does not suffice nothing is posted.
 * @throws NotFoundError for a visit, client, service, product or clinician out of reach (or archived)
 * @throws WrongStateError for a cancelled visit
 * @throws InsufficientStockError
 */
export async function postInvoice(tx: Tx, actor: ClinicActor, input: NewInvoice): Promise<{ id: string; number: string }> {
  const { lines: requested, ...about } = validate(invoiceSchema, input)
  const { head, clinicianId } = await findOccasion(tx, actor, about)
  await assertClinicians(tx, actor, requested)
  const items = await findItems(tx, actor, requested)
  const lines = requested.map((line, index) => priceLine(line, itemAt(items, index), actor, clinicianId))
  const sold = lines.flatMap((line, index) => (line.productId ? [{ line, productId: line.productId, lotId: requested[index]?.lotId }] : []))
  const picks = await pickStock(
    tx,
    actor,
    sold.map(({ line, productId, lotId }) => ({ productId, lotId, quantity: line.quantity })),
  )
  const dispensed: Dispensed[] = sold.map(({ line, productId }, index) => ({ invoiceLineId: line.id, productId, picks: picks[index] ?? [] }))
  const invoice = await writeInvoice(tx, actor, head, withLots(lines, dispensed))
  await dispense(tx, actor, dispensed)
  return invoice
}

type Occasion = { readonly head: InvoiceHead; readonly clinicianId: string | null }
type About = { readonly appointmentId?: string | null | undefined; readonly clientId?: string | null | undefined }

async function findOccasion(tx: Tx, actor: ClinicActor, { appointmentId, clientId }: About): Promise<Occasion> {
  const common = { currency: actor.clinic.currency, creditsId: null }
  if (!appointmentId) {
    if (clientId && (await findClientsByIds(tx, actor, [clientId])).length === 0) throw new NotFoundError('Client')
    return { head: { ...common, kind: 'counter_sale', appointmentId: null, clientId: clientId ?? null, patientId: null }, clinicianId: null }
  }
  const [visit] = await findAppointmentsByIds(tx, actor, [appointmentId])
  if (!visit) throw new NotFoundError('Appointment')
  if (visit.status === 'cancelled') throw new WrongStateError('Appointment', 'cancelled', 'invoiced')
  const [patient] = await findPatientsByIds(tx, actor, [visit.patientId])
  if (!patient) throw new NotFoundError('Patient')
  if (clientId && clientId !== patient.clientId) throw invalid('clientId', 'other_owner', 'is not the owner of the patient of this visit')
  return { head: { ...common, kind: 'visit', appointmentId, clientId: patient.clientId, patientId: patient.id }, clinicianId: visit.staffId }
}

async function assertClinicians(tx: Tx, actor: ClinicActor, lines: readonly RequestedLine[]): Promise<void> {
  const wanted = new Set(lines.flatMap(({ clinicianId }) => clinicianId ?? []))
  if (wanted.size > 0 && (await findStaffByIds(tx, actor, [...wanted])).length < wanted.size) throw new NotFoundError('StaffProfile')
}

type Item = Pick<Product | Service, 'id' | 'name' | 'unitPrice' | 'taxRate' | 'archivedAt'>

async function findItems(tx: Tx, actor: ClinicActor, lines: readonly RequestedLine[]): Promise<Item[]> {
  const serviceIds = [...new Set(lines.flatMap(({ serviceId }) => serviceId ?? []))]
  const productIds = [...new Set(lines.flatMap(({ productId }) => productId ?? []))]
  const services = new Map((serviceIds.length > 0 ? await findServicesByIds(tx, actor, serviceIds) : []).map((row) => [row.id, row]))
  const products = new Map((productIds.length > 0 ? await findProductsByIds(tx, actor, productIds) : []).map((row) => [row.id, row]))
  return lines.map(({ serviceId, productId }) => {
    const item = serviceId ? services.get(serviceId) : products.get(productId ?? '')
    if (!item || item.archivedAt !== null) throw new NotFoundError(serviceId ? 'Service' : 'Product')
    return item
  })
}

function itemAt(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (!item) throw new RangeError(`no item for line ${index}`)
  return item
}

// Name, price and rate are kept with the line: the catalogue may change, the invoice may not.
function priceLine(line: RequestedLine, item: Item, actor: ClinicActor, visitClinicianId: string | null): PostedLine {
  const priced = { quantity: line.quantity, unitPrice: line.unitPrice ?? item.unitPrice.toFixed(), taxRate: item.taxRate.toFixed() }
  return {
    id: newId(),
    serviceId: line.serviceId ?? null,
    productId: line.productId ?? null,
    lotId: null,
    clinicianId: line.clinicianId ?? visitClinicianId,
    creditsLineId: null,
    description: item.name,
    ...priced,
    ...lineAmounts(priced, actor.clinic.currency),
  }
}

// A line names its lot when one lot served it whole; a split is told by its movements.
function withLots(lines: readonly PostedLine[], dispensed: readonly Dispensed[]): PostedLine[] {
  const lots = new Map(dispensed.map(({ invoiceLineId, picks }) => [invoiceLineId, picks.length === 1 ? (picks[0]?.lotId ?? null) : null]))
  return lines.map((line) => ({ ...line, lotId: lots.get(line.id) ?? null }))
}
