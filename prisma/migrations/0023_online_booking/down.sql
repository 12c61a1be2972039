SET ROLE chiron_migrator;

SELECT pgboss.delete_queue('booking-request-expiry');
DROP FUNCTION find_booking_page(text);
-- Messages to people who are no clients have nobody left to go to.
DELETE FROM message WHERE booking_request_id IS NOT NULL;
ALTER TABLE message
  DROP COLUMN booking_request_id,
  ADD CONSTRAINT message_one_recipient CHECK (num_nonnulls(client_id, user_id) = 1 AND recipient_id = coalesce(client_id, user_id));
DROP TABLE booking_request;
DROP TABLE booking_page;

RESET ROLE;
