-- Ranges are compared by functions that are not leakproof: under row-level security the index on `during` was skipped, and a look at
-- the claims of one person read all that the person ever had. This takes the tenant from the settings, never from an argument.
SET ROLE chiron_migrator;

CREATE FUNCTION overlapping_claims(resources uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (id uuid, clinic_id uuid, appointment_id uuid, resource_id uuid, lane smallint, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.clinic_id, c.appointment_id, c.resource_id, c.lane, lower(c.during), upper(c.during)
  FROM unnest(resources) AS wanted(id) JOIN resource_claim c ON c.resource_id = wanted.id AND c.during && tstzrange(since, until)
  WHERE c.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
  ORDER BY lower(c.during), c.id
$$;
REVOKE ALL ON FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz) TO chiron_app;

RESET ROLE;
