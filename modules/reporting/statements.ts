// Sums travel as text: the driver and Prisma would each make something else of a bigint or a numeric.

// A line of a visit is a service to the reader even when it is the dose that was given; a counter sale is an order, and a
// service sold there is a service all the same. A credit takes back what its invoice's line was.
const LINE_OF_DAY = `
  FROM invoice i
  JOIN invoice_line l ON l.clinic_id = i.clinic_id AND l.invoice_id = i.id
  LEFT JOIN invoice origin ON origin.clinic_id = i.clinic_id AND origin.id = i.credits_id
  CROSS JOIN LATERAL (SELECT CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign,
    l.service_id IS NOT NULL OR coalesce(origin.kind, i.kind) = 'visit' AS is_service) AS line
  WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.currency = $3`

/** $1 organisation, $2 clinic, $3 currency, $4 practice days. One row per day that has postings. */
export const REVENUE_BY_DAY = `SELECT i.business_date::text AS date,
    coalesce(sum(line.sign * l.subtotal_minor) FILTER (WHERE line.is_service), 0)::text AS services,
    coalesce(sum(line.sign * l.subtotal_minor) FILTER (WHERE NOT line.is_service), 0)::text AS products,
    sum(line.sign * l.tax_minor)::text AS tax,
    sum(line.sign * l.total_minor)::text AS total,
    count(DISTINCT i.appointment_id)::text AS visits,
    (count(DISTINCT i.id) FILTER (WHERE i.kind = 'counter_sale'))::text AS orders
  ${LINE_OF_DAY} AND i.business_date = ANY ($4::date[])
  GROUP BY i.business_date`

/** $1 organisation, $2 clinic, $3 currency, $4 practice day, $5 most rows. Variants count under their family. */
export const TOP_PRODUCTS = `WITH sold AS (
    SELECT l.product_id, sum(line.sign * l.quantity) AS quantity, sum(line.sign * l.subtotal_minor) AS revenue
    ${LINE_OF_DAY} AND i.business_date = $4::date AND NOT line.is_service
    GROUP BY l.product_id
  )
  SELECT coalesce(f.name, p.name) AS name, trim_scale(sum(sold.quantity))::text AS quantity, sum(sold.revenue)::text AS revenue
  FROM sold
  JOIN product p ON p.organisation_id = $1::uuid AND p.id = sold.product_id
  LEFT JOIN product_family f ON f.organisation_id = p.organisation_id AND f.id = p.family_id
  GROUP BY coalesce(f.id, p.id), 1
  HAVING sum(sold.quantity) > 0
  ORDER BY sum(sold.revenue) DESC, 1 LIMIT $5::int`

/** $1 organisation, $2 clinic, $3 and $4 the day's instants. A row per category of what was booked; most completed first. */
export const DAY_APPOINTMENTS = `SELECT coalesce(s.category, 'other') AS category,
    (count(*) FILTER (WHERE a.status IN ('completed', 'checked_out')))::text AS completed,
    (count(*) FILTER (WHERE a.status = 'no_show'))::text AS "noShow",
    (count(*) FILTER (WHERE a.status = 'cancelled'))::text AS cancelled,
    (count(*) FILTER (WHERE a.status <> 'cancelled'))::text AS total
  FROM appointment a
  JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id
  LEFT JOIN service s ON s.organisation_id = t.organisation_id AND s.id = t.service_id
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at >= $3::timestamptz AND a.starts_at < $4::timestamptz
  GROUP BY 1 ORDER BY count(*) FILTER (WHERE a.status IN ('completed', 'checked_out')) DESC, 1`
