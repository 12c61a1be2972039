-- The page on which strangers ask a clinic for a visit, and what they have asked for.
SET ROLE chiron_migrator;

-- The address is public, so it is one over the whole installation.
CREATE TABLE booking_page (
  clinic_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  slug text NOT NULL,
  is_open boolean NOT NULL DEFAULT false,
  notice_minutes integer NOT NULL DEFAULT 240,
  days_ahead integer NOT NULL DEFAULT 30,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT booking_page_pkey PRIMARY KEY (clinic_id),
  CONSTRAINT booking_page_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_page_slug_shape CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 60),
  CONSTRAINT booking_page_notice_bounded CHECK (notice_minutes BETWEEN 120 AND 20160),
  CONSTRAINT booking_page_days_bounded CHECK (days_ahead BETWEEN 1 AND 180)
);
CREATE UNIQUE INDEX booking_page_slug_key ON booking_page (slug);
CREATE INDEX booking_page_organisation_id_clinic_id_idx ON booking_page (organisation_id, clinic_id);
SELECT protect_tenant('booking_page', 'clinic', 'SELECT, INSERT, UPDATE', 'BookingPage', '', 'clinic_id');

-- An open request keeps its slot by a hold, whose claims let nobody else have it. The hold goes when the request is decided, so that it is
-- named without a foreign key. Whoever asks is a subject of their own: nobody knows yet whether they are a client.
CREATE TABLE booking_request (
  id uuid NOT NULL DEFAULT uuidv7(),
  organisation_id uuid NOT NULL,
  clinic_id uuid NOT NULL,
  type_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  room_id uuid,
  equipment_ids uuid[] NOT NULL DEFAULT '{}',
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  contact_name text NOT NULL,
  contact_phone text,
  contact_mail text,
  locale text NOT NULL,
  patient_name text NOT NULL,
  species_code text NOT NULL,
  breed text,
  note text,
  status text NOT NULL DEFAULT 'requested',
  expires_at timestamptz(3) NOT NULL,
  decision_reason text,
  decided_by_id uuid,
  decided_at timestamptz(3),
  appointment_id uuid,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT booking_request_pkey PRIMARY KEY (id),
  CONSTRAINT booking_request_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_organisation_id_type_id_fkey FOREIGN KEY (organisation_id, type_id) REFERENCES appointment_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_clinic_id_room_id_fkey FOREIGN KEY (clinic_id, room_id) REFERENCES room (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_species_code_fkey FOREIGN KEY (species_code) REFERENCES species (code) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_organisation_id_decided_by_id_fkey FOREIGN KEY (organisation_id, decided_by_id) REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_clinic_id_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointment (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT booking_request_interval_ordered CHECK (starts_at < ends_at),
  CONSTRAINT booking_request_expires_before CHECK (expires_at > created_at AND expires_at <= starts_at),
  CONSTRAINT booking_request_contact_reachable CHECK (num_nonnulls(contact_phone, contact_mail) >= 1),
  CONSTRAINT booking_request_names_present CHECK (contact_name ~ '\S' AND patient_name ~ '\S'),
  CONSTRAINT booking_request_locale_known CHECK (locale IN ('es-MX', 'en')),
  CONSTRAINT booking_request_decision_told CHECK (CASE status WHEN 'requested' THEN num_nonnulls(decided_at, decided_by_id, decision_reason, appointment_id) = 0
    WHEN 'confirmed' THEN num_nonnulls(decided_at, appointment_id) = 2 AND decision_reason IS NULL
    WHEN 'declined' THEN num_nonnulls(decided_at, decision_reason) = 2 AND appointment_id IS NULL
    WHEN 'expired' THEN decided_at IS NOT NULL AND num_nonnulls(decided_by_id, decision_reason, appointment_id) = 0 ELSE false END)
);
CREATE UNIQUE INDEX booking_request_clinic_id_id_key ON booking_request (clinic_id, id);
CREATE INDEX booking_request_organisation_id_clinic_id_status_expires_at_idx ON booking_request (organisation_id, clinic_id, status, expires_at);
CREATE INDEX booking_request_organisation_id_type_id_idx ON booking_request (organisation_id, type_id);
CREATE INDEX booking_request_organisation_id_staff_id_idx ON booking_request (organisation_id, staff_id);
CREATE INDEX booking_request_clinic_id_room_id_idx ON booking_request (clinic_id, room_id);
CREATE INDEX booking_request_species_code_idx ON booking_request (species_code);
CREATE INDEX booking_request_organisation_id_decided_by_id_idx ON booking_request (organisation_id, decided_by_id);
CREATE INDEX booking_request_clinic_id_appointment_id_idx ON booking_request (clinic_id, appointment_id);
SELECT protect_tenant('booking_request', 'clinic', 'SELECT, INSERT, UPDATE', 'BookingRequest', 'id', 'id');

-- Whoever has asked is written to before, and often without, becoming a client.
ALTER TABLE message
  ADD COLUMN booking_request_id uuid,
  ADD CONSTRAINT message_clinic_id_booking_request_id_fkey FOREIGN KEY (clinic_id, booking_request_id) REFERENCES booking_request (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  DROP CONSTRAINT message_one_recipient,
  ADD CONSTRAINT message_one_recipient CHECK (num_nonnulls(client_id, user_id, booking_request_id) = 1 AND recipient_id = coalesce(client_id, user_id, booking_request_id));
CREATE INDEX message_clinic_id_booking_request_id_idx ON message (clinic_id, booking_request_id);

-- The fifth look-up that crosses tenants (decision 24): a stranger brings the address of a page and nothing else. One that is closed is none.
CREATE FUNCTION find_booking_page(address text) RETURNS TABLE (organisation_id uuid, clinic_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.organisation_id, p.clinic_id FROM booking_page p JOIN clinic c ON c.organisation_id = p.organisation_id AND c.id = p.clinic_id
  WHERE p.slug = address AND p.is_open AND c.archived_at IS NULL
$$;
REVOKE ALL ON FUNCTION find_booking_page(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_booking_page(text) TO chiron_app;

-- Every minute: requests that nobody has decided in time let their slot go.
SELECT pgboss.create_queue('booking-request-expiry', '{"policy": "exclusive", "retryLimit": 2, "retryDelay": 20}');

RESET ROLE;
