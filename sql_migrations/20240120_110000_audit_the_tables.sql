-- Every table that holds health information, and every table that decides who may see it.
-- Migration: Put the tables under audit
-- Date: 2024-01-20
-- Description: The model's @audited says the same; `manage.py check --database default` compares the two
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

SELECT audit_table('patients', 'patients.patient', 'id');
SELECT audit_table('insurance_info', 'patients.insuranceinfo', 'patient_id');
SELECT audit_table('allergies', 'patients.allergy', 'patient_id');
SELECT audit_table('providers', 'providers.provider');
SELECT audit_table('provider_availability', 'providers.provideravailability');
SELECT audit_table('locations', 'appointments.location');
SELECT audit_table('appointments', 'appointments.appointment', 'patient_id');
SELECT audit_table('encounters', 'appointments.encounter', 'patient_id');
SELECT audit_table('medical_records', 'records.medicalrecord', 'patient_id');
SELECT audit_table('prescriptions', 'records.prescription', 'patient_id');
SELECT audit_table('care_relationships', 'compliance.carerelationship', 'patient_id');
SELECT audit_table('break_glass_grants', 'compliance.breakglassgrant', 'patient_id');
SELECT audit_table('access_rules', 'compliance.accessrule');
-- A hash is nothing about a patient, and yet nobody's business.
SELECT audit_table('users', 'compliance.user', masked => '{password_hash}');

-- Django's own tables, which carry no comments.
SELECT audit_table('users_groups', 'compliance.user_groups', also_clear => '{id, user_id, group_id}');
SELECT audit_table(
    'users_user_permissions', 'compliance.user_user_permissions', also_clear => '{id, user_id, permission_id}'
);
SELECT audit_table('auth_group', 'auth.group', also_clear => '{id, name}');
SELECT audit_table('auth_group_permissions', 'auth.group_permissions', also_clear => '{id, group_id, permission_id}');

COMMIT;
