-- The same guards in fewer steps (docs/performance.md, "Writes"): what is refused, noted and bound to by its hash stays what it was.

-- ── The witness ─────────────────────────────────────────────────────────────────────────────────────────────────────
SET ROLE chiron_audit_owner;

-- A row is made into JSON once, only an update compares two of them, and the image is put together from their texts. Bodies and images
-- are those of before, byte for byte (docs/audit-format.md).
CREATE OR REPLACE FUNCTION audit.witness() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  nil CONSTANT text := '00000000-0000-0000-0000-000000000000';
  old_row jsonb;
  new_row jsonb;
  any_row jsonb;
  organisation text;
  clinic text;
  subject text;
  fields text;
  image bytea;
  salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  entry uuid := uuidv7();
BEGIN
  IF TG_OP = 'UPDATE' THEN
    old_row := to_jsonb(OLD);
    new_row := to_jsonb(NEW);
    any_row := new_row;
    fields := (SELECT string_agg(key, '","' ORDER BY key COLLATE "C") FROM jsonb_each(new_row) WHERE old_row -> key IS DISTINCT FROM value);
    IF fields IS NULL THEN
      RETURN NULL;
    END IF;
  ELSE
    IF TG_OP = 'INSERT' THEN
      new_row := to_jsonb(NEW);
      any_row := new_row;
    ELSE
      old_row := to_jsonb(OLD);
      any_row := old_row;
    END IF;
    fields := (SELECT string_agg(key, '","' ORDER BY key COLLATE "C") FROM jsonb_object_keys(any_row) AS key);
  END IF;
  organisation := coalesce(any_row ->> 'organisation_id', CASE TG_TABLE_NAME WHEN 'organisation' THEN any_row ->> 'id' END, nil);
  clinic := coalesce(any_row ->> 'clinic_id', any_row ->> 'home_clinic_id', CASE TG_TABLE_NAME WHEN 'clinic' THEN any_row ->> 'id' END, nil);
  subject := CASE TG_ARGV[1] WHEN '' THEN NULL ELSE any_row ->> TG_ARGV[1] END;
  -- A password's hash proves nothing to anybody and helps whoever steals a backup.
  IF any_row ? 'password_hash' THEN
    old_row := old_row - 'password_hash';
    new_row := new_row - 'password_hash';
  END IF;
  image := convert_to('{"after": ' || coalesce(new_row::text, 'null') || ', "before": ' || coalesce(old_row::text, 'null') || '}', 'UTF8');
  INSERT INTO audit.entry (id, organisation_id, clinic_id, source, body) VALUES (
    entry, organisation::uuid, clinic::uuid, 'row',
    convert_to(format(
      '{"at":"%s","clinic":"%s","commitment":"%s","entry":"%s","fields":["%s"],"id":%s,"op":"%s","organisation":"%s","source":"row","subject":%s,"tx":"%s","type":%s,"v":2}',
      to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), clinic,
      encode(sha256(salt || image), 'hex'), entry, fields, to_json(any_row ->> TG_ARGV[2]), lower(TG_OP), organisation,
      coalesce(to_json(subject)::text, 'null'), pg_current_xact_id(), to_json(TG_ARGV[0])), 'UTF8'));
  INSERT INTO audit.image_pending (entry_id, organisation_id, clinic_id, subject_id, salt, plaintext)
    VALUES (entry, organisation::uuid, clinic::uuid, subject::uuid, salt, image);
  RETURN NULL;
END $$;

-- One statement finds the entry and takes the gate's row away.
CREATE OR REPLACE FUNCTION audit.check_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM audit.gate g WHERE g.xid = NEW.xid AND EXISTS (
    SELECT FROM audit.entry e WHERE e.shard = date_trunc('month', transaction_timestamp() AT TIME ZONE 'UTC')::date AND e.xid = NEW.xid AND e.source = 'api');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'AUDIT_MISSING: this transaction changed audited tables without an audit entry'
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'Write through transact().';
  END IF;
  RETURN NULL;
END $$;

RESET ROLE;

-- ── Rules that span rows ────────────────────────────────────────────────────────────────────────────────────────────
SET ROLE chiron_migrator;

-- At COMMIT an appointment that is still on holds exactly its staff member and its room for its time, and one that is
-- off holds nothing. Only a visit that says why may hold a lane above the first. In one statement: a booking is checked three times.
CREATE OR REPLACE FUNCTION check_appointment_claims() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  booked_id uuid;
  booked record;
BEGIN
  IF TG_TABLE_NAME = 'appointment' THEN
    booked_id := NEW.id;
  ELSE
    booked_id := coalesce(NEW.appointment_id, OLD.appointment_id);
  END IF;
  SELECT a.overbook_reason, a.room_id,
    CASE WHEN a.status IN ('cancelled', 'no_show') THEN 0 ELSE num_nonnulls(a.staff_id, a.room_id) END AS wanted,
    count(c.id) AS claims,
    bool_or(c.resource_id = a.staff_id AND c.during = tstzrange(a.starts_at, a.ends_at)) AS holds_staff,
    bool_or(c.resource_id = a.room_id AND c.during = tstzrange(a.starts_at, a.ends_at)) AS holds_room,
    max(c.lane) AS lane
    INTO booked FROM appointment a LEFT JOIN resource_claim c ON c.clinic_id = a.clinic_id AND c.appointment_id = a.id
    WHERE a.id = booked_id GROUP BY a.id;
  -- Gone since, and its claims with it.
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF booked.claims <> booked.wanted OR (booked.wanted > 0 AND NOT coalesce(booked.holds_staff AND (booked.room_id IS NULL OR booked.holds_room), false)) THEN
    RAISE EXCEPTION 'CLAIMS_MISMATCH: appointment % does not hold its resources', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF booked.overbook_reason IS NULL AND booked.lane > 0 THEN
    RAISE EXCEPTION 'OVERBOOKING_UNMARKED: appointment % is booked over another one without a reason', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;

-- Stock changes by movements alone: the application may not write on_hand itself. A level is made with its first movement; all others
-- find it there.
CREATE OR REPLACE FUNCTION post_stock_movement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  FOR attempt IN 1 .. 2 LOOP
    UPDATE stock_level SET on_hand = on_hand + NEW.quantity, updated_at = NEW.occurred_at
      WHERE organisation_id = NEW.organisation_id AND clinic_id = NEW.clinic_id AND product_id = NEW.product_id;
    EXIT WHEN FOUND;
    INSERT INTO stock_level (organisation_id, clinic_id, product_id) VALUES (NEW.organisation_id, NEW.clinic_id, NEW.product_id)
      ON CONFLICT DO NOTHING;
  END LOOP;
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
