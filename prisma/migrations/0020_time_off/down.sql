SET ROLE chiron_migrator;

DROP FUNCTION weekly_hours_of(uuid);
DROP TABLE time_off_request;
DROP TABLE time_off_grant;
DROP TABLE time_off_type;

RESET ROLE;
