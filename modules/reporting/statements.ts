import { ALERT_COORDINATES, ALERT_TABLES, type AlertsRow, alertColumns } from '../inventory/index.ts'
import type { Selects } from '../kernel/db.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'

// Sums travel as text: a number of JSON would lose digits on its way.

/** Sums less credits; a day without postings has none. Visits are counted on the summary's own day alone. */
export type DayRow = {
  readonly date: string
  readonly revenue: string
  readonly products: string
  readonly tax: string
  readonly visits: number
  readonly orders: number
}
export type VisitsRow = { readonly category: string; readonly total: number; readonly completed: number; readonly noShow: number; readonly cancelled: number }
export type ProductRow = { readonly name: string; readonly quantity: string; readonly revenue: string }
/** The answer of DAILY_SUMMARY. */
export type SummaryRow = AlertsRow & {
  readonly days: readonly DayRow[]
  /** A row per category of what was booked; most completed first. */
  readonly visits: readonly VisitsRow[] | null
  /** Best sold first. */
  readonly sold: readonly ProductRow[] | null
}

const MAX_TOP_PRODUCTS = 5

// An invoice equals its lines (a constraint says so), so that what a day brought is the sum of its invoices, and the lines of orders alone
// tell products from services: a line of a visit is a service to the reader even when it is the dose that was given; a counter sale is an
// order, and a service sold there is a service all the same. A credit takes back what its invoice was.
const POSTED = `day AS MATERIALIZED (
    SELECT i.business_date AS date, sum(kinds.sign * i.subtotal_minor) AS revenue, sum(kinds.sign * i.tax_minor) AS tax,
      count(*) FILTER (WHERE i.kind = 'counter_sale') AS orders, array_agg(i.id) FILTER (WHERE kinds.origin <> 'visit') AS order_ids,
      array_agg(i.appointment_id) FILTER (WHERE i.business_date = $4::date) AS appointment_ids
    FROM invoice i CROSS JOIN LATERAL (SELECT CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign, CASE i.kind
      WHEN 'credit_note' THEN (SELECT origin.kind FROM invoice origin WHERE origin.clinic_id = i.clinic_id AND origin.id = i.credits_id) ELSE i.kind END AS origin) kinds
    WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.currency = $6 AND i.business_date = ANY ($7::date[])
    GROUP BY i.business_date
  ), ordered AS MATERIALIZED (
    SELECT day.date, l.product_id, kinds.sign * l.quantity AS quantity, kinds.sign * l.subtotal_minor AS revenue
    FROM day CROSS JOIN unnest(day.order_ids) AS wanted(id) JOIN invoice_line l ON l.clinic_id = $2::uuid AND l.invoice_id = wanted.id
    CROSS JOIN LATERAL (SELECT CASE WHEN l.credits_line_id IS NULL THEN 1 ELSE -1 END AS sign) kinds
    WHERE l.product_id IS NOT NULL
  )`

const DAYS = `SELECT day.date, day.revenue::text AS revenue, coalesce(ordered.revenue, 0)::text AS products, day.tax::text AS tax, day.orders,
    (SELECT count(DISTINCT id) FROM unnest(day.appointment_ids) AS invoiced(id)) AS visits
  FROM day LEFT JOIN (SELECT date, sum(revenue) AS revenue FROM ordered GROUP BY date) ordered USING (date)`

// Variants count under their family.
const TOP_PRODUCTS = `SELECT coalesce(f.name, p.name) AS name, trim_scale(sum(sold.quantity))::text AS quantity, sum(sold.revenue)::text AS revenue
  FROM (SELECT product_id, sum(quantity) AS quantity, sum(revenue) AS revenue FROM ordered WHERE date = $4::date GROUP BY product_id) sold
  JOIN product p ON p.organisation_id = $1::uuid AND p.id = sold.product_id
  LEFT JOIN product_family f ON f.organisation_id = p.organisation_id AND f.id = p.family_id
  GROUP BY coalesce(f.id, p.id), 1 HAVING sum(sold.quantity) > 0
  ORDER BY sum(sold.revenue) DESC, 1 LIMIT ${MAX_TOP_PRODUCTS}`

const VISITS = `SELECT coalesce(s.category, 'other') AS category, count(*) FILTER (WHERE a.status IN ('completed', 'checked_out')) AS completed,
    count(*) FILTER (WHERE a.status = 'no_show') AS "noShow", count(*) FILTER (WHERE a.status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE a.status <> 'cancelled') AS total
  FROM appointment a
  JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id
  LEFT JOIN service s ON s.organisation_id = t.organisation_id AND s.id = t.service_id
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at >= $8::timestamptz AND a.starts_at < $3::timestamptz
  GROUP BY 1 ORDER BY 2 DESC, 1`

/**
 * Everything about a practice day. $1 to $5 as alertValues gives them, $6 currency, $7 practice days whose revenue is wanted, the day's
 * own among them, $8 the instant at which the day begins.
 */
export const DAILY_SUMMARY = statementBy(
  'daily_summary',
  ['DailySummary.appointments', 'DailySummary.services', 'DailySummary.topProducts', 'DailySummary.alerts', ...ALERT_COORDINATES],
  (selects: Selects) => `WITH ${ALERT_TABLES}, begins AS (SELECT $8::timestamptz), ${POSTED}
  SELECT ${jsonRows(DAYS)} AS days,
    ${jsonRowsIf(selects('DailySummary.appointments') || selects('DailySummary.services'), VISITS)} AS visits,
    ${jsonRowsIf(selects('DailySummary.topProducts'), TOP_PRODUCTS)} AS sold,
    ${alertColumns((coordinate) => selects('DailySummary.alerts') && selects(coordinate))}`,
)
