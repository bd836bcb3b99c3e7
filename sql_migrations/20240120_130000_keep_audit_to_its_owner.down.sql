-- Gives PUBLIC what PostgreSQL gives it of every new function. Of the tables it gives nothing.

BEGIN;

GRANT EXECUTE ON FUNCTION audit_row() TO PUBLIC;
GRANT EXECUTE ON FUNCTION audit_table(regclass, text, text, text[], text[]) TO PUBLIC;
GRANT EXECUTE ON FUNCTION end_audit(regclass) TO PUBLIC;
GRANT EXECUTE ON FUNCTION record_audit_change(regclass, text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION audit_make_partitions(integer) TO PUBLIC;
GRANT EXECUTE ON FUNCTION log_account_change() TO PUBLIC;
GRANT EXECUTE ON FUNCTION keep_accounts() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_change_of_trail() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_forged_entry() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_truncate() TO PUBLIC;

COMMIT;
