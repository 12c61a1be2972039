SET ROLE chiron_migrator;

DROP FUNCTION find_blockers(uuid[], timestamptz[], timestamptz[], uuid, timestamptz);
DROP FUNCTION busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid);
CREATE FUNCTION overlapping_claims(resources uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (id uuid, clinic_id uuid, appointment_id uuid, resource_id uuid, lane smallint, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.clinic_id, c.appointment_id, c.resource_id, c.lane, lower(c.during), upper(c.during)
  FROM unnest(resources) AS wanted(id) JOIN resource_claim c ON c.resource_id = wanted.id AND c.during && tstzrange(since, until)
  WHERE c.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
  ORDER BY lower(c.during), c.id
$$;
REVOKE ALL ON FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overlapping_claims(uuid[], timestamptz, timestamptz) TO chiron_app;

DROP TRIGGER check_appointment_claims ON appointment;
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
  SELECT a.overbook_reason, a.room_id,
    CASE WHEN a.status IN ('cancelled', 'no_show') THEN 0 ELSE num_nonnulls(a.staff_id, a.room_id) END AS wanted,
    count(c.id) AS claims,
    bool_or(c.resource_id = a.staff_id AND c.during = tstzrange(a.starts_at, a.ends_at)) AS holds_staff,
    bool_or(c.resource_id = a.room_id AND c.during = tstzrange(a.starts_at, a.ends_at)) AS holds_room,
    max(c.lane) AS lane
    INTO booked FROM appointment a LEFT JOIN resource_claim c ON c.clinic_id = a.clinic_id AND c.appointment_id = a.id
    WHERE a.id = booked_id GROUP BY a.id;
  -- Gone since, and its claims with it.
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF booked.claims <> booked.wanted OR (booked.wanted > 0 AND NOT coalesce(booked.holds_staff AND (booked.room_id IS NULL OR booked.holds_room), false)) THEN
    RAISE EXCEPTION 'CLAIMS_MISMATCH: appointment % does not hold its resources', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF booked.overbook_reason IS NULL AND booked.lane > 0 THEN
    RAISE EXCEPTION 'OVERBOOKING_UNMARKED: appointment % is booked over another one without a reason', booked_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_appointment_claims AFTER INSERT OR UPDATE OF status, starts_at, ends_at, staff_id, room_id, overbook_reason ON appointment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_appointment_claims();
-- Below, a claim is a visit's, of a person or a room, for exactly the visit's time. So kept slots go, visits give up their machines, and what was
-- held longer for the sake of buffers is held for the visit alone; all of that is in the trail. Even no row would open the audit's gate, which an
-- empty database has no entry for.
DO $$ BEGIN
IF EXISTS (SELECT FROM resource_claim WHERE hold_id IS NOT NULL OR equipment_id IS NOT NULL) THEN
DELETE FROM resource_claim WHERE hold_id IS NOT NULL OR equipment_id IS NOT NULL;
END IF;
IF EXISTS (SELECT FROM resource_claim c JOIN appointment a ON a.clinic_id = c.clinic_id AND a.id = c.appointment_id WHERE c.during <> tstzrange(a.starts_at, a.ends_at)) THEN
UPDATE resource_claim c SET during = tstzrange(a.starts_at, a.ends_at) FROM appointment a
  WHERE a.clinic_id = c.clinic_id AND a.id = c.appointment_id AND c.during <> tstzrange(a.starts_at, a.ends_at);
END IF;
END $$;
-- A table whose rows are still to be checked cannot be altered.
SET CONSTRAINTS check_claim_of_appointment IMMEDIATE;
DROP TRIGGER check_claim_open ON resource_claim;
DROP FUNCTION check_claim_open();
DROP TABLE resource_block;
DROP FUNCTION lock_closing();
ALTER TABLE resource_claim
  DROP COLUMN equipment_id,
  DROP COLUMN hold_id,
  ALTER COLUMN appointment_id SET NOT NULL,
  ADD CONSTRAINT resource_claim_one_resource CHECK (num_nonnulls(staff_id, room_id) = 1 AND resource_id = coalesce(staff_id, room_id));
DROP TABLE slot_hold;
ALTER TABLE appointment DROP COLUMN equipment_ids, DROP COLUMN origin;
ALTER TABLE appointment_type DROP COLUMN positions, DROP COLUMN room_kinds, DROP COLUMN equipment_kinds, DROP COLUMN staff_before_minutes, DROP COLUMN staff_after_minutes,
  DROP COLUMN room_before_minutes, DROP COLUMN room_after_minutes, DROP COLUMN equipment_before_minutes, DROP COLUMN equipment_after_minutes, DROP COLUMN is_online;
DROP TABLE equipment;

RESET ROLE;
