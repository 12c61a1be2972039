-- The audit trail's tables and triggers (docs/audit.md). Everything here belongs to chiron_audit_owner: the application
-- role may insert entries and nothing else.
SET ROLE chiron_audit_owner;

-- One row per operation (source api) or changed row (source row). `body` is canonical JSON (RFC 8785) of opaque ids and
-- codes; its hash is what the Merkle log of a later step integrates.
CREATE TABLE audit.entry (
  shard           date        NOT NULL DEFAULT date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC')::date,
  id              uuid        NOT NULL DEFAULT uuidv7(),
  organisation_id uuid        NOT NULL,
  clinic_id       uuid        NOT NULL,
  xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
  at              timestamptz NOT NULL DEFAULT statement_timestamp(),
  source          text        NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'row')),
  body            bytea       NOT NULL,
  leaf_hash       bytea       NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || body)) STORED,
  PRIMARY KEY (shard, id)
) PARTITION BY RANGE (shard);
CREATE INDEX entry_xid ON audit.entry (xid);

-- Before and after of a changed row, in clear until the image worker encrypts them; nobody but the owner reads it.
CREATE TABLE audit.image_pending (
  entry_id   uuid  NOT NULL PRIMARY KEY,
  subject_id uuid,
  salt       bytea NOT NULL CHECK (length(salt) = 32),
  plaintext  bytea NOT NULL
);
CREATE TABLE audit.image (
  entry_id   uuid  NOT NULL PRIMARY KEY,
  subject_id uuid,
  dek_id     uuid  NOT NULL,
  ct         bytea NOT NULL
);
CREATE INDEX image_subject ON audit.image (subject_id);

-- Erasable, rebuildable projection for people who search the trail. Never evidence.
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

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'AUDIT_IMMUTABLE: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Makes the partitions of this month and the next ones. TRUNCATE of a partition bypasses triggers of the parent, so each
-- partition carries its own.
CREATE FUNCTION audit.ensure_partitions(months_ahead integer) RETURNS integer
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
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

-- Decision 11: one row per writing transaction, and one deferred check that the operation's own entry is there.
CREATE TABLE audit.gate (xid xid8 NOT NULL PRIMARY KEY);

CREATE FUNCTION audit.open_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.gate (xid) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION audit.check_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit.entry WHERE xid = NEW.xid AND source = 'api') THEN
    RAISE EXCEPTION 'AUDIT_MISSING: this transaction changed audited tables without an audit entry'
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'Write through transact().';
  END IF;
  DELETE FROM audit.gate WHERE xid = NEW.xid;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_required AFTER INSERT ON audit.gate
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.check_gate();

-- The independent witness of a row change: arguments are the record type, the column that names the data subject (or
-- '') and the column that names the record.
CREATE FUNCTION audit.witness() RETURNS trigger
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

-- Attaches both triggers to a table. Called by the table's owner from a migration.
CREATE FUNCTION audit.watch(target regclass, record_type text, subject_column text, key_column text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER audit_gate AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION audit.open_gate()', target);
  EXECUTE format('CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION audit.witness(%L, %L, %L)',
    target, record_type, subject_column, key_column);
END $$;

-- Who sees what. The owner writes through the definer functions above; FORCE keeps even it under these policies.
ALTER TABLE audit.entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.entry FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON audit.entry TO chiron_audit_owner USING (true) WITH CHECK (true);
CREATE POLICY app_insert ON audit.entry FOR INSERT TO chiron_app WITH CHECK (source = 'api');
CREATE POLICY sequencer_read ON audit.entry FOR SELECT TO chiron_sequencer USING (true);
CREATE POLICY auditor_read ON audit.entry FOR SELECT TO chiron_auditor USING (
  organisation_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  AND (clinic_id = ANY ((SELECT nullif(current_setting('app.clinic_ids', true), '')::uuid[])::uuid[])
    OR clinic_id = '00000000-0000-0000-0000-000000000000'));
ALTER TABLE audit.search ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.search FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON audit.search TO chiron_audit_owner USING (true) WITH CHECK (true);
CREATE POLICY app_insert ON audit.search FOR INSERT TO chiron_app WITH CHECK (true);
CREATE POLICY auditor_read ON audit.search FOR SELECT TO chiron_auditor USING (
  organisation_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  AND (clinic_id = ANY ((SELECT nullif(current_setting('app.clinic_ids', true), '')::uuid[])::uuid[])
    OR clinic_id = '00000000-0000-0000-0000-000000000000'));

SELECT audit.ensure_partitions(3);

REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT USAGE ON SCHEMA audit TO chiron_app, chiron_auditor, chiron_sequencer, chiron_migrator;
GRANT INSERT (id, organisation_id, clinic_id, body) ON audit.entry TO chiron_app;
-- Everything but the instant, which is the database's.
GRANT INSERT (entry_id, organisation_id, clinic_id, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail, address,
  user_agent, session_id, request_id, reason) ON audit.search TO chiron_app;
GRANT SELECT ON audit.entry, audit.search TO chiron_auditor;
GRANT SELECT ON audit.entry TO chiron_sequencer;
GRANT EXECUTE ON FUNCTION audit.ensure_partitions(integer) TO chiron_app, chiron_sequencer;
GRANT EXECUTE ON FUNCTION audit.watch(regclass, text, text, text), audit.witness(), audit.open_gate() TO chiron_migrator;

RESET ROLE;
