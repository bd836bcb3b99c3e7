-- Accounts are no longer logged, and can be deleted. What was logged stays.

BEGIN;

DROP INDEX user_audit_log_by;
DROP INDEX user_audit_log_newest;
DROP TRIGGER keep_accounts ON users;
DROP FUNCTION keep_accounts();
DROP TRIGGER log_role_besides ON users_groups;
DROP FUNCTION log_role_besides();
DROP TRIGGER log_account_change ON users;
DROP FUNCTION log_account_change();

COMMIT;
