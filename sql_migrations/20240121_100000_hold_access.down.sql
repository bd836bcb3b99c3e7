-- Nothing asks any more who may see whom; the rules stay where they are.

BEGIN;

DROP FUNCTION end_access_guard(regclass);
DROP FUNCTION access_guard(regclass, text);
DROP TRIGGER hold_break_glass ON break_glass_grants;
DROP FUNCTION hold_break_glass();
DROP FUNCTION patients_named(text);
DROP FUNCTION access_patient_of(text, bigint);
DROP FUNCTION busy_times(bigint, timestamptz, timestamptz);
DROP FUNCTION access_whom(text, text);
DROP FUNCTION access_everybody(text, text);
DROP FUNCTION access_whom(bigint, text, text, text);
DROP FUNCTION access_everybody(bigint, text, text, text);
DROP FUNCTION access_now();
DROP FUNCTION access_permits(bigint, text, text, bigint);
DROP FUNCTION access_patients(bigint, text[]);
DROP FUNCTION access_reach(bigint, text, text, text);
DROP FUNCTION access_rules_of(bigint, text);

COMMIT;
