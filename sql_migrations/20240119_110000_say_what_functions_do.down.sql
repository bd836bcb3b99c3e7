-- The way back: no comments, as before.

BEGIN;

COMMENT ON FUNCTION luhn_is_valid(text) IS NULL;
COMMENT ON FUNCTION npi_is_valid(text) IS NULL;
COMMENT ON FUNCTION dea_is_valid(text) IS NULL;
COMMENT ON FUNCTION verhoeff_is_valid(text) IS NULL;
COMMENT ON FUNCTION code_is_valid(text, text) IS NULL;
COMMENT ON FUNCTION within_six_months(text, date, date) IS NULL;
COMMENT ON FUNCTION is_sha256(bytea) IS NULL;
COMMENT ON FUNCTION appointment_may_become(text, text) IS NULL;
COMMENT ON FUNCTION prescription_may_become(text, text) IS NULL;
COMMENT ON FUNCTION restrict_deletes(regclass[]) IS NULL;
COMMENT ON FUNCTION keep_row_facts() IS NULL;
COMMENT ON FUNCTION merge_into_survivor() IS NULL;
COMMENT ON FUNCTION refuse_merged_patient() IS NULL;
COMMENT ON FUNCTION follow_appointment_status() IS NULL;
COMMENT ON FUNCTION book_only_rooms() IS NULL;
COMMENT ON FUNCTION know_time_zone() IS NULL;
COMMENT ON FUNCTION hold_signed() IS NULL;
COMMENT ON FUNCTION end_signed_record() IS NULL;
COMMENT ON FUNCTION amend_only_signed() IS NULL;
COMMENT ON FUNCTION prescribe_with_dea() IS NULL;
COMMENT ON FUNCTION follow_prescription_status() IS NULL;
COMMENT ON FUNCTION place_outside_itself() IS NULL;

COMMIT;
