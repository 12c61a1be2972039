-- Rows of both organisations. Settings bench.* say how many; triggers are off, so that what they keep is set here.
-- bench.place (n, id, organisation_id) numbers the clinics, those of the organisation that is measured first.
SET session_replication_role = replica;

CREATE TABLE bench.scale AS SELECT
  current_setting('bench.anchor')::date AS anchor, current_setting('bench.places')::bigint AS places, current_setting('bench.days')::bigint AS days,
  current_setting('bench.past_days')::bigint AS past_days, current_setting('bench.patients')::bigint AS patients, current_setting('bench.regulars')::bigint AS regulars,
  current_setting('bench.clients')::bigint AS clients, current_setting('bench.claim_days')::integer AS claim_days;
CREATE TABLE bench.organisation AS SELECT organisation_id AS id, row_number() OVER (ORDER BY min(n)) - 1 AS o FROM bench.place GROUP BY organisation_id;

INSERT INTO staff_profile (id, user_id, organisation_id, primary_clinic_id, employee_number, name, position, hired_on, is_bookable, created_at, updated_at)
SELECT bench.id(11, p.n * 4 + k), CASE WHEN p.n = 0 AND k = 0 THEN (SELECT id FROM app_user WHERE email = 'bench@bench.example') END, p.organisation_id, p.id, 'B' || (p.n * 4 + k), 'Dra. ' || bench.person_name(7000000 + p.n * 4 + k), 'veterinarian', '2008-01-01', true, now(), now()
FROM bench.place p, generate_series(0, 3) k;
INSERT INTO weekly_schedule (organisation_id, clinic_id, staff_id, weekday, start_minute, end_minute, valid_from)
SELECT p.organisation_id, p.id, bench.id(11, p.n * 4 + k), weekday, 540, 1020, '2008-01-01' FROM bench.place p, generate_series(0, 3) k, generate_series(1, 6) weekday;
INSERT INTO room (id, organisation_id, clinic_id, name, kind, position, updated_at)
SELECT bench.id(12, p.n * 5 + k), p.organisation_id, p.id, 'Consultorio ' || (k + 1), 'consultation', k, now() FROM bench.place p, generate_series(0, 4) k;
INSERT INTO service (id, organisation_id, code, name, category, unit_price, tax_rate, updated_at)
SELECT bench.id(14, o.o * 1000 + k), o.id, 'S' || k, 'Servicio ' || k, (ARRAY['checkup', 'vaccination', 'surgery', 'diagnostics', 'grooming', 'dental'])[k % 6 + 1], 350 + 50 * k, 16, now()
FROM bench.organisation o, generate_series(0, 11) k;
INSERT INTO appointment_type (id, organisation_id, code, name, duration_minutes, service_id, updated_at)
SELECT bench.id(13, o.o * 1000 + k), o.id, 'T' || k, 'Cita ' || k, (ARRAY[20, 30, 40])[k % 3 + 1], bench.id(14, o.o * 1000 + k), now() FROM bench.organisation o, generate_series(0, 11) k;
INSERT INTO product_family (id, organisation_id, name) SELECT bench.id(16, o.o * 1000 + k), o.id, 'Familia ' || k FROM bench.organisation o, generate_series(0, 39) k;
INSERT INTO product (id, organisation_id, family_id, sku, name, category, unit_code, unit_price, tax_rate, is_lot_tracked, updated_at)
SELECT bench.id(15, o.o * 1000 + k), o.id, bench.id(16, o.o * 1000 + k % 40), 'P' || k, 'Producto ' || k, (ARRAY['food', 'parasiticide', 'accessory', 'medicine'])[k % 4 + 1], '{unit}',
  100 + 10 * k, 16, k >= 100, now()
FROM bench.organisation o, generate_series(0, 199) k;

INSERT INTO client (id, organisation_id, name, phone, email, updated_at, created_at)
SELECT bench.id(1, j), p.organisation_id, bench.person_name(j), '55 ' || lpad((bench.chance(j, 21) % 10000)::text, 4, '0') || ' ' || lpad((bench.chance(j, 22) % 10000)::text, 4, '0'),
  'cliente' || j || '@example.com', '2020-01-01', '2020-01-01'
FROM bench.scale s, generate_series(0, s.clients * s.places - 1) j JOIN bench.place p ON true WHERE p.n = j % s.places;

