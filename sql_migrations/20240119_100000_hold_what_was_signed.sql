-- What a clinician signed is what others acted on. It stands as it was, for good; what turns out wrong is said in a new
-- row that points to it.
-- Migration: Hold what was signed
-- Date: 2024-01-19
-- Description: Signed records and prescriptions do not change; amendments; statuses of prescriptions; DEA registrations
-- Depends: records.0001_initial

BEGIN;

-- Refuses every change of a signed row but of the columns that are named as arguments, and its deletion.
CREATE FUNCTION hold_signed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE check_violation USING
        MESSAGE = format('a signed row of %s does not change', TG_TABLE_NAME),
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_signed_stands';
END $$;

-- How a row is labelled may change: a policy that protects it better must not need a new signature.
CREATE TRIGGER hold_signed BEFORE UPDATE OR DELETE ON medical_records
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL)
    EXECUTE FUNCTION hold_signed('version', 'updated_at', 'status', 'confidentiality', 'sensitivity', 'is_part2');
CREATE TRIGGER hold_signed BEFORE UPDATE OR DELETE ON prescriptions
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL)
    EXECUTE FUNCTION hold_signed(
        'version', 'updated_at', 'status', 'status_reason', 'ended_at', 'confidentiality', 'sensitivity'
    );

-- A signed record can still turn out to be a mistake as a whole. Nothing else becomes of it.
CREATE FUNCTION end_signed_record() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.status <> 'entered-in-error' THEN
        RAISE check_violation USING
            MESSAGE = 'a signed record can only be entered in error',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'medical_records_signed_stands';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER end_signed_record BEFORE UPDATE OF status ON medical_records
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL AND OLD.status <> NEW.status) EXECUTE FUNCTION end_signed_record();

CREATE FUNCTION amend_only_signed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM FROM medical_records WHERE id = NEW.amends_id AND signed_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE check_violation USING
            MESSAGE = 'only a signed record is amended',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'medical_records_amends_signed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER amend_only_signed BEFORE INSERT OR UPDATE OF amends_id ON medical_records
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amend_only_signed();

-- A prescription that was stopped is not taken up again, and a signed one is no draft any more.
CREATE FUNCTION follow_prescription_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT prescription_may_become(OLD.status, NEW.status) THEN
        RAISE check_violation USING
            MESSAGE = 'a prescription cannot go from its status to that one',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'prescriptions_status_follows';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follow_prescription_status BEFORE UPDATE OF status ON prescriptions
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION follow_prescription_status();

-- 21 CFR 1306.03: who issues a prescription for a controlled substance is registered for its schedule. It is looked at
-- when the prescription is signed, as of its day of issue; a registration that ends later does not end it.
CREATE FUNCTION prescribe_with_dea() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.signed_at IS NOT NULL THEN
        RETURN NEW; -- hold_signed keeps it as it was
    END IF;
    PERFORM FROM providers
    WHERE id = NEW.prescriber_id
        AND dea_number IS NOT NULL
        AND dea_expires_on >= NEW.authored_on
        AND NEW.dea_schedule = ANY (dea_schedules)
    FOR SHARE;
    IF NOT FOUND THEN
        RAISE check_violation USING
            MESSAGE = 'the prescriber has no DEA registration that covers this schedule on that day',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'prescriptions_prescriber_has_dea';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER prescribe_with_dea BEFORE INSERT OR UPDATE ON prescriptions
    FOR EACH ROW WHEN (NEW.dea_schedule IS NOT NULL AND NEW.signed_at IS NOT NULL)
    EXECUTE FUNCTION prescribe_with_dea();

COMMIT;
