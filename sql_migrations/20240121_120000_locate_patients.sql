-- Staff must find a patient who is not in their care: at the front desk, so that nobody gets a second record, and in an
-- emergency. They are shown a name, a birth date and a record number, and nothing that is kept under it.
-- Migration: Locate patients
-- Date: 2024-01-21
-- Description: locate_patients, which shows little of everybody to who may ask, past row-level security
-- Depends: patients.0001_initial

BEGIN;

-- By record number, or by the beginning of a family name in any case together with a birth date. Either alone would let
-- people browse: whoever knows both, or the number, has the person or their papers before them. At most twenty are
-- shown; of merged records the one that goes on. SECURITY DEFINER, so it asks itself whether whoever acts may.
CREATE FUNCTION locate_patients(family text, born date, number text)
    RETURNS TABLE (patient bigint, family_name text, given_name text, birth_date date, mrn text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    who CONSTANT record := access_now();
    found bigint[];
BEGIN
    IF NOT access_permits(who.account, who.purpose, 'patients.locate_patient', NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'whoever acts may not find patients who are not in their care';
    END IF;
    IF number IS NOT NULL THEN
        found := ARRAY(SELECT id FROM patients WHERE mrn = number LIMIT 20);
    ELSIF born IS NOT NULL AND length(family) >= 2 THEN
        found := ARRAY(
            SELECT id FROM patients
            WHERE birth_date = born AND starts_with(upper(family_name), upper(family))
            LIMIT 20
        );
    ELSE
        RAISE invalid_parameter_value USING
            MESSAGE = 'a patient is found by record number, or by family name together with birth date';
    END IF;
    RETURN QUERY
        SELECT id, family_name::text, given_name::text, birth_date, mrn::text
        FROM patients
        WHERE id IN (SELECT records_of_person(VARIADIC found)) AND merged_into_id IS NULL
        ORDER BY family_name, given_name, id;
END $$;
COMMENT ON FUNCTION locate_patients(text, date, text) IS
    'Name, birth date and record number of at most twenty patients, for who may find those not in their care.';

COMMIT;
