-- Leaves the tables as they are, shown to whoever may read them at all.

BEGIN;

SELECT end_access_guard('patients');
SELECT end_access_guard('insurance_info');
SELECT end_access_guard('allergies');
SELECT end_access_guard('appointments');
SELECT end_access_guard('encounters');
SELECT end_access_guard('medical_records');
SELECT end_access_guard('prescriptions');
SELECT end_access_guard('care_relationships');
SELECT end_access_guard('break_glass_grants');

COMMIT;
