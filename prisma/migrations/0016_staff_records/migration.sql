-- What a clinic keeps about the people who work there: who leads whom, credentials, time at work, how they are, first and last days. And
-- the end of access with the end of employment.
SET ROLE chiron_migrator;

ALTER TABLE staff_profile ADD COLUMN     department TEXT,
ADD COLUMN     employment_type TEXT NOT NULL DEFAULT 'full_time',
ADD COLUMN     manager_id UUID;
CREATE TABLE staff_credential (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    type TEXT NOT NULL,
    number_sealed TEXT NOT NULL,
    number_fingerprint TEXT NOT NULL,
    number_ending TEXT NOT NULL,
    authority TEXT NOT NULL,
    jurisdiction TEXT,
    issued_on DATE,
    expires_on DATE,
    status TEXT NOT NULL DEFAULT 'recorded',
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT staff_credential_pkey PRIMARY KEY (id)
);
CREATE TABLE credential_verification (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    credential_id UUID NOT NULL,
    verified_by_id UUID,
    verified_at TIMESTAMPTZ(3) NOT NULL,
    method TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT,
    CONSTRAINT credential_verification_pkey PRIMARY KEY (id)
);
CREATE TABLE adverse_action (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    credential_id UUID,
    kind TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    description TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    recorded_by_id UUID,
    recorded_at TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT adverse_action_pkey PRIMARY KEY (id)
);
CREATE TABLE attendance_entry (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    clinic_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    clocked_in_at TIMESTAMPTZ(3) NOT NULL,
    clocked_out_at TIMESTAMPTZ(3),
    corrected_by_id UUID,
    corrected_at TIMESTAMPTZ(3),
    correction_reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT attendance_entry_pkey PRIMARY KEY (id)
);
CREATE TABLE wellbeing_flag (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    kind TEXT NOT NULL,
    note TEXT,
    raised_at TIMESTAMPTZ(3) NOT NULL,
    raised_by_id UUID NOT NULL,
    resolved_at TIMESTAMPTZ(3),
    resolved_by_id UUID,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT wellbeing_flag_pkey PRIMARY KEY (id)
);
CREATE TABLE staff_task (
    id UUID NOT NULL DEFAULT uuidv7(),
    organisation_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    process TEXT NOT NULL,
    code TEXT,
    title TEXT,
    due_on DATE NOT NULL,
    done_at TIMESTAMPTZ(3),
    done_by_id UUID,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT staff_task_pkey PRIMARY KEY (id)
);
CREATE INDEX staff_credential_organisation_id_expires_on_idx ON staff_credential(organisation_id, expires_on);
CREATE UNIQUE INDEX staff_credential_organisation_id_staff_id_id_key ON staff_credential(organisation_id, staff_id, id);
CREATE UNIQUE INDEX staff_credential_organisation_id_type_number_fingerprint_key ON staff_credential(organisation_id, type, number_fingerprint);
CREATE INDEX credential_verification_organisation_id_staff_id_credential_idx ON credential_verification(organisation_id, staff_id, credential_id);
CREATE INDEX credential_verification_organisation_id_verified_by_id_idx ON credential_verification(organisation_id, verified_by_id);
CREATE INDEX adverse_action_organisation_id_staff_id_credential_id_idx ON adverse_action(organisation_id, staff_id, credential_id);
CREATE INDEX adverse_action_organisation_id_recorded_by_id_idx ON adverse_action(organisation_id, recorded_by_id);
CREATE INDEX attendance_entry_organisation_id_clinic_id_clocked_in_at_idx ON attendance_entry(organisation_id, clinic_id, clocked_in_at);
CREATE INDEX attendance_entry_organisation_id_staff_id_idx ON attendance_entry(organisation_id, staff_id);
CREATE INDEX attendance_entry_organisation_id_corrected_by_id_idx ON attendance_entry(organisation_id, corrected_by_id);
CREATE INDEX wellbeing_flag_organisation_id_staff_id_idx ON wellbeing_flag(organisation_id, staff_id);
CREATE INDEX wellbeing_flag_organisation_id_raised_by_id_idx ON wellbeing_flag(organisation_id, raised_by_id);
CREATE INDEX wellbeing_flag_organisation_id_resolved_by_id_idx ON wellbeing_flag(organisation_id, resolved_by_id);
CREATE INDEX staff_task_organisation_id_staff_id_idx ON staff_task(organisation_id, staff_id);
CREATE INDEX staff_task_organisation_id_done_by_id_idx ON staff_task(organisation_id, done_by_id);
CREATE INDEX staff_profile_organisation_id_manager_id_idx ON staff_profile(organisation_id, manager_id);
ALTER TABLE staff_profile ADD CONSTRAINT staff_profile_organisation_id_manager_id_fkey FOREIGN KEY (organisation_id, manager_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE staff_credential ADD CONSTRAINT staff_credential_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE credential_verification ADD CONSTRAINT credential_verification_organisation_id_staff_id_credentia_fkey FOREIGN KEY (organisation_id, staff_id, credential_id) REFERENCES staff_credential(organisation_id, staff_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE credential_verification ADD CONSTRAINT credential_verification_organisation_id_verified_by_id_fkey FOREIGN KEY (organisation_id, verified_by_id) REFERENCES app_user(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE adverse_action ADD CONSTRAINT adverse_action_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE adverse_action ADD CONSTRAINT adverse_action_organisation_id_staff_id_credential_id_fkey FOREIGN KEY (organisation_id, staff_id, credential_id) REFERENCES staff_credential(organisation_id, staff_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE adverse_action ADD CONSTRAINT adverse_action_organisation_id_recorded_by_id_fkey FOREIGN KEY (organisation_id, recorded_by_id) REFERENCES app_user(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE attendance_entry ADD CONSTRAINT attendance_entry_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id) REFERENCES clinic(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE attendance_entry ADD CONSTRAINT attendance_entry_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE attendance_entry ADD CONSTRAINT attendance_entry_organisation_id_corrected_by_id_fkey FOREIGN KEY (organisation_id, corrected_by_id) REFERENCES app_user(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE wellbeing_flag ADD CONSTRAINT wellbeing_flag_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE wellbeing_flag ADD CONSTRAINT wellbeing_flag_organisation_id_raised_by_id_fkey FOREIGN KEY (organisation_id, raised_by_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE wellbeing_flag ADD CONSTRAINT wellbeing_flag_organisation_id_resolved_by_id_fkey FOREIGN KEY (organisation_id, resolved_by_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE staff_task ADD CONSTRAINT staff_task_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id) REFERENCES staff_profile(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE staff_task ADD CONSTRAINT staff_task_organisation_id_done_by_id_fkey FOREIGN KEY (organisation_id, done_by_id) REFERENCES app_user(organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE staff_profile
  ADD CONSTRAINT staff_profile_employment_type_known CHECK (employment_type IN ('full_time', 'part_time', 'contractor', 'locum', 'intern')),
  ADD CONSTRAINT staff_profile_department_present CHECK (department ~ '\S'),
  ADD CONSTRAINT staff_profile_not_own_manager CHECK (manager_id <> id);
ALTER TABLE staff_credential
  ADD CONSTRAINT staff_credential_type_known CHECK (type IN ('licence', 'cedula_profesional', 'dea', 'senasica', 'cpr', 'radiology', 'anaesthesia', 'other')),
  -- Whoever wrote a number here in clear would be refused.
  ADD CONSTRAINT staff_credential_number_sealed CHECK (number_sealed ~ '^local:[0-9a-f]{16}\.[A-Za-z0-9_-]{40,}$'),
  ADD CONSTRAINT staff_credential_fingerprint_shape CHECK (number_fingerprint ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT staff_credential_ending_short CHECK (length(number_ending) BETWEEN 1 AND 4),
  ADD CONSTRAINT staff_credential_authority_present CHECK (authority ~ '\S'),
  ADD CONSTRAINT staff_credential_dates_ordered CHECK (expires_on >= issued_on),
  ADD CONSTRAINT staff_credential_status_known CHECK (status IN ('recorded', 'verified', 'suspended', 'revoked'));
ALTER TABLE credential_verification
  ADD CONSTRAINT credential_verification_method_known CHECK (method IN ('document', 'registry', 'phone', 'other')),
  ADD CONSTRAINT credential_verification_outcome_known CHECK (outcome IN ('confirmed', 'refuted', 'inconclusive'));
ALTER TABLE adverse_action
  ADD CONSTRAINT adverse_action_kind_known CHECK (kind IN ('warning', 'restriction', 'suspension', 'revocation', 'malpractice', 'other')),
  ADD CONSTRAINT adverse_action_description_present CHECK (description ~ '\S'),
  ADD CONSTRAINT adverse_action_reporter_present CHECK (reported_by ~ '\S');
-- Before the overlap, which forbids two open entries as well: the first index is the one that refuses, and this one says what is wrong.
CREATE UNIQUE INDEX attendance_entry_one_open ON attendance_entry (organisation_id, staff_id) WHERE clocked_out_at IS NULL;
ALTER TABLE attendance_entry
  ADD CONSTRAINT attendance_entry_times_ordered CHECK (clocked_out_at > clocked_in_at),
  ADD CONSTRAINT attendance_entry_length_bounded CHECK (clocked_out_at - clocked_in_at <= interval '24 hours'),
  ADD CONSTRAINT attendance_entry_correction_reasoned CHECK ((corrected_at IS NULL) = (correction_reason IS NULL) AND (corrected_at IS NOT NULL OR corrected_by_id IS NULL)
    AND coalesce(correction_reason ~ '\S', true)),
  ADD CONSTRAINT attendance_entry_no_overlap EXCLUDE USING gist (staff_id WITH =, tstzrange(clocked_in_at, clocked_out_at) WITH &&);
ALTER TABLE wellbeing_flag
  ADD CONSTRAINT wellbeing_flag_kind_known CHECK (kind IN ('fatigue', 'stress', 'injury', 'illness', 'burnout', 'other')),
  ADD CONSTRAINT wellbeing_flag_resolution_whole CHECK ((resolved_at IS NULL) = (resolved_by_id IS NULL)),
  ADD CONSTRAINT wellbeing_flag_times_ordered CHECK (resolved_at >= raised_at);
ALTER TABLE staff_task
  ADD CONSTRAINT staff_task_process_known CHECK (process IN ('onboarding', 'offboarding')),
  ADD CONSTRAINT staff_task_named_once CHECK (num_nonnulls(code, title) = 1),
  ADD CONSTRAINT staff_task_code_shape CHECK (code ~ '^[a-z]+(_[a-z]+)*$'),
  ADD CONSTRAINT staff_task_title_present CHECK (title ~ '\S'),
  ADD CONSTRAINT staff_task_done_told CHECK (done_at IS NOT NULL OR done_by_id IS NULL);

SELECT protect_tenant('staff_credential', 'organisation', 'SELECT, INSERT, UPDATE', 'StaffCredential', 'staff_id', 'id');
SELECT protect_tenant('credential_verification', 'organisation', 'SELECT, INSERT', 'CredentialVerification', 'staff_id', 'id');
SELECT protect_tenant('adverse_action', 'organisation', 'SELECT, INSERT', 'AdverseAction', 'staff_id', 'id');
SELECT protect_tenant('attendance_entry', 'clinic', 'SELECT, INSERT, UPDATE', 'AttendanceEntry', 'staff_id', 'id');
SELECT protect_tenant('wellbeing_flag', 'organisation', 'SELECT, INSERT, UPDATE', 'WellbeingFlag', 'staff_id', 'id');
SELECT protect_tenant('staff_task', 'organisation', 'SELECT, INSERT, UPDATE', 'StaffTask', 'staff_id', 'id');

-- Whoever is no longer employed is out: open sessions end in the transaction that says so, whoever writes it, and sign-in finds nobody.
-- A last day that passes needs no write: the look-up of a session's rights ends them with it (server/auth/resolve-actor.ts).
ALTER TABLE session DROP CONSTRAINT session_revocation_known;
ALTER TABLE session ADD CONSTRAINT session_revocation_known
  CHECK (revoked_reason IN ('signed_out', 'signed_out_everywhere', 'reuse_detected', 'idle', 'deactivated', 'password_changed', 'employment_ended'));
CREATE FUNCTION end_sessions_with_employment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE session SET revoked_at = now(), revoked_reason = 'employment_ended'
    WHERE organisation_id = NEW.organisation_id AND user_id = NEW.user_id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION end_sessions_with_employment() FROM PUBLIC;
CREATE TRIGGER end_sessions_with_employment AFTER INSERT OR UPDATE OF is_active, user_id ON staff_profile
  FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND NOT NEW.is_active) EXECUTE FUNCTION end_sessions_with_employment();
CREATE OR REPLACE FUNCTION find_sign_in(address text) RETURNS TABLE (user_id uuid, organisation_id uuid, password_hash text, is_active boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
  SELECT u.id, u.organisation_id, u.password_hash,
    u.is_active AND NOT EXISTS (SELECT FROM staff_profile p WHERE p.organisation_id = u.organisation_id AND p.user_id = u.id AND NOT p.is_active)
  FROM app_user u WHERE u.email = lower(address)
$$;

-- Credential numbers are sealed anew after the master key was replaced.
SELECT pgboss.create_queue('field-rotation', '{"policy": "exclusive", "retryLimit": 2, "retryDelay": 60}');

-- People tell how they are themselves, not their managers alone.
DO $$ BEGIN
IF EXISTS (SELECT FROM role) THEN
INSERT INTO role_grant (organisation_id, role_id, permission, condition)
SELECT r.organisation_id, r.id, 'wellbeing:record', 'own' FROM role r
WHERE r.code IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer')
ON CONFLICT DO NOTHING;
END IF;
END $$;

RESET ROLE;
