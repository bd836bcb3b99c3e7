-- Leaves the tables as they are, without audit.

BEGIN;

DROP TRIGGER zz_audit_row ON patients;
DROP TRIGGER refuse_truncate ON patients;
DROP TRIGGER zz_audit_row ON insurance_info;
DROP TRIGGER refuse_truncate ON insurance_info;
DROP TRIGGER zz_audit_row ON allergies;
DROP TRIGGER refuse_truncate ON allergies;
DROP TRIGGER zz_audit_row ON providers;
DROP TRIGGER refuse_truncate ON providers;
DROP TRIGGER zz_audit_row ON provider_availability;
DROP TRIGGER refuse_truncate ON provider_availability;
DROP TRIGGER zz_audit_row ON locations;
DROP TRIGGER refuse_truncate ON locations;
DROP TRIGGER zz_audit_row ON appointments;
DROP TRIGGER refuse_truncate ON appointments;
DROP TRIGGER zz_audit_row ON encounters;
DROP TRIGGER refuse_truncate ON encounters;
DROP TRIGGER zz_audit_row ON medical_records;
DROP TRIGGER refuse_truncate ON medical_records;
DROP TRIGGER zz_audit_row ON prescriptions;
DROP TRIGGER refuse_truncate ON prescriptions;
DROP TRIGGER zz_audit_row ON care_relationships;
DROP TRIGGER refuse_truncate ON care_relationships;
DROP TRIGGER zz_audit_row ON users;
DROP TRIGGER refuse_truncate ON users;
DROP TRIGGER zz_audit_row ON users_groups;
DROP TRIGGER refuse_truncate ON users_groups;
DROP TRIGGER zz_audit_row ON users_user_permissions;
DROP TRIGGER refuse_truncate ON users_user_permissions;
DROP TRIGGER zz_audit_row ON auth_group;
DROP TRIGGER refuse_truncate ON auth_group;
DROP TRIGGER zz_audit_row ON auth_group_permissions;
DROP TRIGGER refuse_truncate ON auth_group_permissions;

COMMIT;
