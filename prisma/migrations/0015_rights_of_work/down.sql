SET ROLE chiron_migrator;

DO $$ BEGIN
IF EXISTS (SELECT FROM role_grant) THEN
DELETE FROM role_grant WHERE permission IN ('attendance:read', 'attendance:record', 'attendance:manage', 'credential:read', 'credential:manage', 'message:read', 'message:manage', 'shift:trade', 'time-off:read', 'time-off:request', 'wellbeing:read', 'wellbeing:record');
END IF;
END $$;
DELETE FROM permission WHERE code IN ('attendance:read', 'attendance:record', 'attendance:manage', 'credential:read', 'credential:manage', 'message:read', 'message:manage', 'shift:trade', 'time-off:read', 'time-off:request', 'wellbeing:read', 'wellbeing:record');

RESET ROLE;
