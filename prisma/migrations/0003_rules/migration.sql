-- What Prisma's schema language cannot say: CHECKs, the exclusion constraint, triggers that keep sums, search, row-level
-- security and grants. A new tenant table calls protect_tenant() once and gets all guards.
SET ROLE chiron_migrator;

-- ── CHECKs ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE organisation
  ADD CONSTRAINT organisation_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT organisation_locale_known CHECK (locale IN ('es-MX', 'en'));
ALTER TABLE clinic
  ADD CONSTRAINT clinic_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT clinic_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT clinic_locale_known CHECK (locale IN ('es-MX', 'en')),
  ADD CONSTRAINT clinic_hours_ordered CHECK (opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440);
ALTER TABLE clinic_counter ADD CONSTRAINT clinic_counter_value_positive CHECK (value >= 0);
ALTER TABLE app_user
  ADD CONSTRAINT app_user_email_lower CHECK (email = lower(email) AND email ~ '^\S+@\S+$'),
  ADD CONSTRAINT app_user_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT app_user_locale_known CHECK (locale IN ('es-MX', 'en'));
ALTER TABLE session
  ADD CONSTRAINT session_expiry_after_start CHECK (expires_at > created_at),
  ADD CONSTRAINT session_hash_length CHECK (length(refresh_hash) = 32 AND length(previous_hash) = 32),
  ADD CONSTRAINT session_revocation_reasoned CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
  ADD CONSTRAINT session_revocation_known CHECK (revoked_reason IN ('signed_out', 'signed_out_everywhere', 'reuse_detected', 'idle', 'deactivated', 'password_changed'));
ALTER TABLE permission ADD CONSTRAINT permission_code_shape CHECK (code ~ '^[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*$');
ALTER TABLE role
  ADD CONSTRAINT role_code_shape CHECK (code ~ '^[a-z]+(_[a-z]+)*$'),
  ADD CONSTRAINT role_not_own_parent CHECK (parent_id <> id);
ALTER TABLE role_grant
  ADD CONSTRAINT role_grant_effect_known CHECK (effect IN ('allow', 'deny')),
  ADD CONSTRAINT role_grant_condition_known CHECK (condition IN ('all', 'own'));
ALTER TABLE role_assignment ADD CONSTRAINT role_assignment_dates_ordered CHECK (valid_until > valid_from);
ALTER TABLE idempotency_key
  ADD CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 8 AND 200),
  ADD CONSTRAINT idempotency_key_hash_length CHECK (length(input_hash) = 32);
ALTER TABLE country_preset ADD CONSTRAINT country_preset_tax_percent CHECK (standard_tax_rate BETWEEN 0 AND 100);

