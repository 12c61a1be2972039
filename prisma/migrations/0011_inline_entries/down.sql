SET ROLE chiron_audit_owner;

CREATE OR REPLACE FUNCTION audit.make_partition(parent text, first date, is_immutable boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  partition text := parent || '_' || to_char(first, 'YYYY_MM');
BEGIN
  IF to_regclass('audit.' || partition) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- Made apart and then attached: a partition made in place would wait for every reader of its parent, and every writer for it.
  EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING ALL EXCLUDING IDENTITY)', partition, parent);
  EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', parent, partition, first, (first + interval '1 month')::date);
  IF is_immutable THEN
    EXECUTE format('CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON audit.%I FOR EACH ROW EXECUTE FUNCTION audit.refuse()', partition);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', partition);
  END IF;
  EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', partition);
  EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', partition);
  RETURN true;
END $$;

DO $$
DECLARE partition regclass;
BEGIN
  FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent IN ('audit.entry'::regclass, 'audit.search'::regclass) LOOP
    EXECUTE format('ALTER TABLE %s RESET (toast_tuple_target)', partition);
  END LOOP;
END $$;

RESET ROLE;
