-- Breaks in weekly hours, and rosters: shifts of a week that are planned, published, claimed and swapped, the people that are needed
-- for them, and the limits of work time that a clinic watches.
SET ROLE chiron_migrator;

-- ── Breaks ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- The hours travel with their break, so that a foreign key and a CHECK prove together that it lies inside them.
CREATE UNIQUE INDEX weekly_schedule_clinic_id_staff_id_id_start_minute_end_minu_key ON weekly_schedule (clinic_id, staff_id, id, start_minute, end_minute);

CREATE TABLE weekly_break (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  hours_start_minute smallint NOT NULL,
  hours_end_minute smallint NOT NULL,
  start_minute smallint NOT NULL,
  end_minute smallint NOT NULL,
  CONSTRAINT weekly_break_pkey PRIMARY KEY (id),
  CONSTRAINT weekly_break_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT weekly_break_clinic_id_staff_id_schedule_id_hours_start_mi_fkey FOREIGN KEY (clinic_id, staff_id, schedule_id, hours_start_minute, hours_end_minute)
    REFERENCES weekly_schedule (clinic_id, staff_id, id, start_minute, end_minute) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT weekly_break_inside_hours CHECK (hours_start_minute >= 0 AND hours_start_minute < start_minute AND start_minute < end_minute AND end_minute < hours_end_minute),
  CONSTRAINT weekly_break_no_overlap EXCLUDE USING gist (schedule_id WITH =, int4range(start_minute, end_minute) WITH &&)
);
CREATE INDEX weekly_break_organisation_id_clinic_id_idx ON weekly_break (organisation_id, clinic_id);
CREATE INDEX weekly_break_clinic_id_staff_id_schedule_id_hours_start_min_idx ON weekly_break (clinic_id, staff_id, schedule_id, hours_start_minute, hours_end_minute);
SELECT protect_tenant('weekly_break', 'clinic', 'SELECT, INSERT, DELETE', 'WeeklyBreak', 'staff_id', 'id');

