-- Back to a trail without an index: nothing that the index held is lost with it.
SET ROLE chiron_audit_owner;
DROP FUNCTION audit.find_entries(jsonb, integer, boolean), audit.filter_terms(audit.entry_filter), audit.filter_conditions(audit.entry_filter),
  audit.filter_bounds(audit.entry_filter), audit.records_about(uuid), audit.find_words(text, integer), audit.rebuild_index(),
  audit.index_step(integer), audit.index_entries(date[], uuid[]), audit.learn_subjects(integer), audit.term(uuid, uuid, text, text);
DROP TRIGGER hold_indexer ON audit.search;
DROP TRIGGER forget_words ON audit.search;
DROP FUNCTION audit.hold_indexer(), audit.forget_words(), audit.erase_words(uuid);
DROP TYPE audit.entry_place, audit.entry_filter;
DROP TABLE audit.posting, audit.record_subject, audit.vocabulary;
DROP SEQUENCE audit.posting_slice;
DROP INDEX audit.search_tail, audit.finding_browser_hourly;
DELETE FROM audit.cursor WHERE name = 'subjects';
ALTER FUNCTION audit.make_partition(text, date, boolean) RESET timezone;
RESET ROLE;

SET ROLE chiron_migrator;
REVOKE EXECUTE ON FUNCTION search_key(text) FROM chiron_audit_owner;
RESET ROLE;
