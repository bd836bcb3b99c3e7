-- Who read the record that was merged read what is now in the other one's chart. Whoever asks about a person asks about
-- all of their records, whichever of them is named.
-- Migration: Tell the records of a person
-- Date: 2024-01-22
-- Description: records_of_person, for charts, for the trail and for its export
-- Depends: patients.0001_initial

BEGIN;

-- From a record to the one that goes on in its place, and from there to all that were merged into it. A survivor may be
-- merged later, so that either way can be many steps long. SECURITY DEFINER: who inspects the trail may see no patient,
-- and learns keys here, nothing else.
CREATE FUNCTION records_of_person(VARIADIC records bigint[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 2 SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH RECURSIVE onward AS (
        SELECT id, merged_into_id FROM patients WHERE id = ANY (records)
        UNION
        SELECT patients.id, patients.merged_into_id FROM patients JOIN onward ON patients.id = onward.merged_into_id
    ), same_person AS (
        SELECT id, 0 AS step FROM onward WHERE merged_into_id IS NULL
        UNION
        SELECT patients.id, step + 1 FROM patients JOIN same_person ON patients.merged_into_id = same_person.id
    )
    SELECT id FROM same_person ORDER BY step, id
$$;
COMMENT ON FUNCTION records_of_person(bigint[]) IS
    'Keys of all records of the persons of these: first those that go on, then what was merged into them.';

COMMIT;
