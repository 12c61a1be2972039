-- Rights are worked out once and kept by the application between operations; each operation's first statement compares this
-- number, so that whatever takes or gives a right counts from the next operation on.
SET ROLE chiron_migrator;

CREATE TABLE access_version (
  organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  version bigint NOT NULL DEFAULT 1
);
INSERT INTO access_version (organisation_id) SELECT id FROM organisation;
SELECT protect_tenant('access_version', 'organisation', 'SELECT', '', '', '');

-- Once per statement and organisation, whoever writes: the application cannot forget it.
CREATE FUNCTION raise_access_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO access_version AS v (organisation_id) SELECT DISTINCT (to_jsonb(c) ->> TG_ARGV[0])::uuid FROM changed c ORDER BY 1
    ON CONFLICT (organisation_id) DO UPDATE SET version = v.version + 1;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION raise_access_version() FROM PUBLIC;

DO $$
DECLARE watched record;
BEGIN
  FOR watched IN SELECT * FROM (VALUES ('organisation', 'id'), ('clinic', 'organisation_id'), ('app_user', 'organisation_id'), ('staff_profile', 'organisation_id'),
    ('role', 'organisation_id'), ('role_grant', 'organisation_id'), ('role_assignment', 'organisation_id')) AS t(name, tenant) LOOP
    EXECUTE format('CREATE TRIGGER access_inserted AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version(%L)', watched.name, watched.tenant);
    EXECUTE format('CREATE TRIGGER access_updated AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version(%L)', watched.name, watched.tenant);
    -- An organisation is never deleted, and its number could not outlive it.
    IF watched.name <> 'organisation' THEN
      EXECUTE format('CREATE TRIGGER access_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version(%L)', watched.name, watched.tenant);
    END IF;
  END LOOP;
END $$;

RESET ROLE;
