-- PostgreSQL lets everybody execute a new function. Whoever may put audit_row() on a table of their own, which they name
-- as they like, writes into the trail what never happened.
-- Migration: Keep the functions of the audit to their owner
-- Date: 2024-01-20
-- Description: PUBLIC may execute none of them; triggers that stand need no right
-- Depends: compliance.0002_care_relationship

BEGIN;

REVOKE ALL ON FUNCTION audit_row() FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_table(regclass, text, text, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION end_audit(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION record_audit_change(regclass, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_make_partitions(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION log_account_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION keep_accounts() FROM PUBLIC;
REVOKE ALL ON FUNCTION refuse_change_of_trail() FROM PUBLIC;
REVOKE ALL ON FUNCTION refuse_forged_entry() FROM PUBLIC;
REVOKE ALL ON FUNCTION refuse_truncate() FROM PUBLIC;
REVOKE ALL ON audit_logs, user_audit_log FROM PUBLIC;

COMMIT;