ALTER TABLE staff_profile
  ADD CONSTRAINT staff_profile_position_known CHECK (position IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner')),
  ADD CONSTRAINT staff_profile_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT staff_profile_employment_ordered CHECK (terminated_on >= hired_on),
  ADD CONSTRAINT staff_profile_colour_hex CHECK (colour ~ '^#[0-9a-f]{6}$');
ALTER TABLE weekly_schedule
  ADD CONSTRAINT weekly_schedule_weekday_iso CHECK (weekday BETWEEN 1 AND 7),
  ADD CONSTRAINT weekly_schedule_minutes_ordered CHECK (start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440),
  ADD CONSTRAINT weekly_schedule_dates_ordered CHECK (valid_until > valid_from),
  ADD CONSTRAINT weekly_schedule_no_overlap EXCLUDE USING gist (
    staff_id WITH =, weekday WITH =, int4range(start_minute, end_minute) WITH &&, daterange(valid_from, valid_until) WITH &&);

ALTER TABLE client
  ADD CONSTRAINT client_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT client_locale_known CHECK (locale IN ('es-MX', 'en'));
ALTER TABLE patient
  ADD CONSTRAINT patient_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT patient_sex_known CHECK (sex IN ('male', 'female', 'unknown')),
  ADD CONSTRAINT patient_life_ordered CHECK (died_on >= born_on),
  ADD CONSTRAINT patient_weight_positive CHECK (weight_kg > 0),
  ADD CONSTRAINT patient_microchip_shape CHECK (microchip ~ '^([0-9]{15}|[0-9A-Z]{9,10})$');

ALTER TABLE note_template ADD CONSTRAINT note_template_kind_known CHECK (kind IN ('soap', 'progress', 'consultation', 'procedure', 'phone'));
ALTER TABLE clinical_note
  ADD CONSTRAINT clinical_note_kind_known CHECK (kind IN ('soap', 'progress', 'consultation', 'procedure', 'phone')),
  ADD CONSTRAINT clinical_note_title_present CHECK (title ~ '\S'),
  ADD CONSTRAINT clinical_note_status_known CHECK (status IN ('draft', 'signed')),
  ADD CONSTRAINT clinical_note_signature_complete CHECK ((status = 'signed') = (signed_at IS NOT NULL AND signed_by_id IS NOT NULL)),
  ADD CONSTRAINT clinical_note_version_positive CHECK (version >= 1);
ALTER TABLE clinical_note_version ADD CONSTRAINT clinical_note_version_version_positive CHECK (version >= 1);

ALTER TABLE room ADD CONSTRAINT room_kind_known CHECK (kind IN ('consultation', 'surgery', 'grooming', 'imaging', 'hospital'));
ALTER TABLE appointment_type
  ADD CONSTRAINT appointment_type_duration_bounded CHECK (duration_minutes BETWEEN 5 AND 720),
  ADD CONSTRAINT appointment_type_colour_hex CHECK (colour ~ '^#[0-9a-f]{6}$');
ALTER TABLE appointment
  ADD CONSTRAINT appointment_interval_ordered CHECK (starts_at < ends_at),
  ADD CONSTRAINT appointment_length_bounded CHECK (ends_at - starts_at <= interval '24 hours'),
  ADD CONSTRAINT appointment_status_known CHECK (status IN ('scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed', 'checked_out', 'cancelled', 'no_show')),
  ADD CONSTRAINT appointment_status_timed CHECK (CASE status
    WHEN 'confirmed' THEN confirmed_at IS NOT NULL
    WHEN 'checked_in' THEN checked_in_at IS NOT NULL
    WHEN 'in_progress' THEN started_at IS NOT NULL
    WHEN 'completed' THEN completed_at IS NOT NULL
    WHEN 'checked_out' THEN checked_out_at IS NOT NULL
    WHEN 'cancelled' THEN cancelled_at IS NOT NULL AND coalesce(cancel_reason ~ '\S', false)
    WHEN 'no_show' THEN no_show_at IS NOT NULL
    ELSE true END),
  ADD CONSTRAINT appointment_timestamps_ordered CHECK (started_at >= checked_in_at AND completed_at >= started_at AND checked_out_at >= completed_at);
ALTER TABLE resource_claim
  ADD CONSTRAINT resource_claim_one_resource CHECK (num_nonnulls(staff_id, room_id) = 1 AND resource_id = coalesce(staff_id, room_id)),
  ADD CONSTRAINT resource_claim_lane_positive CHECK (lane >= 0),
  ADD CONSTRAINT resource_claim_during_bounded CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during)),
  ADD CONSTRAINT resource_claim_no_overlap EXCLUDE USING gist (resource_id WITH =, lane WITH =, during WITH &&);

ALTER TABLE product
  ADD CONSTRAINT product_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT product_category_known CHECK (category IN ('food', 'parasiticide', 'vaccine', 'medicine', 'controlled', 'accessory', 'supply')),
  ADD CONSTRAINT product_price_positive CHECK (unit_price >= 0),
  ADD CONSTRAINT product_tax_percent CHECK (tax_rate BETWEEN 0 AND 100);
ALTER TABLE stock_level
  ADD CONSTRAINT stock_level_on_hand_positive CHECK (on_hand >= 0),
  ADD CONSTRAINT stock_level_levels_ordered CHECK (critical_level >= 0 AND ideal_level >= critical_level);
ALTER TABLE lot
  ADD CONSTRAINT lot_number_present CHECK (number ~ '\S'),
  ADD CONSTRAINT lot_on_hand_positive CHECK (on_hand >= 0),
  ADD CONSTRAINT lot_status_known CHECK (status IN ('active', 'quarantined', 'recalled'));
