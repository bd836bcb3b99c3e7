-- A note that hangs on another patient's encounter shows up in the wrong chart. A foreign key over both columns, key and
-- patient, makes that impossible; Django's foreign keys have one column.
-- Migration: Keep rows with their patient
-- Date: 2024-01-18
-- Description: What refers to another row of a chart refers to a row of the same patient
-- Depends: records.0001_initial

BEGIN;

ALTER TABLE appointments ADD CONSTRAINT appointments_with_patient UNIQUE (id, patient_id);
ALTER TABLE encounters ADD CONSTRAINT encounters_with_patient UNIQUE (id, patient_id);
ALTER TABLE medical_records ADD CONSTRAINT medical_records_with_patient UNIQUE (id, patient_id);
ALTER TABLE prescriptions ADD CONSTRAINT prescriptions_with_patient UNIQUE (id, patient_id);

ALTER TABLE appointments ADD CONSTRAINT appointments_replaces_same_patient
    FOREIGN KEY (rescheduled_from_id, patient_id) REFERENCES appointments (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE encounters ADD CONSTRAINT encounters_same_patient
    FOREIGN KEY (appointment_id, patient_id) REFERENCES appointments (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE medical_records ADD CONSTRAINT medical_records_same_patient
    FOREIGN KEY (encounter_id, patient_id) REFERENCES encounters (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE medical_records ADD CONSTRAINT medical_records_amends_same_patient
    FOREIGN KEY (amends_id, patient_id) REFERENCES medical_records (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE prescriptions ADD CONSTRAINT prescriptions_same_patient
    FOREIGN KEY (encounter_id, patient_id) REFERENCES encounters (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE prescriptions ADD CONSTRAINT prescriptions_record_same_patient
    FOREIGN KEY (medical_record_id, patient_id) REFERENCES medical_records (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE prescriptions ADD CONSTRAINT prescriptions_renews_same_patient
    FOREIGN KEY (prior_prescription_id, patient_id) REFERENCES prescriptions (id, patient_id) ON DELETE RESTRICT;

COMMIT;
