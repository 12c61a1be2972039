-- Time off: its types, what is granted beyond the yearly allowance, and requests. An approved request is a closed time of the person
-- (resource_block), at which no clinic books them.
SET ROLE chiron_migrator;

CREATE TABLE time_off_type (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  is_paid boolean NOT NULL DEFAULT true,
  counts_as text NOT NULL DEFAULT 'days',
  annual_allowance numeric(6,2),
  colour text NOT NULL DEFAULT '#868e96',
  archived_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT time_off_type_pkey PRIMARY KEY (id),
  CONSTRAINT time_off_type_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_type_name_present CHECK (name ~ '\S'),
  CONSTRAINT time_off_type_counts_as_known CHECK (counts_as IN ('days', 'hours')),
  CONSTRAINT time_off_type_allowance_bounded CHECK (annual_allowance >= 0 AND annual_allowance <= CASE counts_as WHEN 'days' THEN 366 ELSE 8784 END),
  CONSTRAINT time_off_type_colour_hex CHECK (colour ~ '^#[0-9a-f]{6}$')
);
CREATE UNIQUE INDEX time_off_type_organisation_id_id_key ON time_off_type (organisation_id, id);
CREATE UNIQUE INDEX time_off_type_organisation_id_code_key ON time_off_type (organisation_id, code);
SELECT protect_tenant('time_off_type', 'organisation', 'SELECT, INSERT, UPDATE', 'TimeOffType', '', 'id');

