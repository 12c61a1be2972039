-- Equipment beside people and rooms, what a type of visit needs and how long before and after it holds that, holds that expire, and times
-- at which a resource is closed (time off, maintenance, closures): all in the claim space that the exclusion constraint proves.
SET ROLE chiron_migrator;

CREATE TABLE equipment (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  serial_number text,
  position integer NOT NULL DEFAULT 0,
  archived_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT equipment_pkey PRIMARY KEY (id),
  CONSTRAINT equipment_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT equipment_name_present CHECK (name ~ '\S'),
  CONSTRAINT equipment_kind_known CHECK (kind IN ('xray', 'ultrasound', 'dental', 'anaesthesia', 'laboratory', 'endoscopy', 'monitor', 'laser', 'other'))
);
CREATE UNIQUE INDEX equipment_organisation_id_id_key ON equipment (organisation_id, id);
CREATE UNIQUE INDEX equipment_clinic_id_id_key ON equipment (clinic_id, id);
CREATE UNIQUE INDEX equipment_clinic_id_name_key ON equipment (clinic_id, name);
CREATE INDEX equipment_organisation_id_clinic_id_idx ON equipment (organisation_id, clinic_id);
SELECT protect_tenant('equipment', 'clinic', 'SELECT, INSERT, UPDATE', 'Equipment', '', 'id');

-- Minutes that a resource is held before and after the visit itself.
ALTER TABLE appointment_type
  ADD COLUMN positions text[] NOT NULL DEFAULT '{}',
  ADD COLUMN room_kinds text[] NOT NULL DEFAULT '{}',
  ADD COLUMN equipment_kinds text[] NOT NULL DEFAULT '{}',
  ADD COLUMN staff_before_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN staff_after_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN room_before_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN room_after_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN equipment_before_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN equipment_after_minutes smallint NOT NULL DEFAULT 0,
  ADD COLUMN is_online boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT appointment_type_needs_known CHECK (
    positions <@ ARRAY['veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner']
    AND room_kinds <@ ARRAY['consultation', 'surgery', 'grooming', 'imaging', 'hospital']
    AND equipment_kinds <@ ARRAY['xray', 'ultrasound', 'dental', 'anaesthesia', 'laboratory', 'endoscopy', 'monitor', 'laser', 'other']),
  ADD CONSTRAINT appointment_type_buffers_bounded CHECK (
    staff_before_minutes BETWEEN 0 AND 240 AND staff_after_minutes BETWEEN 0 AND 240 AND room_before_minutes BETWEEN 0 AND 240 AND room_after_minutes BETWEEN 0 AND 240
    AND equipment_before_minutes BETWEEN 0 AND 240 AND equipment_after_minutes BETWEEN 0 AND 240);

-- Each id is that of a claim, whose foreign key holds, as long as the visit is on; equipment is never deleted.
ALTER TABLE appointment
  ADD COLUMN equipment_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN origin text NOT NULL DEFAULT 'desk',
  ADD CONSTRAINT appointment_origin_known CHECK (origin IN ('desk', 'walk_in', 'online', 'series', 'waitlist'));