ALTER TABLE stock_movement
  ADD CONSTRAINT stock_movement_kind_known CHECK (kind IN ('restock', 'sale', 'use', 'adjustment', 'expired', 'waste', 'transfer', 'count')),
  ADD CONSTRAINT stock_movement_quantity_nonzero CHECK (quantity <> 0),
  ADD CONSTRAINT stock_movement_sign CHECK (CASE kind WHEN 'restock' THEN quantity > 0 WHEN 'sale' THEN quantity < 0 WHEN 'use' THEN quantity < 0 WHEN 'expired' THEN quantity < 0 WHEN 'waste' THEN quantity < 0 ELSE true END),
  ADD CONSTRAINT stock_movement_reasoned CHECK (kind NOT IN ('adjustment', 'waste', 'count') OR coalesce(reason ~ '\S', false)),
  ADD CONSTRAINT stock_movement_sale_referenced CHECK ((kind = 'sale') = (invoice_line_id IS NOT NULL));

ALTER TABLE service
  ADD CONSTRAINT service_name_present CHECK (name ~ '\S'),
  ADD CONSTRAINT service_category_known CHECK (category IN ('checkup', 'vaccination', 'surgery', 'diagnostics', 'grooming', 'dental', 'other')),
  ADD CONSTRAINT service_price_positive CHECK (unit_price >= 0),
  ADD CONSTRAINT service_tax_percent CHECK (tax_rate BETWEEN 0 AND 100);
ALTER TABLE invoice
  ADD CONSTRAINT invoice_kind_known CHECK (kind IN ('visit', 'counter_sale', 'credit_note')),
  ADD CONSTRAINT invoice_kind_reference CHECK ((kind = 'visit') = (appointment_id IS NOT NULL) AND (kind = 'credit_note') = (credits_id IS NOT NULL)),
  ADD CONSTRAINT invoice_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT invoice_amounts_positive CHECK (subtotal_minor >= 0 AND tax_minor >= 0 AND total_minor = subtotal_minor + tax_minor),
  ADD CONSTRAINT invoice_paid_bounded CHECK (paid_minor >= 0 AND paid_minor <= total_minor),
  ADD CONSTRAINT invoice_credited_bounded CHECK (credited_minor >= 0 AND credited_minor <= total_minor);
ALTER TABLE invoice_line
  ADD CONSTRAINT invoice_line_one_item CHECK (num_nonnulls(service_id, product_id) = 1),
  ADD CONSTRAINT invoice_line_lot_of_product CHECK (lot_id IS NULL OR product_id IS NOT NULL),
  ADD CONSTRAINT invoice_line_quantity_positive CHECK (quantity > 0),
  ADD CONSTRAINT invoice_line_price_positive CHECK (unit_price >= 0),
  ADD CONSTRAINT invoice_line_tax_percent CHECK (tax_rate BETWEEN 0 AND 100),
  ADD CONSTRAINT invoice_line_amounts CHECK (subtotal_minor >= 0 AND tax_minor >= 0 AND total_minor = subtotal_minor + tax_minor);
ALTER TABLE payment
  ADD CONSTRAINT payment_method_known CHECK (method IN ('cash', 'card', 'transfer')),
  ADD CONSTRAINT payment_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT payment_amount_positive CHECK (amount_minor > 0),
  ADD CONSTRAINT payment_allocated_bounded CHECK (allocated_minor >= 0 AND allocated_minor <= amount_minor);
ALTER TABLE payment_allocation ADD CONSTRAINT payment_allocation_amount_positive CHECK (amount_minor > 0);

-- ── Rules that span rows ────────────────────────────────────────────────────────────────────────────────────────────
-- A signed note is never edited; what follows is an addendum.
CREATE FUNCTION keep_signed_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'signed' THEN
    RAISE EXCEPTION 'NOTE_LOCKED: note % is signed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_signed_note BEFORE UPDATE ON clinical_note FOR EACH ROW EXECUTE FUNCTION keep_signed_note();

