-- What the contenders need beside tables: searches and commands with Chiron's meaning, without its guards. Made anew by every run.
SET search_path = public, bench;

CREATE OR REPLACE FUNCTION bench.day_start(day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN day::timestamp AT TIME ZONE 'America/Mexico_City';

CREATE OR REPLACE FUNCTION bench.money(minor numeric) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN json_build_object('minorUnits', minor::bigint::text, 'currency', 'MXN');

CREATE OR REPLACE FUNCTION bench.day_visits(organisation uuid, clinic uuid, day date) RETURNS SETOF appointment LANGUAGE sql STABLE PARALLEL SAFE ROWS 40 BEGIN ATOMIC
  SELECT a.* FROM appointment a WHERE a.organisation_id = organisation AND a.clinic_id = clinic AND a.starts_at > bench.day_start(day) - interval '24 hours'
    AND a.starts_at < bench.day_start(day + 1) AND a.ends_at > bench.day_start(day) ORDER BY a.starts_at, a.id;
END;

CREATE OR REPLACE FUNCTION bench.day_shifts(organisation uuid, clinic uuid, day date) RETURNS SETOF weekly_schedule LANGUAGE sql STABLE PARALLEL SAFE ROWS 4 BEGIN ATOMIC
  SELECT w.* FROM weekly_schedule w JOIN staff_profile s ON s.organisation_id = w.organisation_id AND s.id = w.staff_id
  WHERE w.organisation_id = organisation AND w.clinic_id = clinic AND w.weekday = extract(isodow FROM day) AND w.valid_from <= day AND (w.valid_until IS NULL OR w.valid_until > day)
    AND s.is_active AND s.is_bookable ORDER BY s.name, s.id;
END;

CREATE OR REPLACE FUNCTION bench.find_patients(organisation uuid, query text, max_rows integer) RETURNS SETOF patient LANGUAGE sql STABLE ROWS 20 AS $$
  WITH scope AS (
    SELECT '%' || replace(replace(replace(search_key(query), '\', '\\'), '%', '\%'), '_', '\_') || '%' AS pattern,
      CASE WHEN length(regexp_replace(query, '\D', '', 'g')) >= 4 THEN '%' || regexp_replace(query, '\D', '', 'g') || '%' END AS phone_pattern
  ), owners AS MATERIALIZED (
    SELECT c.id FROM scope, client c WHERE c.organisation_id = organisation AND c.archived_at IS NULL
      AND (search_key(c.name) LIKE scope.pattern OR regexp_replace(c.phone, '\D', '', 'g') LIKE scope.phone_pattern)
  ), found AS (
    SELECT p.id, p.name FROM scope, patient p WHERE p.organisation_id = organisation AND p.archived_at IS NULL AND search_key(p.name) LIKE scope.pattern
    UNION
    SELECT p.id, p.name FROM patient p WHERE p.organisation_id = organisation AND p.archived_at IS NULL AND p.client_id = ANY (ARRAY(SELECT owners.id FROM owners))
    UNION
    SELECT p.id, p.name FROM patient p WHERE p.organisation_id = organisation AND p.archived_at IS NULL AND (p.microchip = upper(query) OR p.record_number = upper(query))
  ), best AS (
    SELECT f.id, search_key(f.name) LIKE ltrim(scope.pattern, '%') AS is_prefix FROM found f, scope ORDER BY 2 DESC, f.name, f.id LIMIT least(max_rows, 200)
  )
  SELECT p.* FROM best JOIN patient p ON p.organisation_id = organisation AND p.id = best.id ORDER BY best.is_prefix DESC, p.name, p.id
$$;

-- The figures of Query.dailySummary, in the statements of modules/reporting and modules/inventory, as one answer.
CREATE OR REPLACE FUNCTION bench.summary(organisation uuid, clinic uuid, day date, compare_day date) RETURNS json LANGUAGE sql STABLE AS $$
  WITH line AS (
    SELECT i.business_date, i.kind, i.appointment_id, i.id AS invoice_id, l.product_id, l.quantity, l.subtotal_minor, l.tax_minor, l.total_minor,
      CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign, l.service_id IS NOT NULL OR coalesce(origin.kind, i.kind) = 'visit' AS is_service
    FROM invoice i JOIN invoice_line l ON l.clinic_id = i.clinic_id AND l.invoice_id = i.id LEFT JOIN invoice origin ON origin.clinic_id = i.clinic_id AND origin.id = i.credits_id
    WHERE i.organisation_id = organisation AND i.clinic_id = clinic AND i.currency = 'MXN' AND i.business_date = ANY (ARRAY(SELECT day - n FROM generate_series(0, 13) n) || compare_day)
  ), by_day AS MATERIALIZED (
    SELECT business_date AS date, coalesce(sum(sign * subtotal_minor) FILTER (WHERE is_service), 0) AS services, coalesce(sum(sign * subtotal_minor) FILTER (WHERE NOT is_service), 0) AS products,
      sum(sign * tax_minor) AS tax, sum(sign * total_minor) AS total, count(DISTINCT appointment_id) AS visits, count(DISTINCT invoice_id) FILTER (WHERE kind = 'counter_sale') AS orders
    FROM line GROUP BY business_date
  ), sold AS (
    SELECT product_id, sum(sign * quantity) AS quantity, sum(sign * subtotal_minor) AS revenue FROM line WHERE business_date = day AND NOT is_service GROUP BY product_id
  ), top AS (
    SELECT coalesce(f.name, p.name) AS name, trim_scale(sum(sold.quantity))::text AS quantity, sum(sold.revenue) AS revenue
    FROM sold JOIN product p ON p.organisation_id = organisation AND p.id = sold.product_id LEFT JOIN product_family f ON f.organisation_id = p.organisation_id AND f.id = p.family_id
    GROUP BY coalesce(f.id, p.id), 1 HAVING sum(sold.quantity) > 0 ORDER BY sum(sold.revenue) DESC, 1 LIMIT 5
  ), visits AS MATERIALIZED (
    SELECT coalesce(s.category, 'other') AS category, count(*) FILTER (WHERE a.status IN ('completed', 'checked_out')) AS completed, count(*) FILTER (WHERE a.status = 'no_show') AS no_show,
      count(*) FILTER (WHERE a.status = 'cancelled') AS cancelled, count(*) FILTER (WHERE a.status <> 'cancelled') AS total
    FROM appointment a JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id LEFT JOIN service s ON s.organisation_id = t.organisation_id AND s.id = t.service_id
    WHERE a.organisation_id = organisation AND a.clinic_id = clinic AND a.starts_at >= bench.day_start(day) AND a.starts_at < bench.day_start(day + 1) GROUP BY 1 ORDER BY 2 DESC, 1
  ), later AS (
    SELECT product_id, sum(quantity) AS quantity FROM stock_movement WHERE organisation_id = organisation AND clinic_id = clinic AND occurred_at >= bench.day_start(day + 1) GROUP BY product_id
  ), short AS MATERIALIZED (
    SELECT p.id, p.name, trim_scale(l.critical_level)::text AS critical, l.on_hand - coalesce(later.quantity, 0) AS on_hand
    FROM stock_level l JOIN product p ON p.organisation_id = l.organisation_id AND p.id = l.product_id LEFT JOIN later ON later.product_id = l.product_id
    WHERE l.organisation_id = organisation AND l.clinic_id = clinic AND (p.archived_at IS NULL OR p.archived_at >= bench.day_start(day + 1))
      AND l.on_hand - coalesce(later.quantity, 0) <= l.critical_level AND EXISTS (SELECT FROM stock_movement m WHERE m.organisation_id = organisation AND m.clinic_id = clinic
        AND m.product_id = p.id AND m.occurred_at < bench.day_start(day + 1)) ORDER BY p.name, p.id
  ), expiring AS (
    SELECT l.id, l.number, p.id AS product_id, p.name, l.expires_on, l.expires_on - day AS days_left FROM lot l JOIN product p ON p.organisation_id = l.organisation_id AND p.id = l.product_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(m.quantity), 0) AS quantity FROM stock_movement m WHERE m.clinic_id = l.clinic_id AND m.lot_id = l.id AND m.occurred_at >= bench.day_start(day + 1)) after
    WHERE l.organisation_id = organisation AND l.clinic_id = clinic AND l.expires_on BETWEEN day AND day + 30 AND l.on_hand - after.quantity > 0 ORDER BY l.expires_on, l.number, l.id
  ), days AS (
    SELECT d.date, coalesce(b.services, 0) AS services, coalesce(b.products, 0) AS products, coalesce(b.tax, 0) AS tax, coalesce(b.total, 0) AS total, coalesce(b.visits, 0) AS visits,
      coalesce(b.orders, 0) AS orders FROM (SELECT day - n AS date FROM generate_series(0, 13) n UNION SELECT compare_day) d LEFT JOIN by_day b ON b.date = d.date
  )
  SELECT json_build_object('date', day, 'visitCount', t.visits, 'orderCount', t.orders, 'revenue', bench.money(t.services + t.products), 'serviceRevenue', bench.money(t.services),
    'productRevenue', bench.money(t.products), 'tax', bench.money(t.tax), 'total', bench.money(t.total),
    'appointments', (SELECT json_build_object('total', coalesce(sum(total), 0), 'completed', coalesce(sum(completed), 0), 'noShow', coalesce(sum(no_show), 0), 'cancelled', coalesce(sum(cancelled), 0)) FROM visits),
    'services', (SELECT coalesce(json_agg(json_build_object('category', category, 'count', completed)), '[]') FROM visits WHERE completed > 0),
    'topProducts', (SELECT coalesce(json_agg(json_build_object('name', name, 'quantity', quantity, 'revenue', bench.money(revenue))), '[]') FROM top),
    'comparison', json_build_object('date', compare_day, 'changePercent', CASE WHEN c.services + c.products <> 0 THEN round((t.services + t.products - c.services - c.products) * 100 / (c.services + c.products)) END,
      'revenue', bench.money(c.services + c.products)),
    'revenueByDay', (SELECT json_agg(json_build_object('date', d.date, 'revenue', bench.money(d.services + d.products), 'serviceRevenue', bench.money(d.services), 'productRevenue', bench.money(d.products))
      ORDER BY d.date) FROM days d WHERE d.date > day - 14),
    'alerts', json_build_object(
      'outOfStock', (SELECT coalesce(json_agg(json_build_object('product', json_build_object('id', id, 'name', name), 'criticalLevel', critical)), '[]') FROM short WHERE on_hand <= 0),
      'low', (SELECT coalesce(json_agg(json_build_object('product', json_build_object('id', id, 'name', name), 'onHand', trim_scale(on_hand)::text, 'criticalLevel', critical)), '[]') FROM short WHERE on_hand > 0),
      'expiring', (SELECT coalesce(json_agg(json_build_object('lot', json_build_object('id', id, 'number', number), 'product', json_build_object('id', product_id, 'name', name), 'expiresOn', expires_on,
        'daysLeft', days_left)), '[]') FROM expiring)))
  FROM days t, days c WHERE t.date = day AND c.date = compare_day
$$;

-- Refuses what Chiron's command refuses; the exclusion constraint decides between two at the same moment.
CREATE OR REPLACE FUNCTION bench.book_visit(organisation uuid, clinic uuid, of_patient uuid, of_type uuid, staff uuid, in_room uuid, begins timestamptz, why text) RETURNS appointment
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  minutes integer;
  ends timestamptz;
  person staff_profile;
  booked appointment;
  local timestamp := begins AT TIME ZONE 'America/Mexico_City';
BEGIN
  SELECT duration_minutes INTO minutes FROM appointment_type WHERE organisation_id = organisation AND id = of_type AND archived_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'NOT_FOUND: appointment type'; END IF;
  ends := begins + minutes * interval '1 minute';
  PERFORM FROM patient WHERE organisation_id = organisation AND id = of_patient;
  IF NOT FOUND THEN RAISE EXCEPTION 'NOT_FOUND: patient'; END IF;
  SELECT * INTO person FROM staff_profile WHERE organisation_id = organisation AND id = staff;
  IF NOT FOUND OR NOT person.is_bookable OR NOT person.is_active OR person.hired_on > local::date OR person.terminated_on < local::date THEN RAISE EXCEPTION 'STAFF_NOT_BOOKABLE'; END IF;
  PERFORM FROM room WHERE organisation_id = organisation AND clinic_id = clinic AND id = in_room AND archived_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'NOT_FOUND: room'; END IF;
  PERFORM FROM resource_claim WHERE organisation_id = organisation AND resource_id IN (staff, in_room) AND during && tstzrange(begins, ends);
  IF FOUND THEN RAISE EXCEPTION 'SLOT_TAKEN'; END IF;
  INSERT INTO appointment (organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at, reason, updated_at)
    VALUES (organisation, clinic, of_patient, of_type, staff, in_room, begins, ends, why, now()) RETURNING * INTO booked;
  INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, staff_id, room_id, lane, during)
    VALUES (organisation, clinic, booked.id, staff, staff, NULL, 0, tstzrange(begins, ends)), (organisation, clinic, booked.id, in_room, NULL, in_room, 0, tstzrange(begins, ends));
  RETURN booked;
END $$;

CREATE OR REPLACE FUNCTION bench.step_visit(organisation uuid, clinic uuid, of_id uuid, of_version integer, to_status text) RETURNS appointment
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  visit appointment;
BEGIN
  SELECT * INTO visit FROM appointment WHERE organisation_id = organisation AND clinic_id = clinic AND id = of_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'NOT_FOUND: appointment'; END IF;
  IF visit.version <> of_version THEN RAISE EXCEPTION 'STALE_VERSION'; END IF;
  -- The two steps that are measured.
  IF (visit.status, to_status) NOT IN (('scheduled', 'confirmed'), ('confirmed', 'scheduled')) THEN RAISE EXCEPTION 'WRONG_STATE'; END IF;
  UPDATE appointment SET status = to_status, confirmed_at = CASE to_status WHEN 'confirmed' THEN coalesce(visit.confirmed_at, now()) END, checked_in_at = NULL, started_at = NULL, completed_at = NULL,
    checked_out_at = NULL, no_show_at = NULL, version = version + 1, updated_at = now() WHERE organisation_id = organisation AND id = of_id RETURNING * INTO visit;
  RETURN visit;
END $$;

CREATE OR REPLACE FUNCTION bench.receive(organisation uuid, clinic uuid, of_product uuid, amount numeric) RETURNS stock_movement
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  goods product;
  movement stock_movement;
BEGIN
  SELECT * INTO goods FROM product WHERE organisation_id = organisation AND id = of_product;
  IF NOT FOUND OR goods.archived_at IS NOT NULL OR goods.is_lot_tracked OR amount <= 0 THEN RAISE EXCEPTION 'INVALID: product'; END IF;
  INSERT INTO stock_movement (organisation_id, clinic_id, product_id, kind, quantity, occurred_at) VALUES (organisation, clinic, of_product, 'restock', amount, now()) RETURNING * INTO movement;
  RETURN movement;
END $$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bench TO chiron_bench;
RESET search_path;
