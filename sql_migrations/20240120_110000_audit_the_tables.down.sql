-- Leaves the tables as they are, without audit.

BEGIN;

SELECT end_audit('patients');
SELECT end_audit('insurance_info');
SELECT end_audit('allergies');
SELECT end_audit('providers');
SELECT end_audit('provider_availability');
SELECT end_audit('locations');
SELECT end_audit('appointments');
SELECT end_audit('encounters');
SELECT end_audit('medical_records');
SELECT end_audit('prescriptions');
SELECT end_audit('care_relationships');
SELECT end_audit('break_glass_grants');
SELECT end_audit('access_rules');
SELECT end_audit('users');
SELECT end_audit('users_groups');
SELECT end_audit('users_user_permissions');
SELECT end_audit('auth_group');
SELECT end_audit('auth_group_permissions');

COMMIT;
