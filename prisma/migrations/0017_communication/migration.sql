-- Messages: rules and texts, the outbox, notifications inside the product, and what recipients do not want.
SET ROLE chiron_migrator;

-- Commits are what sends: `message-send` is sent by the transaction that writes the message, `message-drain` takes up what waited.
SELECT pgboss.create_queue('message-plan', '{"policy": "exclusive", "retryLimit": 2, "retryDelay": 30, "expireInSeconds": 900, "heartbeatSeconds": 60}');
SELECT pgboss.create_queue('message-send', '{"policy": "standard", "retryLimit": 3, "retryDelay": 10, "retryBackoff": true, "retryDelayMax": 300,
  "expireInSeconds": 600, "heartbeatSeconds": 60}');
SELECT pgboss.create_queue('message-drain', '{"policy": "exclusive", "retryLimit": 2, "retryDelay": 30, "expireInSeconds": 3600, "heartbeatSeconds": 60}');

CREATE TABLE message_rule (
  id                  uuid           NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  organisation_id     uuid           NOT NULL,
  clinic_id           uuid           NOT NULL,
  event               text           NOT NULL,
  appointment_type_id uuid,
  channel             text           NOT NULL,
  lead_minutes        integer,
  locale              text,
  template_code       text           NOT NULL,
  is_active           boolean        NOT NULL DEFAULT true,
  -- Visits that were booked earlier are not told of anew when a rule begins.
  active_since        timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  version             integer        NOT NULL DEFAULT 1,
  created_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT message_rule_event_known CHECK (event IN ('reminder', 'booked', 'moved', 'cancelled')),
  CONSTRAINT message_rule_channel_known CHECK (channel IN ('in_app', 'mail', 'sms')),
  CONSTRAINT message_rule_lead_bounded CHECK (lead_minutes >= 10 AND lead_minutes <= 43200),
  CONSTRAINT message_rule_lead_of_reminder CHECK ((lead_minutes IS NOT NULL) = (event = 'reminder')),
  CONSTRAINT message_rule_locale_known CHECK (locale IN ('es-MX', 'en')),
  CONSTRAINT message_rule_template_shape CHECK (template_code ~ '^[a-z][a-z0-9_]{2,39}$')
);
CREATE UNIQUE INDEX message_rule_clinic_id_id_key ON message_rule (clinic_id, id);
CREATE INDEX message_rule_organisation_id_clinic_id_idx ON message_rule (organisation_id, clinic_id);
CREATE INDEX message_rule_organisation_id_appointment_type_id_idx ON message_rule (organisation_id, appointment_type_id);

-- An organisation's own texts; the product's stand in the code (modules/communication/default-templates.ts).
CREATE TABLE message_template (
  id              uuid           NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  organisation_id uuid           NOT NULL,
  code            text           NOT NULL,
  channel         text           NOT NULL,
  locale          text           NOT NULL,
  subject         text,
  body            text           NOT NULL,
  version         integer        NOT NULL DEFAULT 1,
  created_at      timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at      timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT message_template_code_shape CHECK (code ~ '^[a-z][a-z0-9_]{2,39}$'),
  CONSTRAINT message_template_channel_known CHECK (channel IN ('mail', 'sms')),
  CONSTRAINT message_template_locale_known CHECK (locale IN ('es-MX', 'en')),
  CONSTRAINT message_template_subject_of_mail CHECK ((channel = 'mail') = coalesce(subject ~ '\S', false)),
  CONSTRAINT message_template_body_present CHECK (body ~ '\S')
);
CREATE UNIQUE INDEX message_template_organisation_id_code_channel_locale_key ON message_template (organisation_id, code, channel, locale);

