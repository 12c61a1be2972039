import type { Lot, Product } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { toMicro } from '../kernel/money.ts'
import { jsonRowsIf, statementBy } from '../kernel/records.ts'
import { addDays, dayInterval, type LocalDate } from '../kernel/time.ts'
import { LEVEL_FIELDS, LOT_FIELDS } from './queries.ts'
import { lots, products } from './records.ts'

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

/** Alerts with the records to which they refer, each once; empty where they were not asked for. */
export type FoundAlerts = { readonly alerts: InventoryAlerts; readonly products: readonly Product[]; readonly lots: readonly Lot[] }

/** The columns of a statement that `alertColumns` gives. */
export type AlertsRow = {
  readonly levels: readonly StockAlert[] | null
  readonly expiring: readonly LotAlert[] | null
  readonly products: readonly Product[] | null
  readonly lots: readonly Lot[] | null
}

/**
 * What needs somebody at the active clinic, as the stock stood at the end of a practice day: today's levels less the
 * movements since. Critical levels are today's. Products that were never stocked here are no alerts. One statement.
 */
export async function findAlerts(db: Db, actor: ClinicActor, asOf: LocalDate, selects: Selects): Promise<FoundAlerts> {
  const [row] = await db.query<AlertsRow>({ ...ALERTS(selects), values: alertValues(actor, asOf) })
  if (!row) throw new Error('the statement has one row')
  return takeAlerts(db, row, asOf)
}

/** Takes alerts over from the columns of a statement and reports what was read for them. */
export function takeAlerts(db: Db, row: AlertsRow, asOf: LocalDate): FoundAlerts {
  const levels = row.levels ?? []
  const expiring = row.expiring ?? []
  db.reads(
    'StockLevel',
    levels.map(({ productId }) => productId),
    LEVEL_FIELDS,
  )
  db.reads(
    'Lot',
    expiring.map(({ lotId }) => lotId),
    LOT_FIELDS,
  )
  db.aggregates('inventoryAlerts', { asOf })
  return { alerts: { asOf, ...splitByStock(levels), expiring }, products: products.take(db, row.products), lots: lots.take(db, row.lots) }
}

/** Parts levels at or below their critical level into those of which nothing is left and those that run low. */
export function splitByStock(levels: readonly StockAlert[]): { outOfStock: readonly StockAlert[]; low: readonly StockAlert[] } {
  const { outOfStock = [], low = [] } = Object.groupBy(levels, ({ onHand }) => (toMicro(onHand) <= 0n ? 'outOfStock' : 'low'))
  return { outOfStock, low }
}

/** The first five placeholders of a statement with alerts: organisation, clinic, end of the day, the day, the last day of the warning period. */
export function alertValues({ organisationId, clinic }: ClinicActor, asOf: LocalDate): string[] {
  return [organisationId, clinic.id, dayInterval(asOf, clinic.timeZone).end.toISOString(), asOf, addDays(asOf, EXPIRY_WARNING_DAYS)]
}

/** All on which alertTables and alertColumns depend. */
export const ALERT_COORDINATES = [
  'InventoryAlerts.outOfStock',
  'InventoryAlerts.low',
  'InventoryAlerts.expiring',
  'StockAlert.product',
  'LotAlert.product',
  'LotAlert.lot',
  'Lot.product',
  ...products.coordinates,
  ...lots.coordinates,
]

/**
 * Common table expressions for alertColumns, behind WITH, under the placeholders of alertValues. Movements since the day are read once for
 * levels and lots. What was short then is short now or has come in since: what only left was more. Products are looked up by an array of
 * those that are short, without which the whole catalogue would be joined.
 */
export const ALERT_TABLES = `given AS (SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::date, $5::date),
  later AS MATERIALIZED (
    SELECT m.product_id, m.lot_id, m.quantity FROM stock_movement m
    WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.occurred_at >= $3::timestamptz
  ), candidate AS MATERIALIZED (
    SELECT l.product_id, l.critical_level, l.on_hand FROM stock_level l
    WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid
      AND (l.on_hand <= l.critical_level OR l.product_id = ANY (ARRAY(SELECT product_id FROM later WHERE quantity > 0)))
  ), standing AS MATERIALIZED (
    SELECT c.product_id, c.critical_level, c.on_hand - coalesce(sum(later.quantity), 0) AS on_hand
    FROM candidate c LEFT JOIN later ON later.product_id = c.product_id
    GROUP BY c.product_id, c.critical_level, c.on_hand
    HAVING c.on_hand - coalesce(sum(later.quantity), 0) <= c.critical_level
  ), short AS MATERIALIZED (
    SELECT s.*, p.name FROM standing s JOIN product p ON p.organisation_id = $1::uuid AND p.id = s.product_id
    WHERE p.id = ANY (ARRAY(SELECT product_id FROM standing)) AND (p.archived_at IS NULL OR p.archived_at >= $3::timestamptz) AND EXISTS (
      SELECT FROM stock_movement m
      WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.product_id = s.product_id AND m.occurred_at < $3::timestamptz)
  ), expiring AS MATERIALIZED (
    SELECT l.*, l.on_hand - coalesce(moved.quantity, 0) AS standing
    FROM lot l LEFT JOIN (SELECT lot_id, sum(quantity) AS quantity FROM later WHERE lot_id IS NOT NULL GROUP BY lot_id) moved ON moved.lot_id = l.id
    WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND l.expires_on BETWEEN $4::date AND $5::date
      AND l.on_hand - coalesce(moved.quantity, 0) > 0
  )`

/** Columns of an AlertsRow, as far as they are asked for. */
export function alertColumns(selects: Selects): string {
  const hasLevels = selects('InventoryAlerts.outOfStock') || selects('InventoryAlerts.low')
  const hasLots = selects('InventoryAlerts.expiring')
  const named = [
    ...(hasLevels && selects('StockAlert.product') ? ['SELECT product_id FROM short'] : []),
    ...(hasLots && (selects('LotAlert.product') || (selects('LotAlert.lot') && selects('Lot.product'))) ? ['SELECT product_id FROM expiring'] : []),
  ]
  return `${jsonRowsIf(
    hasLevels,
    `SELECT s.product_id AS "productId", trim_scale(s.on_hand)::text AS "onHand", trim_scale(s.critical_level)::text AS "criticalLevel"
      FROM short s ORDER BY s.name, s.product_id`,
  )} AS levels,
    ${jsonRowsIf(
      hasLots,
      `SELECT l.id AS "lotId", l.product_id AS "productId", trim_scale(l.standing)::text AS "onHand", l.expires_on AS "expiresOn",
        l.expires_on - $4::date AS "daysLeft"
      FROM expiring l ORDER BY l.expires_on, l.number, l.id`,
    )} AS expiring,
    ${jsonRowsIf(
      named.length > 0,
      `SELECT ${products.columns('p', selects)} FROM product p WHERE p.organisation_id = $1::uuid AND p.id = ANY (ARRAY(${named.join(' UNION ALL ')}))`,
    )} AS products,
    ${jsonRowsIf(hasLots && selects('LotAlert.lot'), `SELECT ${lots.columns('l', selects)} FROM expiring l`)} AS lots`
}

const ALERTS = statementBy('inventory_alerts', ALERT_COORDINATES, (selects) => `WITH ${ALERT_TABLES} SELECT ${alertColumns(selects)}`)
