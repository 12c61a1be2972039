SET ROLE chiron_migrator;

ALTER FUNCTION search_patients(text, integer) ROWS 1000;
ALTER FUNCTION search_clients(text, integer, integer) ROWS 1000;
ALTER FUNCTION search_notes(text, uuid, uuid, text, text, timestamptz, timestamptz, integer, integer) ROWS 1000;
ALTER FUNCTION find_sign_in(text) ROWS 1000;
ALTER FUNCTION find_session(uuid) ROWS 1000;

RESET ROLE;
