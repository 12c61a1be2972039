SET ROLE chiron_migrator;

DROP FUNCTION find_calendar_feed(bytea);
DROP TABLE calendar_feed_use;
DROP TABLE calendar_feed;

RESET ROLE;
