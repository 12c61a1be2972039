SET ROLE chiron_migrator;
DO $$
DECLARE watched record;
BEGIN
  FOR watched IN SELECT tgrelid::regclass AS target, tgname FROM pg_trigger WHERE tgfoid = 'raise_access_version()'::regprocedure LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', watched.tgname, watched.target);
  END LOOP;
END $$;
DROP FUNCTION raise_access_version();
DROP TABLE access_version;
RESET ROLE;
