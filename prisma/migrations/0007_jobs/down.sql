SET ROLE chiron_migrator;

DROP TABLE audit_export_ticket;
DROP TABLE audit_export_progress;
DROP TABLE audit_export;
DROP SCHEMA pgboss CASCADE;

RESET ROLE;
