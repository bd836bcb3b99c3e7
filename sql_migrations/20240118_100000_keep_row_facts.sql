-- When two people open one chart, the second to save must not undo what the first wrote; and a time that an
-- application says of itself is not evidence. The database therefore keeps the version and the times of each row.
-- Migration: Keep the version and the times of every clinical row
-- Date: 2024-01-18
-- Description: One trigger on each table of a ClinicalModel
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

-- An update may leave the version out, or carry the one that it read; if the row has moved on since, it is refused. An
-- update that changes nothing leaves the row as it is. SECURITY DEFINER, as all rules: they must not depend on what the
-- caller may see.
CREATE FUNCTION keep_row_facts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        NEW.created_at := now();
        NEW.updated_at := now();
        RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id OR NEW.uid <> OLD.uid OR NEW.created_at <> OLD.created_at THEN
        RAISE check_violation USING
            MESSAGE = format('the keys of a row of %s, and when it was made, do not change', TG_TABLE_NAME),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_identity_stays';
    END IF;
    IF NEW.version <> OLD.version THEN
        RAISE check_violation USING
            MESSAGE = format('a row of %s has changed since it was read', TG_TABLE_NAME),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_changed_meanwhile';
    END IF;
    NEW.updated_at := OLD.updated_at;
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END $$;

-- Named to run last: triggers run in the order of their names, and this one must see what the others changed.
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON patients
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON insurance_info
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON allergies
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON providers
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON provider_availability
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON locations
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON appointments
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON encounters
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON medical_records
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON prescriptions
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON care_relationships
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON break_glass_grants
    FOR EACH ROW EXECUTE FUNCTION keep_row_facts();

COMMIT;
