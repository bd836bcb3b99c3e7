-- Nothing asks for consent any more; what was recorded of it stays where it is.

BEGIN;

DROP FUNCTION consents_of(bigint[], text);
DROP FUNCTION consents_behind(text, bigint, text, bigint[]);
DROP FUNCTION consent_about(text, bigint, bigint, text, timestamptz);
SELECT end_consent_subject('patients');
SELECT end_consent_subject('insurance_info');
SELECT end_consent_subject('allergies');
SELECT end_consent_subject('appointments');
SELECT end_consent_subject('encounters');
SELECT end_consent_subject('medical_records');
SELECT end_consent_subject('prescriptions');
DROP FUNCTION encounter_of(bigint);
DROP FUNCTION medical_record_labels(text[], text, boolean);
DROP FUNCTION end_consent_subject(regclass);
DROP FUNCTION consent_subject(regclass, text, text, text, text, text, text);
DROP FUNCTION consent_lets(bigint, bigint, text, text[], text, bigint, date, bigint);
DROP FUNCTION consent_decision(bigint, bigint, text, text[], text, bigint, date, bigint, timestamptz);
DROP FUNCTION consents_in_force(bigint, text, timestamptz);
DROP FUNCTION consent_reasons(bigint, bigint, text, text[], text, timestamptz);
DROP FUNCTION consent_decision_on(text, bigint, bigint, text, text, bigint, date, bigint, timestamptz);
DROP FUNCTION consent_voices(text, bigint, bigint, text, text, bigint, date, bigint, timestamptz);
DROP FUNCTION consent_reaches(bigint, text);
DROP FUNCTION consent_emergency(bigint, bigint, timestamptz);
DROP FUNCTION consented_patients(text);
DROP FUNCTION consent_default(text);
DROP TYPE consent_outcome;

COMMIT;
