-- That somebody was told of an emergency, and when they acknowledged it, is evidence as the emergency itself is.
-- Migration: Hold notices of emergencies
-- Date: 2024-01-21
-- Description: A notice stays, and is acknowledged once; who opened a chart sees that they did; all records of a person
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

SELECT restrict_deletes('notices');

CREATE FUNCTION hold_notices() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.recipient_id, NEW.grant_id, NEW.created_at)
            = (OLD.id, OLD.recipient_id, OLD.grant_id, OLD.created_at)
        AND (OLD.acknowledged_at IS NULL OR NEW.acknowledged_at = OLD.acknowledged_at)
        AND (OLD.mailed_at IS NULL OR NEW.mailed_at = OLD.mailed_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE check_violation USING
        MESSAGE = 'a notice of an emergency stands as it was',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'notices_stand';
END $$;

CREATE TRIGGER hold_notices BEFORE UPDATE OR DELETE ON notices
    FOR EACH ROW EXECUTE FUNCTION hold_notices();

-- Who opened a chart sees that they did, also when it is closed again and its patient is out of their reach. PostgreSQL
-- asks the same of a row that INSERT … RETURNING hands back: the functions of the other policy do not see it yet.
CREATE POLICY access_read_own ON break_glass_grants FOR SELECT
    USING (user_id = (SELECT account FROM access_now()));
-- And nobody opens one in the name of somebody else.
CREATE POLICY access_by_oneself ON break_glass_grants AS RESTRICTIVE FOR INSERT
    WITH CHECK (user_id = (SELECT account FROM access_now()));

-- All records of one person by any of them, the one that goes on first; empty when there is none. What asks need not be
-- able to see them, and is told no more than their keys.
CREATE FUNCTION access_person(patient bigint) RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    WITH RECURSIVE onward AS (
        SELECT id, merged_into_id FROM patients WHERE id = patient
        UNION
        SELECT patients.id, patients.merged_into_id FROM patients JOIN onward ON patients.id = onward.merged_into_id
    ), person AS (
        SELECT id, 0 AS step FROM onward WHERE merged_into_id IS NULL
        UNION ALL
        SELECT patients.id, step + 1 FROM patients JOIN person ON patients.merged_into_id = person.id
    )
    SELECT coalesce(array_agg(id ORDER BY step, id), '{}') FROM person;
END;

COMMENT ON FUNCTION hold_notices() IS
    'Refuses to change or delete a notice of an emergency, but to acknowledge it once.';
COMMENT ON FUNCTION access_person(bigint) IS
    'The keys of all records of one person, the one that goes on first.';

COMMIT;
