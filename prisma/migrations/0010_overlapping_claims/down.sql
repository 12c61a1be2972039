SET ROLE chiron_migrator;
DROP FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz);
RESET ROLE;
