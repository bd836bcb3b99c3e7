-- Back to the foreign keys as Django makes them. The data cannot refuse it.

BEGIN;

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT conname, conrelid::regclass AS held, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype = 'f' AND confdeltype = 'r' AND conrelid = ANY (ARRAY[
            'patients', 'insurance_info', 'allergies', 'providers', 'provider_availability', 'locations',
            'appointments', 'encounters', 'medical_records', 'prescriptions', 'care_relationships',
            'break_glass_grants'
        ]::regclass[])
    LOOP
        EXECUTE format(
            'ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s',
            found.held, found.conname, found.conname, replace(found.definition, ' ON DELETE RESTRICT', '')
        );
    END LOOP;
END $$;

DROP FUNCTION restrict_deletes(regclass[]);

COMMIT;