-- The outbox. Ids and instants alone: names and addresses are read when a message is sent, and texts are made then.
CREATE TABLE message (
  id              uuid           NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  organisation_id uuid           NOT NULL,
  clinic_id       uuid           NOT NULL,
  -- Equals client_id or user_id: whom the message is about, for erasure.
  recipient_id    uuid           NOT NULL,
  client_id       uuid,
  user_id         uuid,
  channel         text           NOT NULL,
  kind            text           NOT NULL,
  template_code   text           NOT NULL,
  locale          text           NOT NULL,
  params          jsonb          NOT NULL DEFAULT '{}',
  appointment_id  uuid,
  rule_id         uuid,
  not_before      timestamptz(3) NOT NULL,
  -- Sent later, it would say what is over.
  not_after       timestamptz(3),
  status          text           NOT NULL DEFAULT 'queued',
  attempts        integer        NOT NULL DEFAULT 0,
  claimed_at      timestamptz(3),
  sent_at         timestamptz(3),
  provider_id     text,
  error_code      text,
  dedupe_key      text           NOT NULL,
  created_at      timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at      timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT message_one_recipient CHECK (num_nonnulls(client_id, user_id) = 1 AND recipient_id = coalesce(client_id, user_id)),
  CONSTRAINT message_channel_known CHECK (channel IN ('in_app', 'mail', 'sms')),
  CONSTRAINT message_in_app_for_users CHECK (channel <> 'in_app' OR user_id IS NOT NULL),
  CONSTRAINT message_kind_known CHECK (kind IN ('reminder', 'booking', 'waitlist', 'request')),
  CONSTRAINT message_template_shape CHECK (template_code ~ '^[a-z][a-z0-9_]{2,39}$'),
  CONSTRAINT message_locale_known CHECK (locale IN ('es-MX', 'en')),
  CONSTRAINT message_params_object CHECK (jsonb_typeof(params) = 'object'),
  CONSTRAINT message_window_ordered CHECK (not_after > not_before),
  CONSTRAINT message_status_known CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'suppressed', 'cancelled')),
  CONSTRAINT message_attempts_count CHECK (attempts >= 0),
  CONSTRAINT message_claim_told CHECK ((claimed_at IS NOT NULL) = (status = 'sending')),
  CONSTRAINT message_sent_told CHECK ((sent_at IS NOT NULL) = (status IN ('sent', 'delivered'))),
  CONSTRAINT message_reason_told CHECK (status NOT IN ('failed', 'suppressed', 'cancelled') OR error_code IS NOT NULL),
  CONSTRAINT message_error_shape CHECK (error_code ~ '^[A-Z][A-Z0-9_]{1,39}$'),
  CONSTRAINT message_dedupe_length CHECK (length(dedupe_key) BETWEEN 1 AND 200)
);
CREATE UNIQUE INDEX message_organisation_id_id_key ON message (organisation_id, id);
CREATE UNIQUE INDEX message_organisation_id_dedupe_key_key ON message (organisation_id, dedupe_key);
CREATE INDEX message_organisation_id_clinic_id_created_at_id_idx ON message (organisation_id, clinic_id, created_at DESC, id DESC);
CREATE INDEX message_organisation_id_clinic_id_status_not_before_idx ON message (organisation_id, clinic_id, status, not_before);
CREATE INDEX message_organisation_id_client_id_created_at_idx ON message (organisation_id, client_id, created_at DESC);
CREATE INDEX message_organisation_id_user_id_idx ON message (organisation_id, user_id);
CREATE INDEX message_clinic_id_appointment_id_idx ON message (clinic_id, appointment_id);
CREATE INDEX message_clinic_id_rule_id_idx ON message (clinic_id, rule_id);

CREATE TABLE notification (
  id              uuid           NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  organisation_id uuid           NOT NULL,
  clinic_id       uuid           NOT NULL,
  user_id         uuid           NOT NULL,
  kind            text           NOT NULL,
  params          jsonb          NOT NULL DEFAULT '{}',
  -- What it came from, once, however often that is tried; null for what a command tells at once.
  message_id      uuid,
  read_at         timestamptz(3),
  created_at      timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT notification_kind_shape CHECK (kind ~ '^[a-z][a-z0-9_]{2,39}$'),
  CONSTRAINT notification_params_object CHECK (jsonb_typeof(params) = 'object')
);
CREATE UNIQUE INDEX notification_organisation_id_message_id_key ON notification (organisation_id, message_id);
CREATE INDEX notification_organisation_id_clinic_id_idx ON notification (organisation_id, clinic_id);
CREATE INDEX notification_organisation_id_user_id_created_at_id_idx ON notification (organisation_id, user_id, created_at DESC, id DESC);

CREATE TABLE client_preference (
  client_id           uuid           NOT NULL PRIMARY KEY,
  organisation_id     uuid           NOT NULL,
  -- `<channel>:<kind>` each.
  refusals            text[]         NOT NULL DEFAULT '{}',
  quiet_from_minute   integer,
  quiet_until_minute  integer,
  version             integer        NOT NULL DEFAULT 1,
  created_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT client_preference_refusals_known CHECK (refusals <@ ARRAY[
    'mail:reminder', 'mail:booking', 'mail:waitlist', 'mail:request', 'sms:reminder', 'sms:booking', 'sms:waitlist', 'sms:request']),
  CONSTRAINT client_preference_quiet_whole CHECK (num_nonnulls(quiet_from_minute, quiet_until_minute) <> 1),
  CONSTRAINT client_preference_quiet_from_bounded CHECK (quiet_from_minute >= 0 AND quiet_from_minute <= 1439),
  CONSTRAINT client_preference_quiet_until_bounded CHECK (quiet_until_minute >= 0 AND quiet_until_minute <= 1439)
);
CREATE INDEX client_preference_organisation_id_client_id_idx ON client_preference (organisation_id, client_id);

