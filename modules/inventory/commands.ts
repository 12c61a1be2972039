import { z } from 'zod'
import type { Lot, Product } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { fromMicro, toMicro } from '../kernel/money.ts'
import { fromDateColumn, isLocalDate } from '../kernel/time.ts'
import { decimal, line, positiveDecimal, text, validate } from '../kernel/validate.ts'
import { getSaleableProduct } from './catalogue.ts'
import { lockLevels, postMovements, sendMovements } from './stock.ts'

const localDate = z.string().refine(isLocalDate, 'must be a day such as 2026-01-15')
const receiptSchema = z.object({
  productId: z.string(),
  lotNumber: line(60).nullish(),
  expiresOn: localDate.nullish(),
  quantity: positiveDecimal,
  reason: text(500).nullish(),
})
export type StockReceipt = z.input<typeof receiptSchema>
export type Received = { id: string; productId: string; lotId: string | null }

/**
 * Books goods in at the active clinic. Lot-tracked products name their lot, which is opened on its first delivery; a later
 * delivery of it must agree on the last day of use.
 * @returns the movement's id
 */
export async function receiveStock(tx: Tx, actor: ClinicActor, input: StockReceipt): Promise<Received> {
  const receipt = validate(receiptSchema, input)
  const { productId, lotNumber, expiresOn, quantity, reason = null } = receipt
  const found = getSaleableProduct(tx, actor, productId)
  const lot = found.then((product) => openReceivedLot(tx, actor, product, receipt))
  // Whether the product takes goods without a lot is read in the same round trip as they are posted; when not, that is the refusal.
  const isLoose = isUuid(productId) && !lotNumber && !expiresOn
  const lotId = isLoose ? null : await lot
  const { ids, posted } = sendMovements(tx, actor, [{ productId, lotId, kind: 'restock', quantity, reason }])
  posted.catch(() => {})
  tx.requires(lot.then(() => posted))
  const [id = ''] = ids
  return { id, productId, lotId }
}

