SET ROLE chiron_audit_owner;
DROP TABLE audit.gate, audit.search, audit.image, audit.image_pending, audit.entry;
DROP FUNCTION audit.watch(regclass, text, text, text), audit.witness(), audit.check_gate(), audit.open_gate(), audit.ensure_partitions(integer), audit.refuse();
REVOKE USAGE ON SCHEMA audit FROM chiron_app, chiron_auditor, chiron_sequencer, chiron_migrator;
RESET ROLE;
