import type { Lot } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import { fromMicro, toMicro } from '../kernel/money.ts'
import { fromDateColumn, localDateOf } from '../kernel/time.ts'
import { violation } from '../kernel/violation.ts'
import { InsufficientStockError } from './errors.ts'
import { chooseLots, type LotOnShelf } from './fefo.ts'

/** Goods that are about to leave. Quantities are decimal texts above 0 in the product's unit. */
export type StockRequest = {
  readonly productId: string
  readonly quantity: string
  /** The lot that was taken in hand; left out: first expired, first out. */
  readonly lotId?: string | null | undefined
}
/** From where a part of a request is served; no lot for products that are not lot-tracked. */
export type StockPick = { readonly lotId: string | null; readonly quantity: string }

/** A movement to post: positive quantities come in, negative ones go out. */
export type StockChange = {
  readonly productId: string
  readonly lotId: string | null
  readonly kind: string
  readonly quantity: string
  readonly reason?: string | null | undefined
  readonly invoiceLineId?: string | null | undefined
}

/** Goods that leave with a line of an invoice. */
export type Dispensed = { readonly invoiceLineId: string; readonly productId: string; readonly picks: readonly StockPick[] }

export type LockedLevel = { readonly productId: string; readonly onHand: string; readonly isLotTracked: boolean }

/** A lot as the rules see it. */
export function toShelf(lot: Pick<Lot, 'id' | 'number' | 'expiresOn' | 'onHand' | 'status'>): LotOnShelf {
  const { id, number, expiresOn, onHand, status } = lot
  return { id, number, expiresOn: expiresOn && fromDateColumn(expiresOn), onHand: onHand.toFixed(), status }
}

/**
 * Locks the clinic's levels of products until the transaction ends, always in the order of their ids, so that sales of
 * the same goods wait for each other instead of for a deadlock. Every movement takes this lock first, so lots cannot
 * change under it either.
 */
export async function lockLevels(tx: Tx, actor: ClinicActor, productIds: readonly string[]): Promise<ReadonlyMap<string, LockedLevel>> {
  const levels = await tx.query<LockedLevel>({
    name: 'lock_stock_levels',
    text: `SELECT l.product_id::text AS "productId", trim_scale(l.on_hand)::text AS "onHand", p.is_lot_tracked AS "isLotTracked"
      FROM stock_level l JOIN product p ON p.organisation_id = l.organisation_id AND p.id = l.product_id
      WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND l.product_id = ANY ($3::uuid[])
      ORDER BY l.product_id FOR UPDATE OF l`,
    values: [actor.organisationId, actor.clinic.id, [...new Set(productIds)]],
  })
  tx.reads(
    'StockLevel',
    levels.map(({ productId }) => productId),
    ['onHand'],
  )
  return new Map(levels.map((level) => [level.productId, level]))
}

/**
 * Chooses from where requests are served and keeps those levels locked until the transaction ends: `dispense` them in the
 * same transaction. Requests for one product are served in their order.
 * @returns picks of each request, in the order of the requests
 * @throws InsufficientStockError for the first request that usable stock cannot serve whole
 */
export async function pickStock(tx: Tx, actor: ClinicActor, requests: readonly StockRequest[]): Promise<readonly (readonly StockPick[])[]> {
  if (requests.length === 0) return []
  const levels = await lockLevels(
    tx,
    actor,
    requests.map(({ productId }) => productId),
  )
  const shelves = await readShelves(
    tx,
    actor,
    [...levels.values()].filter(({ isLotTracked }) => isLotTracked),
  )
  const loose = new Map([...levels.values()].map(({ productId, onHand }) => [productId, toMicro(onHand)]))
  const today = localDateOf(tx.clock.now(), actor.clinic.timeZone)
  return requests.map((request) => {
    const shelf = shelves.get(request.productId)
    return shelf ? pickLots(request, shelf, today) : pickLoose(request, loose)
  })
}

function pickLots(request: StockRequest, shelf: Map<string, LotOnShelf>, today: string): StockPick[] {
  const { productId, quantity, lotId = null } = request
  const lots = [...shelf.values()].filter((lot) => lotId === null || lot.id === lotId)
  const choice = chooseLots(lots, quantity, today)
  if (choice.missing !== '0') throw new InsufficientStockError({ productId, lotId, requested: quantity, available: choice.available })
  for (const pick of choice.picks) {
    const lot = shelf.get(pick.lotId)
    if (lot) shelf.set(lot.id, { ...lot, onHand: fromMicro(toMicro(lot.onHand) - toMicro(pick.quantity)) })
  }
  return [...choice.picks]
}

function pickLoose({ productId, quantity, lotId = null }: StockRequest, loose: Map<string, bigint>): StockPick[] {
  const available = lotId === null ? (loose.get(productId) ?? 0n) : 0n
  const left = available - toMicro(quantity)
  if (left < 0n) throw new InsufficientStockError({ productId, lotId, requested: quantity, available: fromMicro(available) })
  loose.set(productId, left)
  return [{ lotId: null, quantity }]
}

