-- That somebody was told of an emergency, and when they acknowledged it, is evidence as the emergency itself is.
-- Migration: Hold notices of emergencies
-- Date: 2024-01-21
-- Description: A notice stays, and is acknowledged once; who opened a chart sees that they did
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

COMMENT ON FUNCTION hold_notices() IS
    'Refuses to change or delete a notice of an emergency, but to acknowledge it once.';

COMMIT;