-- What somebody gets in a year beyond the allowance, or less. Nothing is corrected but by another one.
CREATE TABLE time_off_grant (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  type_id uuid NOT NULL,
  year smallint NOT NULL,
  amount numeric(6,2) NOT NULL,
  reason text NOT NULL,
  granted_by_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT time_off_grant_pkey PRIMARY KEY (id),
  CONSTRAINT time_off_grant_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_grant_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES time_off_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_grant_organisation_id_granted_by_id_fkey FOREIGN KEY (organisation_id, granted_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_grant_year_bounded CHECK (year >= 1970 AND year <= 2199),
  CONSTRAINT time_off_grant_amount_nonzero CHECK (amount <> 0),
  CONSTRAINT time_off_grant_reason_present CHECK (reason ~ '\S')
);
CREATE INDEX time_off_grant_organisation_id_staff_id_year_idx ON time_off_grant (organisation_id, staff_id, year);
CREATE INDEX time_off_grant_organisation_id_type_id_idx ON time_off_grant (organisation_id, type_id);
CREATE INDEX time_off_grant_organisation_id_granted_by_id_idx ON time_off_grant (organisation_id, granted_by_id);
SELECT protect_tenant('time_off_grant', 'organisation', 'SELECT, INSERT', 'TimeOffGrant', 'staff_id', 'id');

-- Days as the clinic counts them where it was asked for, and the same as instants. `amount` is what it takes from the balance.
CREATE TABLE time_off_request (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  type_id uuid NOT NULL,
  first_day date NOT NULL,
  last_day date NOT NULL,
  start_minute smallint,
  end_minute smallint,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  amount numeric(6,2) NOT NULL,
  reason text,
  status text NOT NULL DEFAULT 'requested',
  requested_by_id uuid,
  decided_by_id uuid,
  decided_at timestamptz(3),
  decision_reason text,
  cancelled_at timestamptz(3),
  block_id uuid,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT time_off_request_pkey PRIMARY KEY (id),
  CONSTRAINT time_off_request_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES time_off_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_organisation_id_requested_by_id_fkey FOREIGN KEY (organisation_id, requested_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_organisation_id_decided_by_id_fkey FOREIGN KEY (organisation_id, decided_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_clinic_id_block_id_fkey FOREIGN KEY (clinic_id, block_id) REFERENCES resource_block (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT time_off_request_days_ordered CHECK (first_day <= last_day),
  CONSTRAINT time_off_request_interval_ordered CHECK (starts_at < ends_at),
  CONSTRAINT time_off_request_part_of_day CHECK (num_nulls(start_minute, end_minute) <> 1 AND (start_minute IS NULL OR first_day = last_day)),
  CONSTRAINT time_off_request_minutes_ordered CHECK (start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440),
  CONSTRAINT time_off_request_amount_positive CHECK (amount >= 0),
  CONSTRAINT time_off_request_status_known CHECK (status IN ('requested', 'approved', 'refused', 'cancelled')),
  CONSTRAINT time_off_request_status_told CHECK (CASE status
    WHEN 'requested' THEN num_nonnulls(decided_at, cancelled_at) = 0
    WHEN 'approved' THEN decided_at IS NOT NULL AND cancelled_at IS NULL
    WHEN 'refused' THEN decided_at IS NOT NULL AND cancelled_at IS NULL AND coalesce(decision_reason ~ '\S', false)
    WHEN 'cancelled' THEN cancelled_at IS NOT NULL ELSE true END),
  CONSTRAINT time_off_request_block_while_approved CHECK ((status = 'approved') = (block_id IS NOT NULL)),
  CONSTRAINT time_off_request_no_overlap EXCLUDE USING gist (staff_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status = 'approved')
);
CREATE UNIQUE INDEX time_off_request_clinic_id_block_id_key ON time_off_request (clinic_id, block_id);
CREATE INDEX time_off_request_organisation_id_clinic_id_starts_at_idx ON time_off_request (organisation_id, clinic_id, starts_at);
CREATE INDEX time_off_request_organisation_id_staff_id_first_day_idx ON time_off_request (organisation_id, staff_id, first_day);
CREATE INDEX time_off_request_organisation_id_type_id_idx ON time_off_request (organisation_id, type_id);
CREATE INDEX time_off_request_organisation_id_requested_by_id_idx ON time_off_request (organisation_id, requested_by_id);
CREATE INDEX time_off_request_organisation_id_decided_by_id_idx ON time_off_request (organisation_id, decided_by_id);
-- People see their own wherever they work; what a clinic decides about is narrowed by the queries.
SELECT protect_tenant('time_off_request', 'organisation', 'SELECT, INSERT, UPDATE', 'TimeOffRequest', 'staff_id', 'id');

-- By which a visit finds the closed times of what it holds.
CREATE INDEX resource_block_organisation_id_resource_id_starts_at_idx ON resource_block (organisation_id, resource_id, starts_at);

-- Hours of a person at every clinic: a day off counts wherever they would have worked.
CREATE FUNCTION weekly_hours_of(person uuid) RETURNS TABLE (weekday smallint, start_minute smallint, end_minute smallint, valid_from date, valid_until date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_until FROM weekly_schedule w
  WHERE w.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid AND w.staff_id = person
  ORDER BY w.valid_from, w.weekday, w.start_minute
$$;
REVOKE ALL ON FUNCTION weekly_hours_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weekly_hours_of(uuid) TO chiron_app;

-- Even no row would open the audit's gate, which an empty database has no entry for.
DO $$ BEGIN
IF EXISTS (SELECT FROM organisation) THEN
INSERT INTO time_off_type (organisation_id, code, name, is_paid, counts_as, annual_allowance, colour)
SELECT o.id, made.code, CASE o.locale WHEN 'en' THEN made.english ELSE made.spanish END, made.is_paid, 'days', made.allowance, made.colour
FROM organisation o CROSS JOIN (VALUES
  ('vacation', 'Vacaciones', 'Vacation', true, 12, '#2f9e44'),
  ('sick', 'Enfermedad', 'Sick leave', true, NULL, '#e03131'),
  ('personal', 'Asunto personal', 'Personal', true, 3, '#1971c2'),
  ('training', 'Capacitación', 'Training', true, 5, '#9c36b5'),
  ('unpaid', 'Permiso sin goce de sueldo', 'Unpaid leave', false, NULL, '#868e96')
) AS made(code, spanish, english, is_paid, allowance, colour);
END IF;
END $$;

RESET ROLE;