CREATE TABLE slot_hold (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  type_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  room_id uuid,
  equipment_ids uuid[] NOT NULL DEFAULT '{}',
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  purpose text NOT NULL DEFAULT 'desk',
  held_by_id uuid,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT slot_hold_pkey PRIMARY KEY (id),
  CONSTRAINT slot_hold_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT slot_hold_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES appointment_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT slot_hold_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT slot_hold_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT slot_hold_organisation_id_held_by_id_fkey FOREIGN KEY (organisation_id, held_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT slot_hold_interval_ordered CHECK (starts_at < ends_at),
  CONSTRAINT slot_hold_expires CHECK (expires_at > created_at),
  CONSTRAINT slot_hold_purpose_known CHECK (purpose IN ('desk', 'online', 'waitlist'))
);
CREATE UNIQUE INDEX slot_hold_clinic_id_id_key ON slot_hold (clinic_id, id);
CREATE INDEX slot_hold_organisation_id_clinic_id_expires_at_idx ON slot_hold (organisation_id, clinic_id, expires_at);
CREATE INDEX slot_hold_organisation_id_type_id_idx ON slot_hold (organisation_id, type_id);
CREATE INDEX slot_hold_organisation_id_staff_id_idx ON slot_hold (organisation_id, staff_id);
CREATE INDEX slot_hold_clinic_id_room_id_idx ON slot_hold (clinic_id, room_id);
CREATE INDEX slot_hold_organisation_id_held_by_id_idx ON slot_hold (organisation_id, held_by_id);
-- A person's expired hold at a sister clinic is in the way as well, and goes.
SELECT protect_tenant('slot_hold', 'organisation', 'SELECT, INSERT, DELETE', 'SlotHold', '', 'id');

ALTER TABLE resource_claim
  ADD COLUMN equipment_id uuid,
  ADD COLUMN hold_id uuid,
  ALTER COLUMN appointment_id DROP NOT NULL,
  DROP CONSTRAINT resource_claim_one_resource,
  ADD CONSTRAINT resource_claim_one_resource CHECK (num_nonnulls(staff_id, room_id, equipment_id) = 1 AND resource_id = coalesce(staff_id, room_id, equipment_id)),
  ADD CONSTRAINT resource_claim_one_holder CHECK (num_nonnulls(appointment_id, hold_id) = 1),
  ADD CONSTRAINT resource_claim_clinic_id_equipment_id_fkey FOREIGN KEY (clinic_id, equipment_id) REFERENCES equipment (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT resource_claim_clinic_id_hold_id_fkey FOREIGN KEY (clinic_id, hold_id) REFERENCES slot_hold (clinic_id, id) ON DELETE CASCADE ON UPDATE RESTRICT;
CREATE INDEX resource_claim_clinic_id_equipment_id_idx ON resource_claim (clinic_id, equipment_id);
CREATE INDEX resource_claim_clinic_id_hold_id_idx ON resource_claim (clinic_id, hold_id);

-- A time at which a person, a room or a machine takes no visits, or the clinic as a whole (no resource named). Visits that were booked
-- before stay; whoever closes the time sees them.
CREATE TABLE resource_block (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  resource_id uuid NOT NULL,
  staff_id uuid,
  room_id uuid,
  equipment_id uuid,
  kind text NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  title text,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT resource_block_pkey PRIMARY KEY (id),
  CONSTRAINT resource_block_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT resource_block_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT resource_block_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT resource_block_clinic_id_equipment_id_fkey FOREIGN KEY (clinic_id, equipment_id) REFERENCES equipment (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT resource_block_one_resource CHECK (num_nonnulls(staff_id, room_id, equipment_id) <= 1 AND resource_id = coalesce(staff_id, room_id, equipment_id, clinic_id)),
  CONSTRAINT resource_block_kind_fits CHECK (CASE kind WHEN 'time_off' THEN staff_id IS NOT NULL WHEN 'maintenance' THEN num_nonnulls(room_id, equipment_id) = 1 WHEN 'closure' THEN num_nonnulls(staff_id, room_id, equipment_id) = 0 ELSE false END),
  CONSTRAINT resource_block_interval_ordered CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX resource_block_clinic_id_id_key ON resource_block (clinic_id, id);
CREATE INDEX resource_block_organisation_id_clinic_id_starts_at_idx ON resource_block (organisation_id, clinic_id, starts_at);
CREATE INDEX resource_block_organisation_id_staff_id_idx ON resource_block (organisation_id, staff_id);
CREATE INDEX resource_block_clinic_id_room_id_idx ON resource_block (clinic_id, room_id);
CREATE INDEX resource_block_clinic_id_equipment_id_idx ON resource_block (clinic_id, equipment_id);
CREATE INDEX resource_block_during ON resource_block USING gist (resource_id, tstzrange(starts_at, ends_at));
-- Like a claim: somebody's time off counts at every clinic.
SELECT protect_tenant('resource_block', 'organisation', 'SELECT, INSERT, DELETE', 'ResourceBlock', 'staff_id', 'id');

-- ── A closed time and a booking never miss each other ───────────────────────────────────────────────────────────────
-- Neither sees the other before it commits, and no constraint spans two tables. So whoever closes a time locks the resource for itself, and
-- a booking shares that lock when it commits: the second of the two waits, and then sees the first.
CREATE FUNCTION lock_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.resource_id::text, 1));
  RETURN NEW;
END $$;
CREATE TRIGGER lock_closing BEFORE INSERT ON resource_block FOR EACH ROW EXECUTE FUNCTION lock_closing();

-- The code 40001 has the transaction repeated, which then finds what is closed before it claims, and says so.
CREATE FUNCTION check_claim_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(least(NEW.resource_id, NEW.clinic_id)::text, 1)), pg_advisory_xact_lock_shared(hashtextextended(greatest(NEW.resource_id, NEW.clinic_id)::text, 1));
  IF EXISTS (SELECT FROM resource_claim c
      JOIN resource_block b ON (b.resource_id = c.resource_id OR b.resource_id = c.clinic_id) AND tstzrange(b.starts_at, b.ends_at) && c.during
      LEFT JOIN appointment a ON a.clinic_id = c.clinic_id AND a.id = c.appointment_id
      WHERE c.id = NEW.id AND a.overbook_reason IS NULL) THEN
    RAISE EXCEPTION 'RESOURCE_CLOSED: resource % is closed at that time', NEW.resource_id USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_claim_open AFTER INSERT ON resource_claim DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_claim_open();

-- At COMMIT a visit that is still on holds its staff member, its room and its equipment, each for the whole of its time and, as its type
-- asks, some minutes before and after; one that is off holds nothing. Only a visit that says why may hold a lane above the first.
CREATE OR REPLACE FUNCTION check_appointment_claims() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  booked_id uuid;
  booked record;
BEGIN
  IF TG_TABLE_NAME = 'appointment' THEN
    booked_id := NEW.id;
  ELSE
    booked_id := coalesce(NEW.appointment_id, OLD.appointment_id);
  END IF;
  IF booked_id IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT a.overbook_reason,
    CASE WHEN a.status IN ('cancelled', 'no_show') THEN 0 ELSE num_nonnulls(a.staff_id, a.room_id) + cardinality(a.equipment_ids) END AS wanted,
    count(c.id) AS claims,
    count(DISTINCT c.resource_id) FILTER (WHERE c.during @> tstzrange(a.starts_at, a.ends_at)
      AND (c.staff_id = a.staff_id OR c.room_id = a.room_id OR c.equipment_id = ANY (a.equipment_ids))) AS fitting,
    max(c.lane) AS lane
    INTO booked FROM appointment a LEFT JOIN resource_claim c ON c.clinic_id = a.clinic_id AND c.appointment_id = a.id
    WHERE a.id = booked_id GROUP BY a.id;
  -- Gone since, and its claims with it.
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF booked.claims <> booked.wanted OR booked.fitting <> booked.wanted THEN
    RAISE EXCEPTION 'CLAIMS_MISMATCH: appointment % does not hold its resources', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF booked.overbook_reason IS NULL AND booked.lane > 0 THEN
    RAISE EXCEPTION 'OVERBOOKING_UNMARKED: appointment % is booked over another one without a reason', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER check_appointment_claims ON appointment;
CREATE CONSTRAINT TRIGGER check_appointment_claims AFTER INSERT OR UPDATE OF status, starts_at, ends_at, staff_id, room_id, equipment_ids, overbook_reason ON appointment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_appointment_claims();

-- ── What is in the way ──────────────────────────────────────────────────────────────────────────────────────────────
-- Functions, because ranges are compared by what is not leakproof (0010). They take the tenant from the settings, never from an argument.
DROP FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz);

