SET ROLE chiron_migrator;

DROP FUNCTION hours_elsewhere(uuid[], uuid, date, date);
DROP TABLE shift_swap;
DROP TABLE work_rule;
DROP TABLE coverage_need;
DROP TABLE roster_shift;
DROP TABLE roster;
DROP TABLE shift_template;
DROP TABLE weekly_break;
DROP INDEX weekly_schedule_clinic_id_staff_id_id_start_minute_end_minu_key;

RESET ROLE;
