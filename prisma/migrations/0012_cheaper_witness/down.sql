SET ROLE chiron_audit_owner;

CREATE OR REPLACE FUNCTION audit.witness() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  nil CONSTANT text := '00000000-0000-0000-0000-000000000000';
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  any_row jsonb := coalesce(new_row, old_row);
  organisation text := coalesce(any_row ->> 'organisation_id', CASE TG_TABLE_NAME WHEN 'organisation' THEN any_row ->> 'id' END, nil);
  clinic text := coalesce(any_row ->> 'clinic_id', any_row ->> 'home_clinic_id', CASE TG_TABLE_NAME WHEN 'clinic' THEN any_row ->> 'id' END, nil);
  subject text := CASE TG_ARGV[1] WHEN '' THEN NULL ELSE any_row ->> TG_ARGV[1] END;
  fields text[];
  image bytea;
  salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  entry uuid := uuidv7();
BEGIN
  SELECT array_agg(key COLLATE "C" ORDER BY key COLLATE "C") INTO fields
    FROM jsonb_each(any_row) WHERE TG_OP <> 'UPDATE' OR old_row -> key IS DISTINCT FROM value;
  IF fields IS NULL THEN
    RETURN NULL;
  END IF;
  -- A password's hash proves nothing to anybody and helps whoever steals a backup.
  image := convert_to(jsonb_build_object('after', new_row - 'password_hash', 'before', old_row - 'password_hash')::text, 'UTF8');
  INSERT INTO audit.entry (id, organisation_id, clinic_id, source, body) VALUES (
    entry, organisation::uuid, clinic::uuid, 'row',
    convert_to(format(
      '{"at":"%s","clinic":"%s","commitment":"%s","entry":"%s","fields":%s,"id":%s,"op":"%s","organisation":"%s","source":"row","subject":%s,"tx":"%s","type":%s,"v":2}',
      to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), clinic,
      encode(sha256(salt || image), 'hex'), entry, array_to_json(fields), to_json(any_row ->> TG_ARGV[2]), lower(TG_OP), organisation,
      coalesce(to_json(subject)::text, 'null'), pg_current_xact_id(), to_json(TG_ARGV[0])), 'UTF8'));
  INSERT INTO audit.image_pending (entry_id, organisation_id, clinic_id, subject_id, salt, plaintext)
    VALUES (entry, organisation::uuid, clinic::uuid, subject::uuid, salt, image);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit.check_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit.entry WHERE shard = date_trunc('month', transaction_timestamp() AT TIME ZONE 'UTC')::date AND xid = NEW.xid AND source = 'api') THEN
    RAISE EXCEPTION 'AUDIT_MISSING: this transaction changed audited tables without an audit entry'
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'Write through transact().';
  END IF;
  DELETE FROM audit.gate WHERE xid = NEW.xid;
  RETURN NULL;
END $$;

RESET ROLE;

SET ROLE chiron_migrator;

CREATE OR REPLACE FUNCTION check_appointment_claims() RETURNS trigger
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

CREATE OR REPLACE FUNCTION post_stock_movement() RETURNS trigger
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

RESET ROLE;