-- Claims of visits and of holds that last, and closed times, each against its own interval (a buffer belongs to the kind of resource);
-- `here` is the clinic whose closures count.
CREATE FUNCTION find_blockers(resources uuid[], since timestamptz[], until timestamptz[], here uuid, moment timestamptz)
RETURNS TABLE (id uuid, reason text, clinic_id uuid, appointment_id uuid, hold_id uuid, resource_id uuid, lane smallint, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH wanted AS (SELECT * FROM unnest(resources, since, until) AS w(id, since, until))
  SELECT * FROM (
    SELECT c.id, CASE WHEN c.hold_id IS NULL THEN 'visit' ELSE 'hold' END, c.clinic_id, c.appointment_id, c.hold_id, c.resource_id, c.lane, lower(c.during) AS starts_at, upper(c.during) AS ends_at
    FROM wanted w JOIN resource_claim c ON c.resource_id = w.id AND c.during && tstzrange(w.since, w.until)
      LEFT JOIN slot_hold h ON h.clinic_id = c.clinic_id AND h.id = c.hold_id
    WHERE c.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid AND (h.id IS NULL OR h.expires_at > moment)
    UNION ALL
    SELECT b.id, b.kind, b.clinic_id, NULL, NULL, b.resource_id, 0::smallint, b.starts_at, b.ends_at
    FROM (SELECT * FROM wanted UNION ALL SELECT here, min(since), max(until) FROM wanted HAVING count(*) > 0) w
      JOIN resource_block b ON b.resource_id = w.id AND tstzrange(b.starts_at, b.ends_at) && tstzrange(w.since, w.until)
    WHERE b.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
  ) found ORDER BY starts_at, id
$$;

-- The same as sets of time, for a search over many resources and days: start and end of each in turn, in milliseconds since 1970.
-- What `ignored`, a visit or a hold, holds itself counts as free.
CREATE FUNCTION busy_times(resources uuid[], since timestamptz, until timestamptz, moment timestamptz, ignored uuid)
RETURNS TABLE (resource_id uuid, taken double precision[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, (SELECT array_agg(extract(epoch FROM bound)::double precision * 1000 ORDER BY bound) FROM unnest(range_agg(during)) AS span, unnest(ARRAY[lower(span), upper(span)]) AS bound)
  FROM (
    SELECT w.id, c.during FROM unnest(resources) AS w(id) JOIN resource_claim c ON c.resource_id = w.id AND c.during && tstzrange(since, until)
      LEFT JOIN slot_hold h ON h.clinic_id = c.clinic_id AND h.id = c.hold_id
    WHERE c.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid AND (h.id IS NULL OR h.expires_at > moment)
      AND coalesce(c.appointment_id, c.hold_id) IS DISTINCT FROM ignored
    UNION ALL
    SELECT w.id, tstzrange(b.starts_at, b.ends_at) FROM unnest(resources) AS w(id)
      JOIN resource_block b ON b.resource_id = w.id AND tstzrange(b.starts_at, b.ends_at) && tstzrange(since, until)
    WHERE b.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
  ) held GROUP BY id
$$;
REVOKE ALL ON FUNCTION find_blockers(uuid[], timestamptz[], timestamptz[], uuid, timestamptz), busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid), lock_closing(), check_claim_open() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_blockers(uuid[], timestamptz[], timestamptz[], uuid, timestamptz), busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid) TO chiron_app;

RESET ROLE;