INSERT INTO patient (id, organisation_id, home_clinic_id, client_id, record_number, name, species_code, breed_code, sex, born_on, microchip, weight_kg, alerts, allergies, created_at, updated_at)
SELECT bench.id(2, i), p.organisation_id, p.id, bench.id(1, ((i / s.places) * 7 / 10) * s.places + p.n), 'B' || p.n || '-' || (i / s.places), bench.pet_name(i),
  (ARRAY['canine', 'feline'])[i % 3 / 2 + 1], (ARRAY['canine-mixed', 'canine-beagle', 'feline-siamese'])[i % 3 + 1], (ARRAY['male', 'female'])[i / 3 % 2 + 1],
  date '2014-01-01' + (bench.chance(i, 23) % 4000)::integer, CASE WHEN i % 2 = 0 THEN '9000' || lpad(i::text, 11, '0') END, 2 + bench.chance(i, 24) % 40,
  CASE WHEN i % 10 = 0 THEN ARRAY['Muerde'] ELSE '{}' END, CASE WHEN i % 15 = 0 THEN ARRAY['Penicilina'] ELSE '{}' END, '2020-01-01', '2020-01-01'
FROM bench.scale s, generate_series(0, s.patients * s.places - 1) i JOIN bench.place p ON true WHERE p.n = i % s.places;

-- Forty visits per clinic and practice day: four people, ten visits each. Every other one is of a regular.
INSERT INTO appointment (id, organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at, status, reason, confirmed_at, checked_in_at, started_at, completed_at,
  checked_out_at, cancelled_at, no_show_at, cancel_reason, version, created_at, updated_at)
SELECT bench.id(3, g), p.organisation_id, p.id,
  bench.id(2, CASE WHEN v.visit % 2 = 0 THEN v.visit / 2 % s.regulars ELSE s.regulars + v.visit / 2 % (s.patients - s.regulars) END * s.places + p.n),
  bench.id(13, o.o * 1000 + v.type), bench.id(11, p.n * 4 + g % 4), bench.id(12, p.n * 5 + g % 4), t.starts_at, t.ends_at, w.status, 'Revisión',
  CASE WHEN w.status IN ('checked_out', 'confirmed') THEN t.starts_at - interval '1 day' END,
  CASE WHEN w.status = 'checked_out' THEN t.starts_at - interval '5 minutes' END, CASE WHEN w.status = 'checked_out' THEN t.starts_at END,
  CASE WHEN w.status = 'checked_out' THEN t.ends_at END, CASE WHEN w.status = 'checked_out' THEN t.ends_at + interval '5 minutes' END,
  CASE WHEN w.status = 'cancelled' THEN t.starts_at - interval '1 day' END, CASE WHEN w.status = 'no_show' THEN t.ends_at END, CASE WHEN w.status = 'cancelled' THEN 'Cliente' END,
  1, t.starts_at - interval '7 days', t.starts_at - interval '7 days'
FROM bench.scale s, generate_series(0, s.days * s.places * 40 - 1) g
CROSS JOIN LATERAL (SELECT g / (40 * s.places) AS day, g / (40 * s.places) * 40 + g % 40 AS visit, bench.chance(g, 31) AS luck, bench.chance(g, 32) % 12 AS type) v
JOIN bench.place p ON true JOIN bench.organisation o ON o.id = p.organisation_id
CROSS JOIN LATERAL (SELECT bench.practice_day(s.anchor, (v.day - s.past_days)::integer) + time '09:00' + g % 40 / 4 * interval '45 minutes' AS local) l
CROSS JOIN LATERAL (SELECT l.local AT TIME ZONE 'America/Mexico_City' AS starts_at, l.local AT TIME ZONE 'America/Mexico_City' + (ARRAY[20, 30, 40])[v.type % 3 + 1] * interval '1 minute' AS ends_at) t
CROSS JOIN LATERAL (SELECT CASE WHEN v.day >= s.past_days THEN CASE WHEN v.luck % 3 = 0 THEN 'confirmed' ELSE 'scheduled' END
  WHEN v.luck % 100 < 5 THEN 'cancelled' WHEN v.luck % 100 < 8 THEN 'no_show' ELSE 'checked_out' END AS status) w
WHERE p.n = g / 40 % s.places;

