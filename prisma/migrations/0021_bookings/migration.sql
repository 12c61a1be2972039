-- Visits that repeat, and clients who wait for a slot to become free.
SET ROLE chiron_migrator;

-- The rule is kept as it was given: what it made are visits of their own, which move and are cancelled one by one.
CREATE TABLE appointment_series (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  type_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  room_id uuid,
  equipment_ids uuid[] NOT NULL DEFAULT '{}',
  rule text NOT NULL,
  starts_on date NOT NULL,
  start_minute integer NOT NULL,
  duration_minutes integer NOT NULL,
  reason text,
  status text NOT NULL DEFAULT 'active',
  ended_from date,
  end_reason text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT appointment_series_pkey PRIMARY KEY (id),
  CONSTRAINT appointment_series_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT appointment_series_organisation_id_patient_id_fkey FOREIGN KEY (organisation_id, patient_id) REFERENCES patient (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT appointment_series_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES appointment_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT appointment_series_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT appointment_series_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT appointment_series_rule_shape CHECK (rule ~ '^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Z0-9,+-]+)*$'),
  CONSTRAINT appointment_series_minute_bounded CHECK (start_minute BETWEEN 0 AND 1439),
  CONSTRAINT appointment_series_duration_bounded CHECK (duration_minutes BETWEEN 5 AND 720),
  CONSTRAINT appointment_series_end_told CHECK (CASE status WHEN 'active' THEN num_nonnulls(ended_from, end_reason) = 0 WHEN 'ended' THEN num_nonnulls(ended_from, end_reason) = 2 ELSE false END)
);
CREATE UNIQUE INDEX appointment_series_clinic_id_id_key ON appointment_series (clinic_id, id);
CREATE INDEX appointment_series_organisation_id_clinic_id_status_idx ON appointment_series (organisation_id, clinic_id, status);
CREATE INDEX appointment_series_organisation_id_patient_id_idx ON appointment_series (organisation_id, patient_id);
CREATE INDEX appointment_series_organisation_id_type_id_idx ON appointment_series (organisation_id, type_id);
CREATE INDEX appointment_series_organisation_id_staff_id_idx ON appointment_series (organisation_id, staff_id);
CREATE INDEX appointment_series_clinic_id_room_id_idx ON appointment_series (clinic_id, room_id);
SELECT protect_tenant('appointment_series', 'clinic', 'SELECT, INSERT, UPDATE', 'AppointmentSeries', 'patient_id', 'id');

ALTER TABLE appointment
  ADD COLUMN series_id uuid,
  ADD CONSTRAINT appointment_clinic_id_series_id_fkey FOREIGN KEY (clinic_id, series_id) REFERENCES appointment_series (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE INDEX appointment_clinic_id_series_id_idx ON appointment (clinic_id, series_id);

-- An occurrence that could not be booked, and what was in the way at that time.
CREATE TABLE series_skip (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  series_id uuid NOT NULL,
  occurs_on date NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  reason text NOT NULL,
  resource_kind text,
  resource_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT series_skip_pkey PRIMARY KEY (id),
  CONSTRAINT series_skip_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT series_skip_clinic_id_series_id_fkey FOREIGN KEY (clinic_id, series_id) REFERENCES appointment_series (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT series_skip_reason_known CHECK (reason IN ('visit', 'hold', 'time_off', 'maintenance', 'closure', 'outside_shift', 'not_bookable', 'past')),
  CONSTRAINT series_skip_resource_told CHECK ((resource_kind IS NULL) = (resource_id IS NULL) AND resource_kind IN ('staff', 'room', 'equipment', 'clinic'))
);
CREATE INDEX series_skip_organisation_id_clinic_id_idx ON series_skip (organisation_id, clinic_id);
CREATE UNIQUE INDEX series_skip_clinic_id_series_id_occurs_on_key ON series_skip (clinic_id, series_id, occurs_on);
SELECT protect_tenant('series_skip', 'clinic', 'SELECT, INSERT', 'SeriesSkip', '', 'id');

CREATE TABLE waitlist_entry (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  type_id uuid NOT NULL,
  staff_id uuid,
  earliest_on date NOT NULL,
  latest_on date NOT NULL,
  weekdays smallint[] NOT NULL DEFAULT '{}',
  earliest_minute integer NOT NULL DEFAULT 0,
  latest_minute integer NOT NULL DEFAULT 1440,
  priority integer NOT NULL DEFAULT 0,
  note text,
  status text NOT NULL DEFAULT 'waiting',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT waitlist_entry_pkey PRIMARY KEY (id),
  CONSTRAINT waitlist_entry_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_entry_organisation_id_patient_id_fkey FOREIGN KEY (organisation_id, patient_id) REFERENCES patient (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_entry_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES appointment_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_entry_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_entry_days_ordered CHECK (earliest_on <= latest_on),
  CONSTRAINT waitlist_entry_times_ordered CHECK (earliest_minute >= 0 AND latest_minute <= 1440 AND earliest_minute < latest_minute),
  CONSTRAINT waitlist_entry_weekdays_known CHECK (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]),
  CONSTRAINT waitlist_entry_priority_bounded CHECK (priority BETWEEN 0 AND 9),
  CONSTRAINT waitlist_entry_status_known CHECK (status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired'))
);
CREATE UNIQUE INDEX waitlist_entry_clinic_id_id_key ON waitlist_entry (clinic_id, id);
CREATE INDEX waitlist_entry_organisation_id_clinic_id_status_idx ON waitlist_entry (organisation_id, clinic_id, status);
CREATE INDEX waitlist_entry_organisation_id_patient_id_idx ON waitlist_entry (organisation_id, patient_id);
CREATE INDEX waitlist_entry_organisation_id_type_id_idx ON waitlist_entry (organisation_id, type_id);
CREATE INDEX waitlist_entry_organisation_id_staff_id_idx ON waitlist_entry (organisation_id, staff_id);
SELECT protect_tenant('waitlist_entry', 'clinic', 'SELECT, INSERT, UPDATE', 'WaitlistEntry', 'patient_id', 'id');

-- An open offer keeps its slot by a hold, whose claims let nobody else have it. The hold goes when the offer is answered, so that it is
-- named without a foreign key.
CREATE TABLE waitlist_offer (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  room_id uuid,
  equipment_ids uuid[] NOT NULL DEFAULT '{}',
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  slot_ends_at timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'open',
  expires_at timestamptz(3) NOT NULL,
  decided_at timestamptz(3),
  appointment_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT waitlist_offer_pkey PRIMARY KEY (id),
  CONSTRAINT waitlist_offer_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_offer_clinic_id_entry_id_fkey FOREIGN KEY (clinic_id, entry_id) REFERENCES waitlist_entry (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_offer_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_offer_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_offer_clinic_id_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointment (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT waitlist_offer_interval_ordered CHECK (starts_at < ends_at AND ends_at <= slot_ends_at),
  CONSTRAINT waitlist_offer_expires_before CHECK (expires_at > created_at AND expires_at <= starts_at),
  CONSTRAINT waitlist_offer_decision_told CHECK (CASE status WHEN 'open' THEN num_nonnulls(decided_at, appointment_id) = 0 WHEN 'accepted' THEN num_nonnulls(decided_at, appointment_id) = 2
    WHEN 'declined' THEN decided_at IS NOT NULL AND appointment_id IS NULL WHEN 'expired' THEN decided_at IS NOT NULL AND appointment_id IS NULL ELSE false END)
);
CREATE INDEX waitlist_offer_organisation_id_clinic_id_status_expires_at_idx ON waitlist_offer (organisation_id, clinic_id, status, expires_at);
CREATE INDEX waitlist_offer_clinic_id_entry_id_idx ON waitlist_offer (clinic_id, entry_id);
CREATE INDEX waitlist_offer_organisation_id_staff_id_starts_at_idx ON waitlist_offer (organisation_id, staff_id, starts_at);
CREATE INDEX waitlist_offer_clinic_id_room_id_idx ON waitlist_offer (clinic_id, room_id);
CREATE INDEX waitlist_offer_clinic_id_appointment_id_idx ON waitlist_offer (clinic_id, appointment_id);
-- Nobody has two offers at once.
CREATE UNIQUE INDEX waitlist_offer_one_open ON waitlist_offer (clinic_id, entry_id) WHERE status = 'open';
SELECT protect_tenant('waitlist_offer', 'clinic', 'SELECT, INSERT, UPDATE', 'WaitlistOffer', '', 'id');

-- Every minute: offers that nobody has answered in time go on to whoever waits next.
SELECT pgboss.create_queue('waitlist-expiry', '{"policy": "exclusive", "retryLimit": 2, "retryDelay": 20}');

RESET ROLE;
