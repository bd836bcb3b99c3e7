-- Every table with rows of patients. The trails and the accounts have their own rules.
-- Migration: Put the tables of patients under row-level security
-- Date: 2024-01-21
-- Description: Each row is shown to, and written by, whom the policy lets reach its patient
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

SELECT access_guard('patients', 'id');
SELECT access_guard('insurance_info', 'patient_id');
SELECT access_guard('allergies', 'patient_id');
SELECT access_guard('appointments', 'patient_id');
SELECT access_guard('encounters', 'patient_id');
SELECT access_guard('medical_records', 'patient_id');
SELECT access_guard('prescriptions', 'patient_id');
SELECT access_guard('care_relationships', 'patient_id');
SELECT access_guard('break_glass_grants', 'patient_id');

COMMIT;