async function readShelves(tx: Tx, actor: ClinicActor, levels: readonly LockedLevel[]): Promise<ReadonlyMap<string, Map<string, LotOnShelf>>> {
  const shelves = new Map(levels.map(({ productId }) => [productId, new Map<string, LotOnShelf>()]))
  if (shelves.size === 0) return shelves
  const lots = await tx.prisma.lot.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, productId: { in: [...shelves.keys()] }, onHand: { gt: 0 } },
  })
  for (const lot of lots) shelves.get(lot.productId)?.set(lot.id, toShelf(lot))
  return shelves
}

/**
 * Posts the sale of what `pickStock` chose, after the invoice lines are written.
 * @throws InsufficientStockError when the database finds less than was picked
 */
export async function dispense(tx: Tx, actor: ClinicActor, lines: readonly Dispensed[]): Promise<void> {
  const changes = lines.flatMap(({ invoiceLineId, productId, picks }) =>
    picks.map(({ lotId, quantity }) => ({ productId, lotId, kind: 'sale', quantity: `-${quantity}`, invoiceLineId })),
  )
  await postMovements(tx, actor, changes)
}

/**
 * Takes sold goods back: one adjustment per lot out of which the lines were served.
 * @param reason what the stock ledger says about it
 */
export async function restock(tx: Tx, actor: ClinicActor, lineIds: readonly string[], reason: string): Promise<void> {
  const sales = await tx.prisma.stockMovement.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, kind: 'sale', invoiceLineId: { in: [...lineIds] } },
    orderBy: [{ productId: 'asc' }, { id: 'asc' }],
  })
  const changes = sales.map(({ productId, lotId, quantity }) => ({ productId, lotId, kind: 'adjustment', quantity: quantity.neg().toFixed(), reason }))
  await lockLevels(
    tx,
    actor,
    changes.map(({ productId }) => productId),
  )
  await postMovements(tx, actor, changes)
}

/**
 * Appends movements; the database adds them to level and lot and refuses to go below zero.
 * @returns ids in the order given
 * @throws InsufficientStockError when a level or a lot would fall below zero
 */
export async function postMovements(tx: Tx, actor: ClinicActor, changes: readonly StockChange[]): Promise<string[]> {
  const { ids, posted } = sendMovements(tx, actor, changes)
  await posted
  return ids
}

/** The same for whoever needs the ids alone: `posted` is the movements' outcome, for `tx.requires`. */
export function sendMovements(tx: Tx, actor: ClinicActor, changes: readonly StockChange[]): { ids: string[]; posted: Promise<unknown> } {
  if (changes.length === 0) return { ids: [], posted: Promise.resolve() }
  const { organisationId } = actor
  const occurredAt = tx.clock.now()
  const rows = changes.map((change) => ({
    id: newId(),
    organisationId,
    clinicId: actor.clinic.id,
    occurredAt,
    recordedById: actor.staffId,
    ...change,
  }))
  const ids = rows.map(({ id }) => id)
  const posted = tx.query({ name: 'insert_stock_movements', text: INSERT_MOVEMENTS, values: [JSON.stringify(rows)] }).catch((error: unknown) => {
    throw asShortage(error, changes) ?? error
  })
  const lotIds = rows.flatMap(({ lotId }) => lotId ?? [])
  tx.changes('StockMovement', ids, ['invoiceLineId', 'kind', 'lotId', 'occurredAt', 'productId', 'quantity', 'reason', 'recordedById'])
  tx.changes(
    'StockLevel',
    rows.map(({ productId }) => productId),
    ['onHand'],
  )
  tx.changes('Lot', lotIds, ['onHand'])
  return { ids, posted }
}

const INSERT_MOVEMENTS = `INSERT INTO stock_movement (id, organisation_id, clinic_id, product_id, lot_id, kind, quantity, reason, invoice_line_id, recorded_by_id, occurred_at)
  SELECT m.id, m."organisationId", m."clinicId", m."productId", m."lotId", m.kind, m.quantity, m.reason, m."invoiceLineId", m."recordedById", m."occurredAt"
  FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (id uuid, "organisationId" uuid, "clinicId" uuid, "productId" uuid, "lotId" uuid, kind text, quantity numeric, reason text,
    "invoiceLineId" uuid, "recordedById" uuid, "occurredAt" timestamptz)) WITH ORDINALITY AS m ORDER BY m.ordinality`

const FLOORS = new Set(['stock_level_on_hand_positive', 'lot_on_hand_positive'])

// A statement of several movements does not say which one went too far; the first that goes out stands for all.
function asShortage(error: unknown, changes: readonly StockChange[]): InsufficientStockError | null {
  if (!FLOORS.has(violation(error)?.constraint ?? '')) return null
  const [leaving] = changes.filter(({ quantity }) => quantity.startsWith('-'))
  if (!leaving) return null
  const { productId, lotId, quantity } = leaving
  return new InsufficientStockError({ productId, lotId, requested: quantity.slice(1), available: null })
}
