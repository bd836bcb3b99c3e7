-- Takes the trail away with all that it holds. Export what must be kept first.

BEGIN;

DROP TRIGGER refuse_truncate ON user_audit_log;
DROP TRIGGER refuse_change ON user_audit_log;
DROP FUNCTION audit_make_partitions(integer);
DROP TABLE audit_logs;
DROP SEQUENCE audit_logs_id_seq;
DROP FUNCTION refuse_forged_entry();
DROP FUNCTION refuse_change_of_trail();
DROP SCHEMA audit_partitions;

COMMIT;
