import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { toMicro } from '../kernel/money.ts'
import { addDays, dayInterval, daysBetween, type LocalDate } from '../kernel/time.ts'
import { LEVEL_FIELDS, LOT_FIELDS } from './queries.ts'

/** Days before its last day of use from which a lot with stock is an alert. */
export const EXPIRY_WARNING_DAYS = 30

export type StockAlert = { readonly productId: string; readonly onHand: string; readonly criticalLevel: string }
export type LotAlert = {
  readonly lotId: string
  readonly productId: string
  readonly onHand: string
  readonly expiresOn: LocalDate
  /** Whole days from the day asked about to the last day of use; 0 on that day. */
  readonly daysLeft: number
}
export type InventoryAlerts = {
  readonly asOf: LocalDate
  /** Products that the clinic has stocked, of which nothing is left, by name. */
  readonly outOfStock: readonly StockAlert[]
  /** Above 0 and at or below the critical level, by name. */
  readonly low: readonly StockAlert[]
  /** Lots with stock whose last day of use is within the warning period, earliest first. */
  readonly expiring: readonly LotAlert[]
}

/**
 * What needs somebody at the active clinic, as the stock stood at the end of a practice day: today's levels less the
 * movements since. Critical levels are today's. Products that were never stocked here are no alerts. Two statements.
 */
export async function findAlerts(db: Db, actor: ClinicActor, asOf: LocalDate): Promise<InventoryAlerts> {
  const end = dayInterval(asOf, actor.clinic.timeZone).end.toISOString()
  const levels = await findShortLevels(db, actor, end)
  const lots = await findExpiringLots(db, actor, end, asOf)
  const { outOfStock, low } = splitByStock(levels)
  db.reads(
    'StockLevel',
    levels.map(({ productId }) => productId),
    LEVEL_FIELDS,
  )
  db.reads(
    'Lot',
    lots.map(({ lotId }) => lotId),
    LOT_FIELDS,
  )
  db.aggregates('inventoryAlerts', { asOf })
  return { asOf, outOfStock, low, expiring: lots.map((lot) => ({ ...lot, daysLeft: daysBetween(asOf, lot.expiresOn) })) }
}

/** Parts levels at or below their critical level into those of which nothing is left and those that run low. */
export function splitByStock(levels: readonly StockAlert[]): { outOfStock: readonly StockAlert[]; low: readonly StockAlert[] } {
  const { outOfStock = [], low = [] } = Object.groupBy(levels, ({ onHand }) => (toMicro(onHand) <= 0n ? 'outOfStock' : 'low'))
  return { outOfStock, low }
}

function findShortLevels(db: Db, actor: ClinicActor, end: string): Promise<StockAlert[]> {
  return db.query<StockAlert>({
    name: 'inventory_short_levels',
    text: `WITH later AS (
        SELECT product_id, sum(quantity) AS quantity FROM stock_movement
        WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND occurred_at >= $3::timestamptz GROUP BY product_id
      ), standing AS (
        SELECT l.product_id, p.name, l.critical_level, l.on_hand - coalesce(later.quantity, 0) AS on_hand
        FROM stock_level l
        JOIN product p ON p.organisation_id = l.organisation_id AND p.id = l.product_id
        LEFT JOIN later ON later.product_id = l.product_id
        WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND (p.archived_at IS NULL OR p.archived_at >= $3::timestamptz)
      )
      SELECT s.product_id::text AS "productId", trim_scale(s.on_hand)::text AS "onHand", trim_scale(s.critical_level)::text AS "criticalLevel"
      FROM standing s
      WHERE s.on_hand <= s.critical_level AND EXISTS (
        SELECT FROM stock_movement m
        WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.product_id = s.product_id AND m.occurred_at < $3::timestamptz)
      ORDER BY s.name, s.product_id`,
    values: [actor.organisationId, actor.clinic.id, end],
  })
}

function findExpiringLots(db: Db, actor: ClinicActor, end: string, asOf: LocalDate): Promise<Omit<LotAlert, 'daysLeft'>[]> {
  return db.query<Omit<LotAlert, 'daysLeft'>>({
    name: 'inventory_expiring_lots',
    text: `SELECT l.id::text AS "lotId", l.product_id::text AS "productId", trim_scale(l.on_hand - later.quantity)::text AS "onHand",
        to_char(l.expires_on, 'YYYY-MM-DD') AS "expiresOn"
      FROM lot l
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(m.quantity), 0) AS quantity FROM stock_movement m
        WHERE m.clinic_id = l.clinic_id AND m.lot_id = l.id AND m.occurred_at >= $3::timestamptz
      ) later
      WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND l.expires_on BETWEEN $4::date AND $5::date AND l.on_hand - later.quantity > 0
      ORDER BY l.expires_on, l.number, l.id`,
    values: [actor.organisationId, actor.clinic.id, end, asOf, addDays(asOf, EXPIRY_WARNING_DAYS)],
  })
}