-- Stock changes by movements alone: the application may not write on_hand itself.
CREATE FUNCTION post_stock_movement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO stock_level (organisation_id, clinic_id, product_id) VALUES (NEW.organisation_id, NEW.clinic_id, NEW.product_id)
    ON CONFLICT DO NOTHING;
  UPDATE stock_level SET on_hand = on_hand + NEW.quantity, updated_at = NEW.occurred_at
    WHERE organisation_id = NEW.organisation_id AND clinic_id = NEW.clinic_id AND product_id = NEW.product_id;
  IF NEW.lot_id IS NOT NULL THEN
    UPDATE lot SET on_hand = on_hand + NEW.quantity, updated_at = NEW.occurred_at
      WHERE clinic_id = NEW.clinic_id AND id = NEW.lot_id AND product_id = NEW.product_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'LOT_OF_OTHER_PRODUCT: lot % does not hold product %', NEW.lot_id, NEW.product_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER post_stock_movement AFTER INSERT ON stock_movement FOR EACH ROW EXECUTE FUNCTION post_stock_movement();

-- Payments and credits add up on the invoice, where CHECKs bound them.
CREATE FUNCTION post_allocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE payment SET allocated_minor = allocated_minor + NEW.amount_minor WHERE clinic_id = NEW.clinic_id AND id = NEW.payment_id;
  UPDATE invoice SET paid_minor = paid_minor + NEW.amount_minor WHERE clinic_id = NEW.clinic_id AND id = NEW.invoice_id;
  RETURN NULL;
END $$;
CREATE TRIGGER post_allocation AFTER INSERT ON payment_allocation FOR EACH ROW EXECUTE FUNCTION post_allocation();

CREATE FUNCTION post_credit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE invoice SET credited_minor = credited_minor + NEW.total_minor
    WHERE clinic_id = NEW.clinic_id AND id = NEW.credits_id AND kind <> 'credit_note';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'CREDIT_OF_CREDIT: a credit note corrects an invoice' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER post_credit AFTER INSERT ON invoice FOR EACH ROW WHEN (NEW.kind = 'credit_note') EXECUTE FUNCTION post_credit();

-- At COMMIT an invoice equals the sum of its lines.
CREATE FUNCTION check_invoice_sum() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  sums record;
BEGIN
  SELECT coalesce(sum(subtotal_minor), 0) AS subtotal, coalesce(sum(tax_minor), 0) AS tax, count(*) AS lines INTO sums
    FROM invoice_line WHERE clinic_id = NEW.clinic_id AND invoice_id = NEW.id;
  -- Only the triggers above move these, so that nothing is born paid.
  IF NEW.paid_minor <> 0 OR NEW.credited_minor <> 0 THEN
    RAISE EXCEPTION 'INVOICE_SUM: invoice % begins settled', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF sums.lines = 0 OR sums.subtotal <> NEW.subtotal_minor OR sums.tax <> NEW.tax_minor THEN
    RAISE EXCEPTION 'INVOICE_SUM: invoice % does not equal its lines', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_invoice_sum AFTER INSERT ON invoice DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_invoice_sum();

-- A line added later would break that sum, so lines commit with their invoice. The invoice's own xmin does not tell: a
-- payment or credit of the same transaction renews it. Its lines are never updated, and a posted invoice has some.
CREATE FUNCTION check_line_with_invoice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM invoice_line WHERE clinic_id = NEW.clinic_id AND invoice_id = NEW.invoice_id AND xmin::text <> (pg_current_xact_id()::xid)::text) THEN
    RAISE EXCEPTION 'INVOICE_POSTED: invoice % is posted', NEW.invoice_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- A line of a credit note takes back a line of the invoice that the note credits; other lines take back nothing.
  IF NOT EXISTS (
    SELECT FROM invoice note LEFT JOIN invoice_line credited ON credited.clinic_id = NEW.clinic_id AND credited.id = NEW.credits_line_id
    WHERE note.clinic_id = NEW.clinic_id AND note.id = NEW.invoice_id AND credited.invoice_id IS NOT DISTINCT FROM note.credits_id
  ) THEN
    RAISE EXCEPTION 'CREDIT_LINE: line % does not belong to the credited invoice', NEW.credits_line_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER check_line_with_invoice AFTER INSERT ON invoice_line FOR EACH ROW EXECUTE FUNCTION check_line_with_invoice();

-- At COMMIT an appointment that is still on holds exactly its staff member and its room for its time, and one that is
-- off holds nothing. Only a visit that says why may hold a lane above the first.
CREATE FUNCTION check_appointment_claims() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  booked_id uuid;
  booked appointment;
  held uuid[];
  wanted uuid[];
