-- A patient, a provider or an account that a record speaks of is not deleted from under it. Django's foreign keys look
-- at that when the transaction ends; RESTRICT refuses the DELETE itself, also when psql sends it.
-- Migration: Restrict deletes
-- Date: 2024-01-18
-- Description: Every foreign key of the healthcare tables becomes ON DELETE RESTRICT, under its own name
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

-- Call it again, in a new file, for a table that a later migration adds. `manage.py check --database default` finds a
-- foreign key that was left out. The checks of new rows stay deferred, as Django makes them.
CREATE FUNCTION restrict_deletes(VARIADIC tables regclass[], OUT changed integer)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found record;
BEGIN
    changed := 0;
    FOR found IN
        SELECT conname, conrelid::regclass AS held, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype = 'f' AND confdeltype = 'a' AND conrelid = ANY (tables)
        ORDER BY conrelid, conname
    LOOP
        -- The definition ends with what may follow ON DELETE.
        EXECUTE format(
            'ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s',
            found.held, found.conname, found.conname,
            regexp_replace(found.definition, '( DEFERRABLE.*)?$', ' ON DELETE RESTRICT\1')
        );
        changed := changed + 1;
    END LOOP;
END $$;

SELECT restrict_deletes(
    'patients', 'insurance_info', 'allergies', 'providers', 'provider_availability', 'locations', 'appointments',
    'encounters', 'medical_records', 'prescriptions', 'care_relationships', 'break_glass_grants'
);

COMMIT;
