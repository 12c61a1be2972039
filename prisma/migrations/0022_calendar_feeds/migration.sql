-- Calendars that other programs subscribe to: a person's roster, a room's bookings. Who holds the address may read, so it is kept as a hash.
SET ROLE chiron_migrator;

CREATE TABLE calendar_feed (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  kind text NOT NULL,
  staff_id uuid,
  room_id uuid,
  token_hash bytea NOT NULL,
  created_by_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  revoked_at timestamptz(3),
  CONSTRAINT calendar_feed_pkey PRIMARY KEY (id),
  CONSTRAINT calendar_feed_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT calendar_feed_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT calendar_feed_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT calendar_feed_organisation_id_created_by_id_fkey FOREIGN KEY (organisation_id, created_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT calendar_feed_kind_fits CHECK (num_nonnulls(staff_id, room_id) = 1 AND CASE kind WHEN 'staff' THEN staff_id IS NOT NULL WHEN 'room' THEN room_id IS NOT NULL ELSE false END),
  CONSTRAINT calendar_feed_hash_length CHECK (octet_length(token_hash) = 32),
  CONSTRAINT calendar_feed_revoked_after_start CHECK (revoked_at >= created_at)
);
CREATE UNIQUE INDEX calendar_feed_organisation_id_id_key ON calendar_feed (organisation_id, id);
CREATE UNIQUE INDEX calendar_feed_token_hash_key ON calendar_feed (token_hash);
CREATE INDEX calendar_feed_organisation_id_clinic_id_created_at_idx ON calendar_feed (organisation_id, clinic_id, created_at);
CREATE INDEX calendar_feed_organisation_id_staff_id_idx ON calendar_feed (organisation_id, staff_id);
CREATE INDEX calendar_feed_clinic_id_room_id_idx ON calendar_feed (clinic_id, room_id);
CREATE INDEX calendar_feed_organisation_id_created_by_id_idx ON calendar_feed (organisation_id, created_by_id);
SELECT protect_tenant('calendar_feed', 'clinic', 'SELECT, INSERT, UPDATE (revoked_at)', 'CalendarFeed', 'staff_id', 'id');

-- Apart from the feed, whose own row changes by what people do alone: programs read every few minutes, and each reading is an entry.
CREATE TABLE calendar_feed_use (
  feed_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  last_read_at timestamptz(3) NOT NULL,
  CONSTRAINT calendar_feed_use_pkey PRIMARY KEY (feed_id),
  CONSTRAINT calendar_feed_use_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT calendar_feed_use_organisation_id_feed_id_fkey FOREIGN KEY (organisation_id, feed_id) REFERENCES calendar_feed (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT
);
CREATE INDEX calendar_feed_use_organisation_id_clinic_id_idx ON calendar_feed_use (organisation_id, clinic_id);
CREATE UNIQUE INDEX calendar_feed_use_organisation_id_feed_id_key ON calendar_feed_use (organisation_id, feed_id);
SELECT protect_tenant('calendar_feed_use', 'clinic', 'SELECT, INSERT, UPDATE', '', '', '');

-- The fourth look-up that crosses tenants (decision 21): a calendar program has no session, and the hash of its address is all it brings.
CREATE FUNCTION find_calendar_feed(hash bytea) RETURNS TABLE (id uuid, organisation_id uuid, clinic_id uuid, created_by_id uuid, is_revoked boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.id, f.organisation_id, f.clinic_id, f.created_by_id, f.revoked_at IS NOT NULL FROM calendar_feed f WHERE f.token_hash = hash
$$;
REVOKE ALL ON FUNCTION find_calendar_feed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_calendar_feed(bytea) TO chiron_app;

RESET ROLE;