BEGIN
  IF TG_TABLE_NAME = 'appointment' THEN
    booked_id := NEW.id;
  ELSE
    booked_id := coalesce(NEW.appointment_id, OLD.appointment_id);
  END IF;
  SELECT * INTO booked FROM appointment WHERE id = booked_id;
  SELECT array_agg(resource_id ORDER BY resource_id) INTO held FROM resource_claim
    WHERE clinic_id = booked.clinic_id AND appointment_id = booked.id AND during = tstzrange(booked.starts_at, booked.ends_at);
  IF booked.status NOT IN ('cancelled', 'no_show') THEN
    SELECT array_agg(r ORDER BY r) INTO wanted FROM unnest(ARRAY[booked.staff_id, booked.room_id]) AS r WHERE r IS NOT NULL;
  END IF;
  IF held IS DISTINCT FROM wanted OR (SELECT count(*) FROM resource_claim WHERE clinic_id = booked.clinic_id AND appointment_id = booked.id) <> coalesce(cardinality(wanted), 0) THEN
    RAISE EXCEPTION 'CLAIMS_MISMATCH: appointment % does not hold its resources', booked.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF booked.overbook_reason IS NULL AND EXISTS (SELECT FROM resource_claim WHERE clinic_id = booked.clinic_id AND appointment_id = booked.id AND lane > 0) THEN
    RAISE EXCEPTION 'OVERBOOKING_UNMARKED: appointment % is booked over another one without a reason', booked.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_appointment_claims AFTER INSERT OR UPDATE OF status, starts_at, ends_at, staff_id, room_id, overbook_reason ON appointment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_appointment_claims();
-- A claim that goes, comes or changes by itself would free the time of a visit that is still on, or hold it for nothing.
CREATE CONSTRAINT TRIGGER check_claim_of_appointment AFTER INSERT OR UPDATE OR DELETE ON resource_claim
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_appointment_claims();

-- ── Search ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- IMMUTABLE holds as long as the dictionary's rules do; an upgrade that changes them reindexes.
CREATE FUNCTION search_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN public.unaccent('public.unaccent'::regdictionary, lower(value));
CREATE INDEX patient_search ON patient USING gin (search_key(name) gin_trgm_ops);
CREATE INDEX client_search ON client USING gin (search_key(name) gin_trgm_ops);
CREATE INDEX client_phone_search ON client USING gin (regexp_replace(phone, '\D', '', 'g') gin_trgm_ops);
CREATE INDEX clinical_note_search ON clinical_note USING gin (to_tsvector('simple', search_key(title || ' ' || body)));

