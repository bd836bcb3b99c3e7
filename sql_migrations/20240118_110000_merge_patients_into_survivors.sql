-- One person with two records is one of the most common harms of a registry: the allergy stands in the other chart. A
-- merge points from the record that ends to the one that goes on, moves nothing, and can therefore be undone exactly.
-- Migration: Merge patients into survivors only
-- Date: 2024-01-18
-- Description: No merge into a merged record, so no circle; a merged record's chart takes nothing new
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

-- The survivor is locked: of two merges that would close a circle, each waits for the other, and PostgreSQL ends one.
CREATE FUNCTION merge_into_survivor() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    survivor patients.merged_into_id%TYPE;
BEGIN
    SELECT merged_into_id INTO survivor FROM patients WHERE id = NEW.merged_into_id FOR UPDATE;
    IF survivor IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'the record to merge into has itself been merged',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'patients_merged_into_a_survivor';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER merge_into_survivor BEFORE INSERT OR UPDATE OF merged_into_id ON patients
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION merge_into_survivor();

-- What is written for a record that was merged a moment ago would be seen by nobody who opens the one that goes on. The
-- lock is shared: writers do not wait for each other, only for a merge.
CREATE FUNCTION refuse_merged_patient() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    survivor patients.merged_into_id%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.patient_id = OLD.patient_id AND TG_NARGS = 0 THEN
        RETURN NEW;
    END IF;
    SELECT merged_into_id INTO survivor FROM patients WHERE id = NEW.patient_id FOR SHARE;
    IF survivor IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = format('%s: the patient''s record has been merged into another', TG_TABLE_NAME),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_patient_current';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON insurance_info
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON allergies
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON appointments
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON encounters
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
-- An amendment goes where the record is that it amends, and does not become a record of its own there.
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON medical_records
    FOR EACH ROW WHEN (NEW.amends_id IS NULL) EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient_once_no_amendment BEFORE UPDATE OF amends_id ON medical_records
    FOR EACH ROW WHEN (OLD.amends_id IS NOT NULL AND NEW.amends_id IS NULL)
    EXECUTE FUNCTION refuse_merged_patient('also with the same patient');
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON prescriptions
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON care_relationships
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT OR UPDATE OF patient_id ON break_glass_grants
    FOR EACH ROW EXECUTE FUNCTION refuse_merged_patient();

COMMIT;
