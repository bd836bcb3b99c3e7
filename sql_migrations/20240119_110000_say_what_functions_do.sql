-- A DBA who finds a trigger in psql should not have to look for the file that made it. The catalogue says what each
-- function is for; the data dictionary reads it from there. A later function brings its comment in its own file.
-- Migration: Say what functions do
-- Date: 2024-01-19
-- Description: A comment on every function of the healthcare tables

BEGIN;

COMMENT ON FUNCTION luhn_is_valid(text) IS
    'Whether the last digit is the Luhn check digit of those before it.';
COMMENT ON FUNCTION npi_is_valid(text) IS
    'Whether a National Provider Identifier has its form and check digit.';
COMMENT ON FUNCTION dea_is_valid(text) IS
    'Whether a DEA number has its form and check digit.';
COMMENT ON FUNCTION verhoeff_is_valid(text) IS
    'Whether the last digit is the Verhoeff check digit of those before it, as in SNOMED CT.';
COMMENT ON FUNCTION code_is_valid(text, text) IS
    'Whether a code has the form, and the check digit, that its system gives to codes; not whether it exists.';
COMMENT ON FUNCTION within_six_months(text, date, date) IS
    'Whether a prescription of schedule III or IV ends within six months of its issue (21 CFR 1306.22).';
COMMENT ON FUNCTION is_sha256(bytea) IS
    'Whether a digest is as long as SHA-256 makes it.';
COMMENT ON FUNCTION appointment_may_become(text, text) IS
    'Whether an appointment may go from one status to another.';
COMMENT ON FUNCTION prescription_may_become(text, text) IS
    'Whether a prescription may go from one status to another.';
COMMENT ON FUNCTION restrict_deletes(regclass[]) IS
    'Makes every foreign key of the tables ON DELETE RESTRICT; for files that follow an ORM migration.';
COMMENT ON FUNCTION keep_row_facts() IS
    'Keeps version and times of a row, its keys as they are, and refuses a change by somebody who read an older row.';
COMMENT ON FUNCTION merge_into_survivor() IS
    'Lets a record be merged only into one that goes on, so that merges form no circle.';
COMMENT ON FUNCTION refuse_merged_patient() IS
    'Refuses new rows for a patient whose record has been merged into another.';
COMMENT ON FUNCTION follow_appointment_status() IS
    'Holds an appointment to the statuses that may follow the one it has.';
COMMENT ON FUNCTION book_only_rooms() IS
    'Lets an appointment have only an active room or bed.';
COMMENT ON FUNCTION place_outside_itself() IS
    'Refuses a place that is in itself, however many places lie between.';
COMMENT ON FUNCTION know_time_zone() IS
    'Refuses the name of a time zone that the server does not know.';
COMMENT ON FUNCTION hold_signed() IS
    'Refuses to change or delete a signed row, but for the columns that the trigger names.';
COMMENT ON FUNCTION end_signed_record() IS
    'Lets a signed record become nothing else than entered in error.';
COMMENT ON FUNCTION amend_only_signed() IS
    'Lets only a signed record be amended.';
COMMENT ON FUNCTION follow_prescription_status() IS
    'Holds a prescription to the statuses that may follow the one it has.';
COMMENT ON FUNCTION prescribe_with_dea() IS
    'Lets a controlled substance be prescribed only under a DEA registration that covers it (21 CFR 1306.03).';

COMMIT;
