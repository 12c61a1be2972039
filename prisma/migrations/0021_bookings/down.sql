SET ROLE chiron_migrator;

SELECT pgboss.delete_queue('waitlist-expiry');
DROP TABLE waitlist_offer;
DROP TABLE waitlist_entry;
DROP TABLE series_skip;
ALTER TABLE appointment DROP COLUMN series_id;
DROP TABLE appointment_series;

RESET ROLE;
