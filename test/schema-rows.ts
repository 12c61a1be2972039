import type pg from 'pg'

/** Ids of the rows that `insertOneOfEach` makes: `row(1)` is the organisation, and so on. */
export function row(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

export const ROW = {
  organisation: row(1),
  clinic: row(2),
  user: row(4),
  session: row(5),
  role: row(6),
  staff: row(8),
  client: row(10),
  patient: row(11),
  note: row(13),
  room: row(14),
  type: row(15),
  appointment: row(16),
  family: row(17),
  product: row(18),
  lot: row(19),
  movement: row(20),
  service: row(21),
  invoice: row(22),
  line: row(23),
  payment: row(24),
  otherProduct: row(30),
  export: row(31),
  equipment: row(32),
  hold: row(33),
  credential: row(34),
  rule: row(70),
  message: row(71),
  timeOffType: row(50),
  timeOff: row(51),
  timeOffBlock: row(52),
  otherBlock: row(53),
  schedule: row(40),
  shiftTemplate: row(41),
  shift: row(42),
  otherShift: row(43),
  colleague: row(95),
  feed: row(36),
  series: row(60),
  waiting: row(61),
  request: row(62),
} as const

const R = ROW
const TENANT = `'${R.organisation}'`
const PLACE = `'${R.organisation}', '${R.clinic}'`
const HASH = `'\\x${'ab'.repeat(32)}'`

/** A valid row in every tenant table, made behind the API by the installation's administrator, with the entry that the gate demands. */
export async function insertOneOfEach(client: pg.Client): Promise<void> {
  await client.query(`BEGIN;
    INSERT INTO organisation (id, name, country_code) VALUES (${TENANT}, 'Uno', 'MX');
    INSERT INTO clinic (id, organisation_id, name, country_code, time_zone, currency) VALUES ('${R.clinic}', ${TENANT}, 'Centro', 'MX', 'America/Mexico_City', 'MXN');
    INSERT INTO clinic_counter (organisation_id, clinic_id, name, value) VALUES (${PLACE}, 'invoice', 1);
    INSERT INTO app_user (id, organisation_id, email, name, password_hash) VALUES ('${R.user}', ${TENANT}, 'ana@uno.example', 'Ana', 'x');
    INSERT INTO session (id, organisation_id, user_id, refresh_hash, rotated_at, last_active_at, expires_at, created_at)
      VALUES ('${R.session}', ${TENANT}, '${R.user}', ${HASH}, now(), now(), now() + interval '7 days', now());
    INSERT INTO role (id, organisation_id, code) VALUES ('${R.role}', ${TENANT}, 'night_shift');
    INSERT INTO role_grant (organisation_id, role_id, permission) VALUES (${TENANT}, '${R.role}', 'patient:read');
    INSERT INTO role_assignment (organisation_id, user_id, role_id, clinic_id, valid_from) VALUES (${TENANT}, '${R.user}', '${R.role}', '${R.clinic}', '2025-01-01');
    INSERT INTO idempotency_key (organisation_id, actor_id, key, path, input_hash, result) VALUES (${TENANT}, '${R.user}', 'key-00000001', 'p', ${HASH}, '{}');
    INSERT INTO staff_profile (id, organisation_id, user_id, primary_clinic_id, employee_number, name, position, hired_on)
      VALUES ('${R.staff}', ${TENANT}, '${R.user}', '${R.clinic}', 'E1', 'Ana', 'veterinarian', '2020-01-01');
    INSERT INTO staff_credential (id, organisation_id, staff_id, type, number_sealed, number_fingerprint, number_ending, authority, issued_on)
      VALUES ('${R.credential}', ${TENANT}, '${R.staff}', 'licence', 'local:0123456789abcdef.${'A'.repeat(40)}', repeat('ab', 32), '1234', 'SEP', '2020-01-01');
    INSERT INTO credential_verification (organisation_id, staff_id, credential_id, verified_by_id, verified_at, method, outcome)
      VALUES (${TENANT}, '${R.staff}', '${R.credential}', '${R.user}', now(), 'registry', 'confirmed');
    INSERT INTO adverse_action (organisation_id, staff_id, credential_id, kind, occurred_on, description, reported_by, recorded_by_id, recorded_at)
      VALUES (${TENANT}, '${R.staff}', '${R.credential}', 'warning', '2025-01-01', 'Late records', 'SENASICA', '${R.user}', now());
    INSERT INTO attendance_entry (organisation_id, clinic_id, staff_id, clocked_in_at, clocked_out_at) VALUES (${PLACE}, '${R.staff}', '2025-12-01T15:00Z', '2025-12-01T23:00Z');
    INSERT INTO wellbeing_flag (organisation_id, staff_id, kind, raised_at, raised_by_id) VALUES (${TENANT}, '${R.staff}', 'fatigue', now() - interval '1 hour', '${R.staff}');
    INSERT INTO staff_task (organisation_id, staff_id, process, code, due_on) VALUES (${TENANT}, '${R.staff}', 'onboarding', 'contract_signed', '2025-01-01');
    INSERT INTO weekly_schedule (id, organisation_id, clinic_id, staff_id, weekday, start_minute, end_minute, valid_from) VALUES ('${R.schedule}', ${PLACE}, '${R.staff}', 1, 540, 1020, '2025-01-01');
    INSERT INTO weekly_break (organisation_id, clinic_id, staff_id, schedule_id, hours_start_minute, hours_end_minute, start_minute, end_minute) VALUES (${PLACE}, '${R.staff}', '${R.schedule}', 540, 1020, 780, 840);
    INSERT INTO staff_profile (id, organisation_id, employee_number, name, position, hired_on) VALUES ('${R.colleague}', ${TENANT}, 'E9', 'Eva', 'veterinarian', '2020-01-01');
    INSERT INTO shift_template (id, organisation_id, clinic_id, code, name, start_minute, end_minute, break_start_minute, break_end_minute, position)
      VALUES ('${R.shiftTemplate}', ${PLACE}, 'N', 'Night', 1320, 1800, 1500, 1530, 'veterinarian');
    INSERT INTO roster (organisation_id, clinic_id, week_start, status, published_at, published_by_id) VALUES (${PLACE}, '2025-12-01', 'published', now(), '${R.user}');
    INSERT INTO roster_shift (id, organisation_id, clinic_id, week_start, work_date, template_id, staff_id, position, start_minute, end_minute, starts_at, ends_at)
      SELECT id::uuid, ${PLACE}, '2025-12-01', date::date, '${R.shiftTemplate}', staff::uuid, 'veterinarian', 1320, 1800, date::date + interval '28 hours', date::date + interval '36 hours'
      FROM (VALUES ('${R.shift}', '2025-12-02', '${R.staff}'), ('${R.otherShift}', '2025-12-03', '${R.colleague}')) AS made(id, date, staff);
    INSERT INTO coverage_need (organisation_id, clinic_id, position, weekday, start_minute, end_minute, min_count, valid_from) VALUES (${PLACE}, 'veterinarian', 1, 540, 1020, 1, '2025-01-01');
    INSERT INTO work_rule (organisation_id, clinic_id, max_week_minutes, max_day_minutes, max_mixed_minutes, max_night_minutes, min_rest_minutes, max_consecutive_days) VALUES (${PLACE}, 2880, 480, 450, 420, 720, 6);
    INSERT INTO shift_swap (organisation_id, clinic_id, shift_id, from_staff_id, to_staff_id, counter_shift_id) VALUES (${PLACE}, '${R.shift}', '${R.staff}', '${R.colleague}', '${R.otherShift}');
    INSERT INTO client (id, organisation_id, name) VALUES ('${R.client}', ${TENANT}, 'Luz');
    INSERT INTO patient (id, organisation_id, home_clinic_id, client_id, record_number, name, species_code, born_on)
      VALUES ('${R.patient}', ${TENANT}, '${R.clinic}', '${R.client}', 'P1', 'Milo', (SELECT min(code) FROM species), '2020-01-01');
    INSERT INTO note_template (organisation_id, kind, name, body) VALUES (${TENANT}, 'soap', 'SOAP', 'S:');
    INSERT INTO clinical_note (id, organisation_id, clinic_id, patient_id, author_id, kind, title, body, written_at)
      VALUES ('${R.note}', ${PLACE}, '${R.patient}', '${R.staff}', 'soap', 'Checkup', 'Well', now());
    INSERT INTO clinical_note_version (organisation_id, clinic_id, note_id, patient_id, version, author_id, title, body) VALUES (${PLACE}, '${R.note}', '${R.patient}', 1, '${R.staff}', 'Checkup', 'Well');
    INSERT INTO room (id, organisation_id, clinic_id, name) VALUES ('${R.room}', ${PLACE}, 'Room 1');
    INSERT INTO appointment_type (id, organisation_id, code, name, duration_minutes) VALUES ('${R.type}', ${TENANT}, 'checkup', 'Checkup', 30);
    INSERT INTO equipment (id, organisation_id, clinic_id, name, kind) VALUES ('${R.equipment}', ${PLACE}, 'X-ray', 'xray');
    INSERT INTO slot_hold (id, organisation_id, clinic_id, type_id, staff_id, starts_at, ends_at, expires_at)
      VALUES ('${R.hold}', ${PLACE}, '${R.type}', '${R.staff}', '2025-12-01T18:00Z', '2025-12-01T18:30Z', now() + interval '10 minutes');
    INSERT INTO resource_claim (organisation_id, clinic_id, hold_id, resource_id, equipment_id, during)
      VALUES (${PLACE}, '${R.hold}', '${R.equipment}', '${R.equipment}', '[2025-12-01T18:00Z,2025-12-01T18:30Z)');
    INSERT INTO resource_block (organisation_id, clinic_id, resource_id, room_id, kind, starts_at, ends_at)
      VALUES (${PLACE}, '${R.room}', '${R.room}', 'maintenance', '2025-12-02T00:00Z', '2025-12-03T00:00Z');
    INSERT INTO appointment (id, organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at)
      VALUES ('${R.appointment}', ${PLACE}, '${R.patient}', '${R.type}', '${R.staff}', '${R.room}', '2025-12-01T16:00Z', '2025-12-01T16:30Z');
    INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, staff_id, room_id, during)
      SELECT ${PLACE}, '${R.appointment}', coalesce(staff, room), staff, room, '[2025-12-01T16:00Z,2025-12-01T16:30Z)'
      FROM (VALUES ('${R.staff}'::uuid, NULL::uuid), (NULL, '${R.room}')) AS resource(staff, room);
    INSERT INTO appointment_series (id, organisation_id, clinic_id, patient_id, type_id, staff_id, rule, starts_on, start_minute, duration_minutes)
      VALUES ('${R.series}', ${PLACE}, '${R.patient}', '${R.type}', '${R.staff}', 'FREQ=WEEKLY;COUNT=2', '2025-12-01', 600, 30);
    INSERT INTO series_skip (organisation_id, clinic_id, series_id, occurs_on, starts_at, reason) VALUES (${PLACE}, '${R.series}', '2025-12-08', '2025-12-08T16:00Z', 'past');
    INSERT INTO waitlist_entry (id, organisation_id, clinic_id, patient_id, type_id, earliest_on, latest_on) VALUES ('${R.waiting}', ${PLACE}, '${R.patient}', '${R.type}', '2025-12-01', '2025-12-31');
    INSERT INTO waitlist_offer (organisation_id, clinic_id, entry_id, hold_id, staff_id, starts_at, ends_at, slot_ends_at, expires_at)
      VALUES (${PLACE}, '${R.waiting}', '${R.hold}', '${R.staff}', now() + interval '2 hours', now() + interval '150 minutes', now() + interval '3 hours', now() + interval '1 hour');
    INSERT INTO booking_page (clinic_id, organisation_id, slug) VALUES ('${R.clinic}', ${TENANT}, 'uno-centro');
    INSERT INTO booking_request (id, organisation_id, clinic_id, type_id, hold_id, staff_id, starts_at, ends_at, contact_name, contact_phone, locale, patient_name, species_code, expires_at)
      VALUES ('${R.request}', ${PLACE}, '${R.type}', '${R.hold}', '${R.staff}', now() + interval '2 hours', now() + interval '150 minutes', 'Eva', '5512345678', 'en', 'Milo', (SELECT min(code) FROM species), now() + interval '1 hour');
    INSERT INTO product_family (id, organisation_id, name) VALUES ('${R.family}', ${TENANT}, 'Food');
    INSERT INTO product (id, organisation_id, family_id, sku, name, category, unit_code, unit_price, tax_rate)
      SELECT id::uuid, ${TENANT}, '${R.family}', sku, sku, 'food', (SELECT min(code) FROM unit), 100, 16 FROM (VALUES ('${R.product}', 'A'), ('${R.otherProduct}', 'B')) AS made(id, sku);
    INSERT INTO lot (id, organisation_id, clinic_id, product_id, number) VALUES ('${R.lot}', ${PLACE}, '${R.product}', 'L1');
    INSERT INTO stock_movement (id, organisation_id, clinic_id, product_id, lot_id, kind, quantity, occurred_at) VALUES ('${R.movement}', ${PLACE}, '${R.product}', '${R.lot}', 'restock', 10, now());
    INSERT INTO service (id, organisation_id, code, name, category, unit_price, tax_rate) VALUES ('${R.service}', ${TENANT}, 'S1', 'Checkup', 'checkup', 500, 16);
    INSERT INTO invoice (id, organisation_id, clinic_id, number, kind, client_id, business_date, posted_at, currency, subtotal_minor, tax_minor, total_minor)
      VALUES ('${R.invoice}', ${PLACE}, '1', 'counter_sale', '${R.client}', '2025-12-01', now(), 'MXN', 10000, 1600, 11600);
    INSERT INTO invoice_line (id, organisation_id, clinic_id, invoice_id, position, product_id, lot_id, description, quantity, unit_price, tax_rate, subtotal_minor, tax_minor, total_minor)
      VALUES ('${R.line}', ${PLACE}, '${R.invoice}', 1, '${R.product}', '${R.lot}', 'A', 1, 100, 16, 10000, 1600, 11600);
    INSERT INTO payment (id, organisation_id, clinic_id, client_id, method, currency, amount_minor, received_at) VALUES ('${R.payment}', ${PLACE}, '${R.client}', 'cash', 'MXN', 5000, now());
    INSERT INTO payment_allocation (organisation_id, clinic_id, payment_id, invoice_id, amount_minor) VALUES (${PLACE}, '${R.payment}', '${R.invoice}', 4000);
    INSERT INTO audit_export (id, organisation_id, clinic_id, requested_by_id, format, filter, reason, locale)
      VALUES ('${R.export}', ${PLACE}, '${R.user}', 'csv', '{}', 'inspection', 'en');
    INSERT INTO audit_export_progress (export_id, organisation_id, clinic_id) VALUES ('${R.export}', ${PLACE});
    INSERT INTO audit_export_ticket (hash, organisation_id, clinic_id, export_id, session_id, expires_at)
      VALUES (sha256('x'), ${PLACE}, '${R.export}', gen_random_uuid(), now() + interval '1 minute');
    INSERT INTO message_rule (id, organisation_id, clinic_id, event, appointment_type_id, channel, lead_minutes, template_code)
      VALUES ('${R.rule}', ${PLACE}, 'reminder', '${R.type}', 'mail', 1440, 'appointment_reminder');
    INSERT INTO message_template (organisation_id, code, channel, locale, subject, body) VALUES (${TENANT}, 'appointment_reminder', 'mail', 'en', 'Soon', 'See you');
    INSERT INTO message (id, organisation_id, clinic_id, recipient_id, client_id, channel, kind, template_code, locale, params, appointment_id, rule_id, not_before, not_after, dedupe_key)
      VALUES ('${R.message}', ${PLACE}, '${R.client}', '${R.client}', 'mail', 'reminder', 'appointment_reminder', 'en', '{"appointmentId": "${R.appointment}"}', '${R.appointment}', '${R.rule}',
        '2025-11-30T16:00Z', '2025-12-01T16:00Z', 'reminder/1');
    INSERT INTO notification (organisation_id, clinic_id, user_id, kind, message_id) VALUES (${PLACE}, '${R.user}', 'appointment_reminder', '${R.message}');
    INSERT INTO client_preference (client_id, organisation_id, refusals, quiet_from_minute, quiet_until_minute) VALUES ('${R.client}', ${TENANT}, '{sms:reminder}', 1200, 540);
    INSERT INTO message_settings (clinic_id, organisation_id) VALUES ('${R.clinic}', ${TENANT});
    INSERT INTO visit_notice (appointment_id, organisation_id, clinic_id, starts_at) VALUES ('${R.appointment}', ${PLACE}, '2025-12-01T16:00Z');
    INSERT INTO shift_notice (shift_id, organisation_id, clinic_id, staff_id, starts_at, ends_at) SELECT id, organisation_id, clinic_id, staff_id, starts_at, ends_at FROM roster_shift;
    INSERT INTO time_off_type (id, organisation_id, code, name, annual_allowance) VALUES ('${R.timeOffType}', ${TENANT}, 'vacation', 'Vacation', 12);
    INSERT INTO time_off_grant (organisation_id, staff_id, type_id, year, amount, reason) VALUES (${TENANT}, '${R.staff}', '${R.timeOffType}', 2026, 1, 'left over');
    INSERT INTO resource_block (id, organisation_id, clinic_id, resource_id, staff_id, kind, starts_at, ends_at)
      SELECT id::uuid, ${PLACE}, '${R.staff}', '${R.staff}', 'time_off', '2026-03-02T06:00Z', '2026-03-03T06:00Z' FROM (VALUES ('${R.timeOffBlock}'), ('${R.otherBlock}')) AS made(id);
    INSERT INTO time_off_request (id, organisation_id, clinic_id, staff_id, type_id, first_day, last_day, starts_at, ends_at, amount, status, decided_at, block_id)
      VALUES ('${R.timeOff}', ${PLACE}, '${R.staff}', '${R.timeOffType}', '2026-03-02', '2026-03-02', '2026-03-02T06:00Z', '2026-03-03T06:00Z', 1, 'approved', now(), '${R.timeOffBlock}');
    INSERT INTO calendar_feed (id, organisation_id, clinic_id, kind, staff_id, token_hash, created_by_id)
      VALUES ('${R.feed}', ${PLACE}, 'staff', '${R.staff}', ${HASH}, '${R.user}');
    INSERT INTO calendar_feed_use (feed_id, organisation_id, clinic_id, last_read_at) VALUES ('${R.feed}', ${PLACE}, now());
    INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES (${PLACE}, 'made by a test');
    COMMIT`)
}
