SET ROLE chiron_migrator;

DROP FUNCTION weekly_hours_of(uuid);
DROP INDEX resource_block_organisation_id_resource_id_starts_at_idx;
DROP TABLE time_off_request;
DROP TABLE time_off_grant;
DROP TABLE time_off_type;

RESET ROLE;