async function openReceivedLot(tx: Tx, actor: ClinicActor, product: Product, receipt: z.output<typeof receiptSchema>): Promise<string | null> {
  const { lotNumber, expiresOn = null } = receipt
  if (!product.isLotTracked) {
    if (lotNumber || expiresOn) throw invalid(lotNumber ? 'lotNumber' : 'expiresOn', 'not_lot_tracked', 'is only for products that are tracked by lot')
    return null
  }
  if (!lotNumber) throw invalid('lotNumber', 'required', 'is required for a product that is tracked by lot')
  const [opened] = await tx.query<{ id: string }>({
    name: 'open_lot',
    text: `INSERT INTO lot (organisation_id, clinic_id, product_id, number, expires_on, created_at, updated_at)
      VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5::date, $6::timestamptz, $6::timestamptz) ON CONFLICT (clinic_id, product_id, number) DO NOTHING RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, product.id, lotNumber, expiresOn, tx.clock.now().toISOString()],
  })
  if (opened) {
    tx.changes('Lot', [opened.id], ['expiresOn', 'number', 'productId', 'status'])
    return opened.id
  }
  const known = await tx.prisma.lot.findFirstOrThrow({ where: { clinicId: actor.clinic.id, productId: product.id, number: lotNumber } })
  const knownExpiry = known.expiresOn && fromDateColumn(known.expiresOn)
  if (expiresOn !== null && expiresOn !== knownExpiry)
    throw invalid('expiresOn', 'differs', `differs from the lot's own last day of use, ${knownExpiry ?? 'none'}`)
  return known.id
}

const RECORDABLE = ['use', 'adjustment', 'expired', 'waste', 'transfer'] as const
const ALWAYS_OUT: ReadonlySet<string> = new Set(['use', 'expired', 'waste'])
const NEEDS_REASON: ReadonlySet<string> = new Set(['adjustment', 'waste'])

const movementSchema = z
  .object({ productId: z.string(), lotId: z.string().nullish(), kind: z.string().pipe(z.enum(RECORDABLE)), quantity: decimal, reason: text(500).nullish() })
  .superRefine(({ kind, quantity, reason }, context) => {
    if (Number(quantity) === 0) context.addIssue({ code: 'custom', path: ['quantity'], message: 'must not be 0' })
    if (ALWAYS_OUT.has(kind) && Number(quantity) > 0)
      context.addIssue({ code: 'custom', path: ['quantity'], message: `must be below 0: ${kind} takes stock out` })
    if (NEEDS_REASON.has(kind) && !reason) context.addIssue({ code: 'custom', path: ['reason'], message: `is required for ${kind}` })
  })
export type NewMovement = z.input<typeof movementSchema>

/**
 * Records why stock changed at the active clinic. `quantity` is the change itself: positive in, negative out. Deliveries,
 * sales and counts have commands of their own.
 * @throws InsufficientStockError when less than that is there
 */
export async function recordMovement(tx: Tx, actor: ClinicActor, input: NewMovement): Promise<{ id: string }> {
  const { productId, lotId: lot, kind, quantity, reason } = validate(movementSchema, input)
  const product = await getProduct(tx, actor, productId)
  const lotId = (await getLotFor(tx, actor, product, lot))?.id ?? null
  const { ids, posted } = sendMovements(tx, actor, [{ productId, lotId, kind, quantity, reason: reason ?? null }])
  tx.requires(posted)
  const [id = ''] = ids
  return { id }
}

const countSchema = z.object({
  productId: z.string(),
  lotId: z.string().nullish(),
  counted: decimal.refine((value) => Number(value) >= 0, 'must be 0 or more'),
  reason: text(500),
})
export type StockCount = z.input<typeof countSchema>

/** Posts the difference between what was counted on the shelf and what the books say. No difference, no movement. */
export async function countStock(tx: Tx, actor: ClinicActor, input: StockCount): Promise<{ id: string }> {
  const { productId, lotId, counted, reason } = validate(countSchema, input)
  const product = await getProduct(tx, actor, productId)
  const level = (await lockLevels(tx, actor, [productId])).get(productId)
  const lot = await getLotFor(tx, actor, product, lotId)
  const booked = lot ? lot.onHand.toFixed() : (level?.onHand ?? '0')
  const variance = toMicro(counted) - toMicro(booked)
  if (variance !== 0n) await postMovements(tx, actor, [{ productId, lotId: lot?.id ?? null, kind: 'count', quantity: fromMicro(variance), reason }])
  return { id: productId }
}

const lotStatusSchema = z.object({ lotId: z.string(), status: z.string().pipe(z.enum(['active', 'quarantined', 'recalled'])), reason: text(500) })
export type LotStatusChange = z.input<typeof lotStatusSchema>

/** Takes a lot out of use (quarantined, recalled) or back into it. From the commit on no sale takes from it. */
export async function setLotStatus(tx: Tx, actor: ClinicActor, input: LotStatusChange): Promise<{ id: string }> {
  const { lotId, status, reason } = validate(lotStatusSchema, input)
  const where = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: lotId }
  const lot = await tx.prisma.lot.findFirst({ where })
  if (!lot) throw new NotFoundError('Lot')
  // A sale that has chosen this lot already holds the level: wait for it, so that none commits after the recall.
  await lockLevels(tx, actor, [lot.productId])
  await tx.prisma.lot.updateMany({ where, data: { status } })
  tx.changes('Lot', [lotId], ['status'])
  tx.because(reason)
  return { id: lotId }
}

// Archived products too: what is left of them is still used up, counted and thrown away.
async function getProduct(tx: Tx, { organisationId }: ClinicActor, id: string): Promise<Product> {
  const product = await tx.prisma.product.findFirst({ where: { organisationId, id } })
  if (!product) throw new NotFoundError('Product')
  return product
}

async function getLotFor(tx: Tx, actor: ClinicActor, product: Product, lotId: string | null | undefined): Promise<Lot | null> {
  if (!product.isLotTracked) {
    if (lotId) throw invalid('lotId', 'not_lot_tracked', 'is only for products that are tracked by lot')
    return null
  }
  if (!lotId) throw invalid('lotId', 'required', 'is required for a product that is tracked by lot')
  const lot = await tx.prisma.lot.findFirst({ where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, productId: product.id, id: lotId } })
  if (!lot) throw new NotFoundError('Lot')
  return lot
}
