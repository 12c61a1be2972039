-- Back to entries without a log: leaves, checkpoints, keys and encrypted images are lost, and entries stay.
SET ROLE chiron_migrator;
DROP FUNCTION list_audited_records();
RESET ROLE;

SET ROLE chiron_audit_owner;
DROP FUNCTION audit.erase_subject(uuid), audit.drop_month(date), audit.seal_month(date), audit.lag(), audit.read_body(bytea, boolean);

ALTER TABLE audit.search RENAME TO search_after;
ALTER INDEX audit.search_pkey RENAME TO search_after_pkey;
DROP INDEX audit.search_clinic_at_entry, audit.search_request_id;
CREATE TABLE audit.search (
  entry_id        uuid        NOT NULL PRIMARY KEY,
  organisation_id uuid        NOT NULL,
  clinic_id       uuid        NOT NULL,
  at              timestamptz NOT NULL DEFAULT statement_timestamp(),
  user_id         uuid,
  user_name       text,
  action          text        NOT NULL,
  operation       text        NOT NULL,
  origin          text        NOT NULL,
  outcome         text        NOT NULL,
  class           text[]      NOT NULL,
  types           text[]      NOT NULL,
  record_ids      uuid[]      NOT NULL,
  detail          text,
  address         text,
  user_agent      text,
  session_id      uuid,
  request_id      uuid        NOT NULL,
  reason          text
);
CREATE INDEX search_clinic_at ON audit.search (organisation_id, clinic_id, at DESC, entry_id DESC);
CREATE INDEX search_user_at ON audit.search (organisation_id, user_id, at DESC);
CREATE INDEX search_request ON audit.search (request_id);
INSERT INTO audit.search (entry_id, organisation_id, clinic_id, at, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail,
    address, user_agent, session_id, request_id, reason)
  SELECT entry_id, organisation_id, clinic_id, at, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail,
    address, user_agent, session_id, request_id, reason FROM audit.search_after;
DROP TABLE audit.search_after;
ALTER TABLE audit.search ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.search FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON audit.search TO chiron_audit_owner USING (true) WITH CHECK (true);
CREATE POLICY app_insert ON audit.search FOR INSERT TO chiron_app WITH CHECK (true);
CREATE POLICY auditor_read ON audit.search FOR SELECT TO chiron_auditor USING (
  organisation_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  AND (clinic_id = ANY ((SELECT nullif(current_setting('app.clinic_ids', true), '')::uuid[])::uuid[])
    OR clinic_id = '00000000-0000-0000-0000-000000000000'));
GRANT INSERT (entry_id, organisation_id, clinic_id, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail, address,
  user_agent, session_id, request_id, reason) ON audit.search TO chiron_app;
GRANT SELECT ON audit.search TO chiron_auditor;

DROP TABLE audit.image;
CREATE TABLE audit.image (
  entry_id   uuid  NOT NULL PRIMARY KEY,
  subject_id uuid,
  dek_id     uuid  NOT NULL,
  ct         bytea NOT NULL
);
CREATE INDEX image_subject ON audit.image (subject_id);
DROP POLICY owner_all ON audit.image_pending;
DROP POLICY sequencer_all ON audit.image_pending;
DROP POLICY auditor_read ON audit.image_pending;
ALTER TABLE audit.image_pending NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY, DROP COLUMN shard, DROP COLUMN organisation_id, DROP COLUMN clinic_id, DROP COLUMN is_set_aside;
REVOKE ALL ON audit.image_pending FROM chiron_sequencer;
REVOKE ALL ON audit.image, audit.search FROM PUBLIC;
DROP TABLE audit.data_key, audit.verification, audit.finding, audit.anchor, audit.cursor, audit.cosignature, audit.checkpoint, audit.tile, audit.spine, audit.leaf,
  audit.tree, audit.installation;
DROP FUNCTION audit.check_tree();

CREATE OR REPLACE FUNCTION audit.ensure_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first date := date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC')::date;
  lower_bound date;
  partition text;
  made integer := 0;
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months_ahead must be 0 to 24';
  END IF;
  PERFORM pg_advisory_xact_lock(7281001);
  FOR i IN 0 .. months_ahead LOOP
    lower_bound := (first + make_interval(months => i))::date;
    partition := 'entry_' || to_char(lower_bound, 'YYYY_MM');
    IF to_regclass('audit.' || partition) IS NULL THEN
      EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L)',
        partition, lower_bound, (lower_bound + interval '1 month')::date);
      EXECUTE format('CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON audit.%I FOR EACH ROW EXECUTE FUNCTION audit.refuse()', partition);
      EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', partition);
      EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', partition);
      EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', partition);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
DROP FUNCTION audit.make_partition(text, date, boolean);
CREATE OR REPLACE FUNCTION audit.check_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit.entry WHERE xid = NEW.xid AND source = 'api') THEN
    RAISE EXCEPTION 'AUDIT_MISSING: this transaction changed audited tables without an audit entry'
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'Write through transact().';
  END IF;
  DELETE FROM audit.gate WHERE xid = NEW.xid;
  RETURN NULL;
END $$;
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
      '{"at":"%s","clinic":"%s","commitment":"%s","fields":%s,"id":%s,"op":"%s","organisation":"%s","source":"row","subject":%s,"type":%s,"v":1}',
      to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), clinic,
      encode(sha256(salt || image), 'hex'), array_to_json(fields), to_json(any_row ->> TG_ARGV[2]), lower(TG_OP), organisation,
      coalesce(to_json(subject)::text, 'null'), to_json(TG_ARGV[0])), 'UTF8'));
  INSERT INTO audit.image_pending (entry_id, subject_id, salt, plaintext) VALUES (entry, subject::uuid, salt, image);
  RETURN NULL;
END $$;

DROP INDEX audit.entry_xid_id;
CREATE INDEX entry_xid ON audit.entry (xid);
ALTER TABLE audit.entry
  ALTER COLUMN shard SET DEFAULT date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC')::date,
  DROP CONSTRAINT entry_body_fits;
RESET ROLE;