-- ── Templates, rosters, shifts ──────────────────────────────────────────────────────────────────────────────────────
-- Minutes count from the local midnight at which the day begins: beyond 1440 a shift goes on into the next day.
CREATE TABLE shift_template (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  start_minute smallint NOT NULL,
  end_minute smallint NOT NULL,
  break_start_minute smallint,
  break_end_minute smallint,
  position text NOT NULL,
  capacity smallint NOT NULL DEFAULT 1,
  colour text NOT NULL DEFAULT '#228be6',
  archived_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT shift_template_pkey PRIMARY KEY (id),
  CONSTRAINT shift_template_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_template_code_present CHECK (code ~ '\S'),
  CONSTRAINT shift_template_name_present CHECK (name ~ '\S'),
  CONSTRAINT shift_template_minutes_ordered CHECK (start_minute BETWEEN 0 AND 1439 AND start_minute < end_minute AND end_minute <= start_minute + 1440),
  CONSTRAINT shift_template_break_inside CHECK (CASE num_nonnulls(break_start_minute, break_end_minute) WHEN 0 THEN true
    WHEN 2 THEN start_minute < break_start_minute AND break_start_minute < break_end_minute AND break_end_minute < end_minute ELSE false END),
  CONSTRAINT shift_template_position_known CHECK (position IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner')),
  CONSTRAINT shift_template_capacity_bounded CHECK (capacity BETWEEN 1 AND 20),
  CONSTRAINT shift_template_colour_hex CHECK (colour ~ '^#[0-9a-f]{6}$')
);
CREATE UNIQUE INDEX shift_template_clinic_id_id_key ON shift_template (clinic_id, id);
CREATE UNIQUE INDEX shift_template_clinic_id_code_key ON shift_template (clinic_id, code);
CREATE INDEX shift_template_organisation_id_clinic_id_idx ON shift_template (organisation_id, clinic_id);
SELECT protect_tenant('shift_template', 'clinic', 'SELECT, INSERT, UPDATE', 'ShiftTemplate', '', 'id');

CREATE TABLE roster (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  week_start date NOT NULL,
  status text NOT NULL DEFAULT 'draft',
  published_at timestamptz(3),
  published_by_id uuid,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT roster_pkey PRIMARY KEY (id),
  CONSTRAINT roster_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_organisation_id_published_by_id_fkey FOREIGN KEY (organisation_id, published_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_week_start_monday CHECK (extract(isodow FROM week_start) = 1),
  CONSTRAINT roster_status_known CHECK (status IN ('draft', 'published')),
  CONSTRAINT roster_publication_dated CHECK ((status = 'published') = (published_at IS NOT NULL) AND (published_by_id IS NULL OR published_at IS NOT NULL))
);
CREATE UNIQUE INDEX roster_clinic_id_week_start_key ON roster (clinic_id, week_start);
CREATE INDEX roster_organisation_id_clinic_id_idx ON roster (organisation_id, clinic_id);
CREATE INDEX roster_organisation_id_published_by_id_idx ON roster (organisation_id, published_by_id);
-- Whether a week has been published is asked from other clinics too: a shift at one clinic counts at the others, for rest and overtime.
SELECT protect_tenant('roster', 'organisation', 'SELECT, INSERT, UPDATE', 'Roster', '', 'id');

-- A person has one time over all clinics, drafts included. Deferrable, because a swap of two shifts passes through a moment at which one
-- person has both.
CREATE TABLE roster_shift (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  week_start date NOT NULL,
  work_date date NOT NULL,
  template_id uuid,
  staff_id uuid,
  position text NOT NULL,
  start_minute smallint NOT NULL,
  end_minute smallint NOT NULL,
  break_start_minute smallint,
  break_end_minute smallint,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  note text,
  status text NOT NULL DEFAULT 'planned',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT roster_shift_pkey PRIMARY KEY (id),
  CONSTRAINT roster_shift_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_shift_clinic_id_week_start_fkey FOREIGN KEY (clinic_id, week_start) REFERENCES roster (clinic_id, week_start) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_shift_clinic_id_template_id_fkey FOREIGN KEY (clinic_id, template_id) REFERENCES shift_template (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_shift_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT roster_shift_in_week CHECK (work_date - week_start BETWEEN 0 AND 6),
  CONSTRAINT roster_shift_minutes_ordered CHECK (start_minute BETWEEN 0 AND 1439 AND start_minute < end_minute AND end_minute <= start_minute + 1440),
  CONSTRAINT roster_shift_break_inside CHECK (CASE num_nonnulls(break_start_minute, break_end_minute) WHEN 0 THEN true
    WHEN 2 THEN start_minute < break_start_minute AND break_start_minute < break_end_minute AND break_end_minute < end_minute ELSE false END),
  CONSTRAINT roster_shift_interval_ordered CHECK (starts_at < ends_at),
  CONSTRAINT roster_shift_position_known CHECK (position IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner')),
  CONSTRAINT roster_shift_status_known CHECK (status IN ('planned', 'cancelled')),
  CONSTRAINT roster_shift_no_overlap EXCLUDE USING gist (staff_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status = 'planned') DEFERRABLE INITIALLY IMMEDIATE
);
CREATE UNIQUE INDEX roster_shift_clinic_id_id_key ON roster_shift (clinic_id, id);
CREATE INDEX roster_shift_organisation_id_clinic_id_work_date_idx ON roster_shift (organisation_id, clinic_id, work_date);
CREATE INDEX roster_shift_organisation_id_staff_id_work_date_idx ON roster_shift (organisation_id, staff_id, work_date);
CREATE INDEX roster_shift_clinic_id_week_start_idx ON roster_shift (clinic_id, week_start);
CREATE INDEX roster_shift_clinic_id_template_id_idx ON roster_shift (clinic_id, template_id);
-- Like a claim, a person's shift is one at every clinic.
SELECT protect_tenant('roster_shift', 'organisation', 'SELECT, INSERT, UPDATE, DELETE', 'RosterShift', 'staff_id', 'id');

-- ── Who is needed, and for how long somebody may work ───────────────────────────────────────────────────────────────
CREATE TABLE coverage_need (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  position text NOT NULL,
  weekday smallint NOT NULL,
  start_minute smallint NOT NULL,
  end_minute smallint NOT NULL,
  min_count smallint NOT NULL,
  valid_from date NOT NULL,
  valid_until date,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT coverage_need_pkey PRIMARY KEY (id),
  CONSTRAINT coverage_need_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT coverage_need_position_known CHECK (position IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner')),
  CONSTRAINT coverage_need_weekday_iso CHECK (weekday BETWEEN 1 AND 7),
  CONSTRAINT coverage_need_minutes_ordered CHECK (start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440),
  CONSTRAINT coverage_need_count_bounded CHECK (min_count BETWEEN 1 AND 50),
  CONSTRAINT coverage_need_dates_ordered CHECK (valid_until > valid_from),
  CONSTRAINT coverage_need_no_overlap EXCLUDE USING gist (
    clinic_id WITH =, position WITH =, weekday WITH =, int4range(start_minute, end_minute) WITH &&, daterange(valid_from, valid_until) WITH &&)
);
CREATE INDEX coverage_need_organisation_id_clinic_id_idx ON coverage_need (organisation_id, clinic_id);
SELECT protect_tenant('coverage_need', 'clinic', 'SELECT, INSERT, UPDATE, DELETE', 'CoverageNeed', '', 'id');

-- Without a row the clinic's country decides.
CREATE TABLE work_rule (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  max_week_minutes smallint NOT NULL,
  max_day_minutes smallint NOT NULL,
  max_mixed_minutes smallint NOT NULL,
  max_night_minutes smallint NOT NULL,
  min_rest_minutes smallint NOT NULL,
  max_consecutive_days smallint NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT work_rule_pkey PRIMARY KEY (id),
  CONSTRAINT work_rule_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT work_rule_week_bounded CHECK (max_week_minutes BETWEEN 60 AND 10080),
  CONSTRAINT work_rule_day_bounded CHECK (max_day_minutes BETWEEN 60 AND 1440 AND max_mixed_minutes BETWEEN 60 AND 1440 AND max_night_minutes BETWEEN 60 AND 1440),
  CONSTRAINT work_rule_rest_bounded CHECK (min_rest_minutes BETWEEN 0 AND 1440),
  CONSTRAINT work_rule_days_bounded CHECK (max_consecutive_days BETWEEN 1 AND 14)
);
CREATE UNIQUE INDEX work_rule_clinic_id_key ON work_rule (clinic_id);
CREATE INDEX work_rule_organisation_id_clinic_id_idx ON work_rule (organisation_id, clinic_id);
SELECT protect_tenant('work_rule', 'clinic', 'SELECT, INSERT, UPDATE', 'WorkRule', '', 'id');

-- ── Swaps ───────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE shift_swap (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  shift_id uuid NOT NULL,
  from_staff_id uuid NOT NULL,
  to_staff_id uuid,
  counter_shift_id uuid,
  status text NOT NULL DEFAULT 'asked',
  reason text,
  decision_reason text,
  decided_by_id uuid,
  decided_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT shift_swap_pkey PRIMARY KEY (id),
  CONSTRAINT shift_swap_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_clinic_id_shift_id_fkey FOREIGN KEY (clinic_id, shift_id) REFERENCES roster_shift (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_clinic_id_counter_shift_id_fkey FOREIGN KEY (clinic_id, counter_shift_id) REFERENCES roster_shift (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_organisation_id_from_staff_id_fkey FOREIGN KEY (organisation_id, from_staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_organisation_id_to_staff_id_fkey FOREIGN KEY (organisation_id, to_staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_organisation_id_decided_by_id_fkey FOREIGN KEY (organisation_id, decided_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT shift_swap_status_known CHECK (status IN ('asked', 'accepted', 'approved', 'refused', 'withdrawn')),
  CONSTRAINT shift_swap_parties_differ CHECK (to_staff_id <> from_staff_id),
  CONSTRAINT shift_swap_shifts_differ CHECK (counter_shift_id <> shift_id),
  CONSTRAINT shift_swap_taker_known CHECK (to_staff_id IS NOT NULL OR (counter_shift_id IS NULL AND status NOT IN ('accepted', 'approved'))),
  CONSTRAINT shift_swap_decision_dated CHECK ((status IN ('approved', 'refused')) = (decided_at IS NOT NULL) AND (decided_by_id IS NULL OR decided_at IS NOT NULL)),
  CONSTRAINT shift_swap_refusal_reasoned CHECK (status <> 'refused' OR decision_reason IS NOT NULL),
  CONSTRAINT shift_swap_one_pending EXCLUDE USING gist (shift_id WITH =) WHERE (status IN ('asked', 'accepted'))
);
CREATE INDEX shift_swap_organisation_id_clinic_id_status_idx ON shift_swap (organisation_id, clinic_id, status);
CREATE INDEX shift_swap_clinic_id_shift_id_idx ON shift_swap (clinic_id, shift_id);
CREATE INDEX shift_swap_clinic_id_counter_shift_id_idx ON shift_swap (clinic_id, counter_shift_id);
CREATE INDEX shift_swap_organisation_id_from_staff_id_idx ON shift_swap (organisation_id, from_staff_id);
CREATE INDEX shift_swap_organisation_id_to_staff_id_idx ON shift_swap (organisation_id, to_staff_id);
CREATE INDEX shift_swap_organisation_id_decided_by_id_idx ON shift_swap (organisation_id, decided_by_id);
SELECT protect_tenant('shift_swap', 'clinic', 'SELECT, INSERT, UPDATE', 'ShiftSwap', 'from_staff_id', 'id');

-- ── Work elsewhere ──────────────────────────────────────────────────────────────────────────────────────────────────
-- Weekly hours are read by clinic; rest and overtime are the person's. So a function tells when a person works at the other clinics. It takes the tenant from the settings, never from an argument.
CREATE FUNCTION hours_elsewhere(people uuid[], here uuid, since date, until date)
RETURNS TABLE (id uuid, clinic_id uuid, time_zone text, staff_id uuid, weekday smallint, start_minute smallint, end_minute smallint, valid_from date, valid_until date, breaks json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.id, w.clinic_id, c.time_zone, w.staff_id, w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_until,
    (SELECT coalesce(json_agg(json_build_object('startMinute', b.start_minute, 'endMinute', b.end_minute)), '[]') FROM weekly_break b WHERE b.schedule_id = w.id AND b.clinic_id = w.clinic_id AND b.staff_id = w.staff_id)
  FROM weekly_schedule w JOIN clinic c ON c.organisation_id = w.organisation_id AND c.id = w.clinic_id
  WHERE w.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid AND w.staff_id = ANY (people) AND w.clinic_id <> here
    AND w.valid_from < until AND (w.valid_until IS NULL OR w.valid_until > since)
$$;
REVOKE ALL ON FUNCTION hours_elsewhere(uuid[], uuid, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hours_elsewhere(uuid[], uuid, date, date) TO chiron_app;

RESET ROLE;
