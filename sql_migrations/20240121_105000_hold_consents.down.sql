-- Leaves consents as they are, held by nobody.

BEGIN;

SELECT revoke_application('consent_records', 'consent_provisions', 'consent_rules');
SELECT end_access_guard('consent_provisions');
SELECT end_access_guard('consent_records');
SELECT end_audit('consent_rules');
SELECT end_audit('consent_provisions');
SELECT end_audit('consent_records');
DROP TRIGGER keep_provision_effects ON consent_provisions;
DROP FUNCTION keep_provision_effects();
DROP TRIGGER hold_consent_provisions ON consent_provisions;
DROP FUNCTION hold_consent_provisions();
DROP TRIGGER keep_consent_effects ON consent_records;
DROP FUNCTION keep_consent_effects();
DROP TRIGGER share_consents_of_merged ON patients;
DROP FUNCTION share_consents_of_merged();
DROP FUNCTION share_consents(bigint, timestamptz);
DROP FUNCTION sorted_names(text[]);
DROP FUNCTION consent_kind(text, text[]);
DROP TRIGGER refuse_merged_patient ON consent_records;
DROP TRIGGER hold_consent_versions ON consent_records;
DROP FUNCTION hold_consent_versions();
DROP FUNCTION hold_person(bigint);
DROP FUNCTION consent_may_become(text, text);
DROP TRIGGER hold_consents ON consent_provisions;
DROP TRIGGER hold_consents ON consent_records;
DROP FUNCTION hold_consents();
ALTER TABLE consent_provisions DROP CONSTRAINT consent_provisions_same_patient;
ALTER TABLE consent_records DROP CONSTRAINT consent_records_with_patient;
ALTER TABLE consent_records DROP CONSTRAINT consent_records_same_patient;

COMMIT;