-- LIKE is not leakproof: under RLS its index would be skipped. These take the tenant from the settings, never from an
-- argument, and answer ids only; the rows themselves are then read under RLS. A pattern that does not apply is NULL: its
-- index then gives no rows, where '%%' would give all.
CREATE FUNCTION search_patients(query text, max_rows integer) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH scope AS (
    SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org,
      nullif(current_setting('app.clinic_ids', true), '')::uuid[] AS clinics,
      current_setting('app.share_patients', true) = 'on' AS shared,
      '%' || replace(replace(replace(search_key(query), '\', '\\'), '%', '\%'), '_', '\_') || '%' AS pattern,
      CASE WHEN length(regexp_replace(query, '\D', '', 'g')) >= 4 THEN '%' || regexp_replace(query, '\D', '', 'g') || '%' END AS phone_pattern
  ), owners AS MATERIALIZED (
    SELECT c.id FROM scope, client c WHERE c.organisation_id = scope.org AND c.archived_at IS NULL
      AND (search_key(c.name) LIKE scope.pattern OR regexp_replace(c.phone, '\D', '', 'g') LIKE scope.phone_pattern)
  ), found AS (
    SELECT p.id, p.name, p.home_clinic_id, p.organisation_id FROM scope, patient p
      WHERE p.organisation_id = scope.org AND p.archived_at IS NULL AND search_key(p.name) LIKE scope.pattern
    UNION
    SELECT p.id, p.name, p.home_clinic_id, p.organisation_id FROM scope, patient p
      WHERE p.organisation_id = scope.org AND p.archived_at IS NULL AND p.client_id = ANY (ARRAY(SELECT owners.id FROM owners))
    UNION
    SELECT p.id, p.name, p.home_clinic_id, p.organisation_id FROM scope, patient p
      WHERE p.organisation_id = scope.org AND p.archived_at IS NULL AND (p.microchip = upper(query) OR p.record_number = upper(query))
  )
  SELECT f.id FROM found f, scope WHERE scope.shared OR f.home_clinic_id = ANY (scope.clinics)
  ORDER BY search_key(f.name) LIKE ltrim(scope.pattern, '%') DESC, f.name, f.id LIMIT least(max_rows, 200)
$$;

CREATE FUNCTION search_clients(query text, max_rows integer, skip_rows integer) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH scope AS (
    SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org,
      '%' || replace(replace(replace(search_key(query), '\', '\\'), '%', '\%'), '_', '\_') || '%' AS pattern,
      CASE WHEN length(regexp_replace(query, '\D', '', 'g')) >= 4 THEN '%' || regexp_replace(query, '\D', '', 'g') || '%' END AS phone_pattern
  ), found AS MATERIALIZED (
    SELECT c.id, c.name FROM scope, client c WHERE c.organisation_id = scope.org AND c.archived_at IS NULL
      AND (search_key(c.name) LIKE scope.pattern OR regexp_replace(c.phone, '\D', '', 'g') LIKE scope.phone_pattern)
  )
  SELECT f.id FROM found f ORDER BY f.name, f.id LIMIT least(max_rows, 200) OFFSET skip_rows
$$;

-- Notes that hold every word of the text, or a word that begins with it, newest first: one page of ids. Filters that are
-- null do not narrow. Words are quoted one by one, so that nothing in them is an operator of tsquery; unaccent can make a
-- quote out of a typographic one, therefore it goes first.
CREATE FUNCTION search_notes(query text, of_patient uuid, of_author uuid, of_status text, of_kind text, written_from timestamptz, written_until timestamptz,
  max_rows integer, skipped_rows integer) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH scope AS MATERIALIZED (
    SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org,
      nullif(current_setting('app.clinic_ids', true), '')::uuid[] AS clinics,
      current_setting('app.share_patients', true) = 'on' AS shared
  )
  SELECT n.id FROM scope, clinical_note n JOIN patient p ON p.organisation_id = n.organisation_id AND p.id = n.patient_id
  WHERE n.organisation_id = scope.org
    AND (scope.shared OR (n.clinic_id = ANY (scope.clinics) AND p.home_clinic_id = ANY (scope.clinics)))
    AND to_tsvector('simple', search_key(n.title || ' ' || n.body)) @@ to_tsquery('simple', (
      SELECT string_agg('''' || replace(replace(search_key(word), '\', '\\'), '''', '''''') || ''':*', ' & ')
      FROM regexp_split_to_table(btrim(query), '\s+') AS word))
    AND (of_patient IS NULL OR n.patient_id = of_patient)
    AND (of_author IS NULL OR n.author_id = of_author)
    AND (of_status IS NULL OR n.status = of_status)
    AND (of_kind IS NULL OR n.kind = of_kind)
    AND (written_from IS NULL OR n.written_at >= written_from)
    AND (written_until IS NULL OR n.written_at < written_until)
  ORDER BY n.written_at DESC, n.id DESC LIMIT least(max_rows, 200) OFFSET skipped_rows
$$;

-- ── Before a tenant is known ────────────────────────────────────────────────────────────────────────────────────────
-- Sign-in and refresh: the only look-ups that cross tenants. They answer what the check needs and nothing else.
CREATE FUNCTION find_sign_in(address text) RETURNS TABLE (user_id uuid, organisation_id uuid, password_hash text, is_active boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, organisation_id, password_hash, is_active FROM app_user WHERE email = lower(address)
$$;
CREATE FUNCTION find_session(session_id uuid) RETURNS TABLE (user_id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT user_id, organisation_id FROM session s WHERE s.id = session_id
$$;
-- Workers list tenants and then scope per job; an empty answer is a fresh installation.
CREATE FUNCTION list_tenants() RETURNS TABLE (organisation_id uuid, clinic_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT organisation_id, id FROM clinic
$$;

-- ── Row-level security, grants, audit triggers ──────────────────────────────────────────────────────────────────────
-- scope: organisation (by organisation_id), clinic (also by clinic_id), chart (by clinic unless the organisation shares
-- charts), self (the organisation's own row). privileges: what the application may do. record_type '' means operational:
-- no audit triggers, and test/schema.test.ts lists why.
CREATE FUNCTION protect_tenant(target regclass, scope text, privileges text, record_type text, subject_column text, key_column text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  org CONSTANT text := '(SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)';
  clinics CONSTANT text := '((SELECT nullif(current_setting(''app.clinic_ids'', true), '''')::uuid[])::uuid[])';
  shared CONSTANT text := '(SELECT current_setting(''app.share_patients'', true) = ''on'')';
  chart_clinic text := CASE WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'home_clinic_id') THEN 'home_clinic_id' ELSE 'clinic_id' END;
  reach text := CASE scope
    WHEN 'self' THEN 'id = ' || org
    WHEN 'organisation' THEN 'organisation_id = ' || org
    WHEN 'clinic' THEN 'organisation_id = ' || org || ' AND clinic_id = ANY ' || clinics
    WHEN 'chart' THEN 'organisation_id = ' || org || ' AND (' || shared || ' OR ' || chart_clinic || ' = ANY ' || clinics || ')' END;
  -- A shared chart is read by the sister clinic, but what is written happens at one's own.
  writes text := CASE scope WHEN 'chart' THEN 'organisation_id = ' || org || ' AND ' || chart_clinic || ' = ANY ' || clinics ELSE reach END;
BEGIN
  IF reach IS NULL THEN
    RAISE EXCEPTION 'unknown scope %', scope;
  END IF;
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY migrator_all ON %s TO chiron_migrator USING (true) WITH CHECK (true)', target);
  EXECUTE format('CREATE POLICY app_read ON %s FOR SELECT TO chiron_app USING (%s)', target, reach);
  EXECUTE format('CREATE POLICY app_insert ON %s FOR INSERT TO chiron_app WITH CHECK (%s)', target, writes);
  EXECUTE format('CREATE POLICY app_update ON %s FOR UPDATE TO chiron_app USING (%s) WITH CHECK (%s)', target, reach, reach);
  EXECUTE format('CREATE POLICY app_delete ON %s FOR DELETE TO chiron_app USING (%s)', target, writes);
  EXECUTE format('GRANT %s ON %s TO chiron_app', privileges, target);
  IF record_type <> '' THEN
    PERFORM audit.watch(target, record_type, subject_column, key_column);
  END IF;
END $$;

REVOKE ALL ON FUNCTION protect_tenant(regclass, text, text, text, text, text), search_patients(text, integer), search_clients(text, integer, integer), find_sign_in(text), find_session(uuid), list_tenants(),
  post_stock_movement(), post_allocation(), post_credit(), check_invoice_sum(), check_line_with_invoice(), check_appointment_claims(), keep_signed_note() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_patients(text, integer), search_clients(text, integer, integer), find_sign_in(text), find_session(uuid), list_tenants(), search_key(text) TO chiron_app;
REVOKE ALL ON FUNCTION search_notes(text, uuid, uuid, text, text, timestamptz, timestamptz, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_notes(text, uuid, uuid, text, text, timestamptz, timestamptz, integer, integer) TO chiron_app;
GRANT EXECUTE ON FUNCTION search_key(text) TO chiron_auditor;
GRANT SELECT ON permission, country_preset, unit, species, breed TO chiron_app;

SELECT protect_tenant('organisation', 'self', 'SELECT, INSERT, UPDATE', 'Organisation', '', 'id');
SELECT protect_tenant('clinic', 'organisation', 'SELECT, INSERT, UPDATE', 'Clinic', '', 'id');
SELECT protect_tenant('clinic_counter', 'clinic', 'SELECT, INSERT, UPDATE', '', '', '');
SELECT protect_tenant('app_user', 'organisation', 'SELECT, INSERT, UPDATE', 'User', 'id', 'id');
SELECT protect_tenant('session', 'organisation', 'SELECT, INSERT, UPDATE', '', '', '');
SELECT protect_tenant('role', 'organisation', 'SELECT, INSERT, UPDATE', 'Role', '', 'id');
SELECT protect_tenant('role_grant', 'organisation', 'SELECT, INSERT, UPDATE, DELETE', 'RoleGrant', '', 'id');
SELECT protect_tenant('role_assignment', 'organisation', 'SELECT, INSERT, UPDATE', 'RoleAssignment', 'user_id', 'id');
SELECT protect_tenant('idempotency_key', 'organisation', 'SELECT, INSERT, UPDATE, DELETE', '', '', '');
SELECT protect_tenant('staff_profile', 'organisation', 'SELECT, INSERT, UPDATE', 'StaffProfile', 'id', 'id');
SELECT protect_tenant('weekly_schedule', 'clinic', 'SELECT, INSERT, UPDATE, DELETE', 'WeeklySchedule', 'staff_id', 'id');
SELECT protect_tenant('client', 'organisation', 'SELECT, INSERT, UPDATE', 'Client', 'id', 'id');
SELECT protect_tenant('patient', 'chart', 'SELECT, INSERT, UPDATE', 'Patient', 'id', 'id');
SELECT protect_tenant('note_template', 'organisation', 'SELECT, INSERT, UPDATE', 'NoteTemplate', '', 'id');
SELECT protect_tenant('clinical_note', 'chart', 'SELECT, INSERT, UPDATE', 'ClinicalNote', 'patient_id', 'id');
SELECT protect_tenant('clinical_note_version', 'chart', 'SELECT, INSERT', 'ClinicalNoteVersion', '', 'note_id');
SELECT protect_tenant('room', 'clinic', 'SELECT, INSERT, UPDATE', 'Room', '', 'id');
SELECT protect_tenant('appointment_type', 'organisation', 'SELECT, INSERT, UPDATE', 'AppointmentType', '', 'id');
SELECT protect_tenant('appointment', 'clinic', 'SELECT, INSERT, UPDATE', 'Appointment', 'patient_id', 'id');
-- A person has one claim space over all clinics, so a sister clinic's claims are read (interval only), never written.
SELECT protect_tenant('resource_claim', 'organisation', 'SELECT, INSERT, DELETE', 'ResourceClaim', '', 'id');
SELECT protect_tenant('product_family', 'organisation', 'SELECT, INSERT, UPDATE', 'ProductFamily', '', 'id');
SELECT protect_tenant('product', 'organisation', 'SELECT, INSERT, UPDATE', 'Product', '', 'id');
SELECT protect_tenant('stock_level', 'clinic', 'SELECT, INSERT (organisation_id, clinic_id, product_id, critical_level, ideal_level, updated_at), UPDATE (critical_level, ideal_level, updated_at)', 'StockLevel', '', 'product_id');
SELECT protect_tenant('lot', 'clinic', 'SELECT, INSERT (id, organisation_id, clinic_id, product_id, number, expires_on, status, created_at, updated_at), UPDATE (expires_on, status, updated_at)', 'Lot', '', 'id');
SELECT protect_tenant('stock_movement', 'clinic', 'SELECT, INSERT', 'StockMovement', '', 'id');
SELECT protect_tenant('service', 'organisation', 'SELECT, INSERT, UPDATE', 'Service', '', 'id');
SELECT protect_tenant('invoice', 'clinic', 'SELECT, INSERT', 'Invoice', 'client_id', 'id');
SELECT protect_tenant('invoice_line', 'clinic', 'SELECT, INSERT', 'InvoiceLine', '', 'id');
SELECT protect_tenant('payment', 'clinic', 'SELECT, INSERT', 'Payment', 'client_id', 'id');
SELECT protect_tenant('payment_allocation', 'clinic', 'SELECT, INSERT', 'PaymentAllocation', '', 'payment_id');

DROP POLICY app_insert ON resource_claim;
CREATE POLICY app_insert ON resource_claim FOR INSERT TO chiron_app WITH CHECK (
  organisation_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  AND clinic_id = ANY ((SELECT nullif(current_setting('app.clinic_ids', true), '')::uuid[])::uuid[]));
DROP POLICY app_delete ON resource_claim;
CREATE POLICY app_delete ON resource_claim FOR DELETE TO chiron_app USING (
  organisation_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  AND clinic_id = ANY ((SELECT nullif(current_setting('app.clinic_ids', true), '')::uuid[])::uuid[]));

RESET ROLE;
