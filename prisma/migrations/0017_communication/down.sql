SET ROLE chiron_migrator;

DROP TABLE visit_notice;
DROP TABLE message_settings;
DROP TABLE client_preference;
DROP TABLE notification;
DROP TABLE message;
DROP TABLE message_template;
DROP TABLE message_rule;
SELECT pgboss.delete_queue('message-drain');
SELECT pgboss.delete_queue('message-send');
SELECT pgboss.delete_queue('message-plan');

RESET ROLE;