CREATE TABLE message_settings (
  clinic_id           uuid           NOT NULL PRIMARY KEY,
  organisation_id     uuid           NOT NULL,
  -- By the clinic's wall clock; equal: no quiet hours.
  quiet_from_minute   integer        NOT NULL DEFAULT 1260,
  quiet_until_minute  integer        NOT NULL DEFAULT 480,
  version             integer        NOT NULL DEFAULT 1,
  created_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at          timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT message_settings_quiet_from_bounded CHECK (quiet_from_minute >= 0 AND quiet_from_minute <= 1439),
  CONSTRAINT message_settings_quiet_until_bounded CHECK (quiet_until_minute >= 0 AND quiet_until_minute <= 1439)
);
CREATE INDEX message_settings_organisation_id_clinic_id_idx ON message_settings (organisation_id, clinic_id);

-- What the planner has last seen of a visit: how it tells a new one, one that moved and one that was cancelled.
CREATE TABLE visit_notice (
  appointment_id  uuid           NOT NULL PRIMARY KEY,
  organisation_id uuid           NOT NULL,
  clinic_id       uuid           NOT NULL,
  starts_at       timestamptz(3) NOT NULL,
  is_cancelled    boolean        NOT NULL DEFAULT false
);
CREATE INDEX visit_notice_organisation_id_clinic_id_idx ON visit_notice (organisation_id, clinic_id);
CREATE INDEX visit_notice_clinic_id_appointment_id_idx ON visit_notice (clinic_id, appointment_id);

ALTER TABLE message_rule
  ADD CONSTRAINT message_rule_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT message_rule_organisation_id_appointment_type_id_fkey FOREIGN KEY (organisation_id, appointment_type_id)
    REFERENCES appointment_type (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE message_template
  ADD CONSTRAINT message_template_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation (id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE message
  ADD CONSTRAINT message_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT message_organisation_id_client_id_fkey FOREIGN KEY (organisation_id, client_id)
    REFERENCES client (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT message_organisation_id_user_id_fkey FOREIGN KEY (organisation_id, user_id)
    REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT message_clinic_id_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id)
    REFERENCES appointment (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT message_clinic_id_rule_id_fkey FOREIGN KEY (clinic_id, rule_id)
    REFERENCES message_rule (clinic_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE notification
  ADD CONSTRAINT notification_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT notification_organisation_id_user_id_fkey FOREIGN KEY (organisation_id, user_id)
    REFERENCES app_user (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT notification_organisation_id_message_id_fkey FOREIGN KEY (organisation_id, message_id)
    REFERENCES message (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE client_preference
  ADD CONSTRAINT client_preference_organisation_id_client_id_fkey FOREIGN KEY (organisation_id, client_id)
    REFERENCES client (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE message_settings
  ADD CONSTRAINT message_settings_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE visit_notice
  ADD CONSTRAINT visit_notice_organisation_id_clinic_id_fkey FOREIGN KEY (organisation_id, clinic_id)
    REFERENCES clinic (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT visit_notice_clinic_id_appointment_id_fkey FOREIGN KEY (clinic_id, appointment_id)
    REFERENCES appointment (clinic_id, id) ON DELETE CASCADE ON UPDATE RESTRICT;

SELECT protect_tenant('message_rule', 'clinic', 'SELECT, INSERT, UPDATE', 'MessageRule', '', 'id');
SELECT protect_tenant('message_template', 'organisation', 'SELECT, INSERT, UPDATE, DELETE', 'MessageTemplate', '', 'id');
SELECT protect_tenant('message', 'clinic', 'SELECT, INSERT, UPDATE', 'Message', 'recipient_id', 'id');
SELECT protect_tenant('notification', 'clinic', 'SELECT, INSERT, UPDATE', 'Notification', 'user_id', 'id');
SELECT protect_tenant('client_preference', 'organisation', 'SELECT, INSERT, UPDATE', 'ClientPreference', 'client_id', 'client_id');
SELECT protect_tenant('message_settings', 'clinic', 'SELECT, INSERT, UPDATE', 'MessageSettings', '', 'clinic_id');
SELECT protect_tenant('visit_notice', 'clinic', 'SELECT, INSERT, UPDATE, DELETE', '', '', '');

-- Visits that are booked already are known, and nobody is told of them now.
INSERT INTO visit_notice (appointment_id, organisation_id, clinic_id, starts_at, is_cancelled)
SELECT id, organisation_id, clinic_id, starts_at, status = 'cancelled' FROM appointment WHERE starts_at > now();

RESET ROLE;
