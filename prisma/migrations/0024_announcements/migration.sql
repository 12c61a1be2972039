-- What people who work here are told: credentials that expire, their shifts, swaps and time off.
SET ROLE chiron_migrator;

ALTER TABLE message
  DROP CONSTRAINT message_kind_known,
  ADD CONSTRAINT message_kind_known CHECK (kind IN ('reminder', 'booking', 'waitlist', 'request', 'credential', 'roster', 'swap', 'time_off'));

-- Kinds of which a person who works here wants no mail; inside the product they are told in any case.
ALTER TABLE app_user
  ADD COLUMN mail_refusals text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT app_user_mail_refusals_known CHECK (mail_refusals <@ ARRAY['credential', 'roster', 'swap', 'time_off']);

-- What a person was last told of a published shift: how the planner tells a new one, one that changed and one that is gone.
CREATE TABLE shift_notice (
  shift_id        uuid           NOT NULL PRIMARY KEY,
  organisation_id uuid           NOT NULL,
  clinic_id       uuid           NOT NULL,
  -- Null: it was taken away from whoever had it, and they know.
  staff_id        uuid,
  starts_at       timestamptz(3) NOT NULL,
  ends_at         timestamptz(3) NOT NULL,
  CONSTRAINT shift_notice_interval_ordered CHECK (starts_at < ends_at)
);
CREATE INDEX shift_notice_organisation_id_clinic_id_idx ON shift_notice (organisation_id, clinic_id);
CREATE INDEX shift_notice_organisation_id_staff_id_idx ON shift_notice (organisation_id, staff_id);
CREATE INDEX shift_notice_clinic_id_shift_id_idx ON shift_notice (clinic_id, shift_id);
ALTER TABLE shift_notice
  ADD CONSTRAINT shift_notice_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT shift_notice_organisation_id_staff_id_fkey FOREIGN KEY (organisation_id, staff_id)
    REFERENCES staff_profile (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT shift_notice_clinic_id_shift_id_fkey FOREIGN KEY (clinic_id, shift_id)
    REFERENCES roster_shift (clinic_id, id) ON DELETE CASCADE ON UPDATE RESTRICT;

SELECT protect_tenant('shift_notice', 'clinic', 'SELECT, INSERT, UPDATE, DELETE', '', '', '');

-- Shifts that are published already are known, and nobody is told of them now.
INSERT INTO shift_notice (shift_id, organisation_id, clinic_id, staff_id, starts_at, ends_at)
SELECT s.id, s.organisation_id, s.clinic_id, s.staff_id, s.starts_at, s.ends_at
FROM roster_shift s JOIN roster r ON r.clinic_id = s.clinic_id AND r.week_start = s.week_start AND r.status = 'published'
WHERE s.ends_at > now() AND s.status = 'planned' AND s.staff_id IS NOT NULL;

RESET ROLE;