-- Numbers of visits whose time is held, and of those that were charged or written about.
CREATE FUNCTION bench.number_of(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN ('x' || right(id::text, 12))::bit(48)::bigint;

INSERT INTO resource_claim (id, organisation_id, clinic_id, appointment_id, resource_id, staff_id, room_id, lane, during)
SELECT bench.id(4 + k, bench.number_of(a.id)), a.organisation_id, a.clinic_id, a.id, CASE k WHEN 0 THEN a.staff_id ELSE a.room_id END, CASE k WHEN 0 THEN a.staff_id END,
  CASE k WHEN 1 THEN a.room_id END, 0, tstzrange(a.starts_at, a.ends_at)
FROM bench.scale s, appointment a, generate_series(0, 1) k WHERE a.status NOT IN ('cancelled', 'no_show') AND a.starts_at >= (s.anchor - s.claim_days)::timestamptz;

INSERT INTO clinical_note (id, organisation_id, clinic_id, patient_id, appointment_id, author_id, kind, title, body, status, signed_at, signed_by_id, version, written_at, created_at, updated_at)
SELECT bench.id(6, n.g), a.organisation_id, a.clinic_id, a.patient_id, a.id, a.staff_id, 'soap', 'Consulta ' || bench.words(n.g, 2), bench.words(n.g, 30), 'signed', a.ends_at, a.staff_id, 1,
  a.ends_at, a.ends_at, a.ends_at
FROM appointment a CROSS JOIN LATERAL (SELECT bench.number_of(a.id) AS g) n WHERE a.status = 'checked_out' AND bench.chance(n.g, 33) % 2 = 0;
INSERT INTO clinical_note_version (organisation_id, clinic_id, note_id, patient_id, version, author_id, title, body, created_at)
SELECT organisation_id, clinic_id, id, patient_id, 1, author_id, title, body, created_at FROM clinical_note;

-- A visit is charged a service and a product, and paid at once; every tenth charge is a counter sale of two products.
CREATE UNLOGGED TABLE bench.charge AS
SELECT n.g, a.organisation_id, a.clinic_id, a.id AS appointment_id, a.patient_id, p.client_id, a.staff_id, a.ends_at AS at, n.is_sale, o.o, bench.number_of(a.type_id) % 1000 AS service,
  bench.chance(n.g, 35) % 190 AS product, bench.chance(n.g, 36) % 190 AS other
FROM appointment a JOIN patient p ON p.organisation_id = a.organisation_id AND p.id = a.patient_id JOIN bench.organisation o ON o.id = a.organisation_id
CROSS JOIN LATERAL (SELECT bench.number_of(a.id) AS g, bench.chance(bench.number_of(a.id), 37) % 10 = 0 AS is_sale) n WHERE a.status = 'checked_out' AND bench.chance(n.g, 34) % 4 = 0;
INSERT INTO invoice_line (id, organisation_id, clinic_id, invoice_id, position, service_id, product_id, lot_id, clinician_id, client_id, description, quantity, unit_price, tax_rate, subtotal_minor,
  tax_minor, total_minor, created_at)
SELECT bench.id(8, c.g * 2 + k), c.organisation_id, c.clinic_id, bench.id(7, c.g), k + 1, CASE WHEN l.is_service THEN bench.id(14, c.o * 1000 + c.service) END,
  CASE WHEN NOT l.is_service THEN bench.id(15, c.o * 1000 + l.product) END, CASE WHEN NOT l.is_service AND l.product >= 100 THEN bench.id(17, pl.n * 1000 + l.product) END, c.staff_id, c.client_id,
  CASE WHEN l.is_service THEN 'Servicio ' || c.service ELSE 'Producto ' || l.product END, 1, l.price, 16, l.price * 100, l.price * 16, l.price * 116, c.at
FROM bench.charge c JOIN bench.place pl ON pl.id = c.clinic_id, generate_series(0, 1) k
CROSS JOIN LATERAL (SELECT k = 0 AND NOT c.is_sale AS is_service, CASE k WHEN 0 THEN c.other ELSE c.product END AS product,
  CASE WHEN k = 0 AND NOT c.is_sale THEN 350 + 50 * c.service ELSE 100 + 10 * CASE k WHEN 0 THEN c.other ELSE c.product END END AS price) l;
INSERT INTO invoice (id, organisation_id, clinic_id, number, kind, appointment_id, client_id, patient_id, business_date, posted_at, currency, subtotal_minor, tax_minor, total_minor, paid_minor,
  created_at, updated_at)
SELECT bench.id(7, c.g), c.organisation_id, c.clinic_id, 'B-' || c.g, CASE WHEN c.is_sale THEN 'counter_sale' ELSE 'visit' END, CASE WHEN NOT c.is_sale THEN c.appointment_id END, c.client_id,
  CASE WHEN NOT c.is_sale THEN c.patient_id END, (c.at AT TIME ZONE 'America/Mexico_City')::date, c.at, 'MXN', l.price * 100, l.price * 16, l.price * 116, l.price * 116, c.at, c.at
FROM bench.charge c CROSS JOIN LATERAL (SELECT 100 + 10 * c.product + CASE WHEN c.is_sale THEN 100 + 10 * c.other ELSE 350 + 50 * c.service END AS price) l;
INSERT INTO payment (id, organisation_id, clinic_id, client_id, method, currency, amount_minor, allocated_minor, received_by_id, received_at, created_at)
SELECT bench.id(9, bench.number_of(i.id)), i.organisation_id, i.clinic_id, i.client_id, 'card', 'MXN', i.total_minor, i.total_minor, NULL, i.posted_at, i.posted_at FROM invoice i;
INSERT INTO payment_allocation (organisation_id, clinic_id, payment_id, invoice_id, amount_minor)
SELECT i.organisation_id, i.clinic_id, bench.id(9, bench.number_of(i.id)), i.id, i.total_minor FROM invoice i;

-- Stock: a delivery before all, what was sold since, and what is left. Products 190 to 194 run low, 195 to 199 are used up.
INSERT INTO stock_movement (id, organisation_id, clinic_id, product_id, lot_id, kind, quantity, invoice_line_id, occurred_at, created_at)
SELECT bench.id(10, bench.number_of(l.id)), l.organisation_id, l.clinic_id, l.product_id, l.lot_id, 'sale', -l.quantity, l.id, l.created_at, l.created_at FROM invoice_line l WHERE l.product_id IS NOT NULL;
INSERT INTO stock_movement (id, organisation_id, clinic_id, product_id, lot_id, kind, quantity, occurred_at, created_at)
SELECT bench.id(10, (1::bigint << 40) + (p.n * 1000 + k) * 4 + m), p.organisation_id, p.id, bench.id(15, o.o * 1000 + k), CASE WHEN k >= 100 THEN bench.id(17, p.n * 1000 + k + 500 * (m / 2)) END,
  CASE m WHEN 1 THEN 'use' ELSE 'restock' END, CASE m WHEN 1 THEN -5 WHEN 2 THEN 20 ELSE CASE WHEN k >= 190 THEN 5 ELSE 100000 END END, '2008-01-02', '2008-01-02'
FROM bench.place p JOIN bench.organisation o ON o.id = p.organisation_id, generate_series(0, 199) k, generate_series(0, 2) m
WHERE m = 0 OR (m = 1 AND k >= 195) OR (m = 2 AND k BETWEEN 100 AND 189);
INSERT INTO lot (id, organisation_id, clinic_id, product_id, number, expires_on, on_hand, updated_at)
SELECT bench.id(17, p.n * 1000 + k + 500 * m), p.organisation_id, p.id, bench.id(15, o.o * 1000 + k), 'L' || m || '-' || k, s.anchor + CASE WHEN m = 1 AND k < 108 THEN (k - 100) * 3 ELSE 900 END,
  coalesce(sums.quantity, 0), now()
FROM bench.scale s, bench.place p JOIN bench.organisation o ON o.id = p.organisation_id CROSS JOIN generate_series(100, 199) k CROSS JOIN generate_series(0, 1) m
LEFT JOIN (SELECT lot_id, sum(quantity) AS quantity FROM stock_movement GROUP BY lot_id) sums ON sums.lot_id = bench.id(17, p.n * 1000 + k + 500 * m);
INSERT INTO stock_level (organisation_id, clinic_id, product_id, on_hand, critical_level, ideal_level, updated_at)
SELECT organisation_id, clinic_id, product_id, sum(quantity), 10, 50, now() FROM stock_movement GROUP BY organisation_id, clinic_id, product_id;

INSERT INTO clinic_counter (organisation_id, clinic_id, name, value) SELECT p.organisation_id, p.id, name, s.days * 40 FROM bench.scale s, bench.place p, unnest(ARRAY['patient', 'invoice']) name;
DROP TABLE bench.charge;
RESET session_replication_role;
