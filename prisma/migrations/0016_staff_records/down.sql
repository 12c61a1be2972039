SET ROLE chiron_migrator;

DO $$ BEGIN
IF EXISTS (SELECT FROM role_grant) THEN
DELETE FROM role_grant g USING role r WHERE r.organisation_id = g.organisation_id AND r.id = g.role_id AND g.permission = 'wellbeing:record' AND g.condition = 'own'
  AND r.code IN ('veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer');
END IF;
END $$;

CREATE OR REPLACE FUNCTION find_sign_in(address text) RETURNS TABLE (user_id uuid, organisation_id uuid, password_hash text, is_active boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
  SELECT id, organisation_id, password_hash, is_active FROM app_user WHERE email = lower(address)
$$;
DROP TRIGGER end_sessions_with_employment ON staff_profile;
DROP FUNCTION end_sessions_with_employment();
UPDATE session SET revoked_reason = 'deactivated' WHERE revoked_reason = 'employment_ended';
ALTER TABLE session DROP CONSTRAINT session_revocation_known;
ALTER TABLE session ADD CONSTRAINT session_revocation_known
  CHECK (revoked_reason IN ('signed_out', 'signed_out_everywhere', 'reuse_detected', 'idle', 'deactivated', 'password_changed'));

SELECT pgboss.delete_queue('field-rotation');

DROP TABLE staff_task, wellbeing_flag, attendance_entry, adverse_action, credential_verification, staff_credential;
ALTER TABLE staff_profile DROP COLUMN manager_id, DROP COLUMN department, DROP COLUMN employment_type;

RESET ROLE;
