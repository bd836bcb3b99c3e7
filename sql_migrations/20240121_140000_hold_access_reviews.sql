-- A signature under who held what must still say the same years later. What an account leaves open when it is deactivated
-- is counted here, since whoever deactivates it need not be able to see any of it.
-- Migration: Hold reviews of access
-- Date: 2024-01-21
-- Description: Signed reviews of access are append-only; counts of what an account has open, and nothing of it
-- Depends: compliance.0002_care_relationship
-- Depends: appointments.0001_initial

BEGIN;

SELECT restrict_deletes('access_reviews');
SELECT audit_table('access_reviews', 'compliance.accessreview');
SELECT grant_application('SELECT, INSERT', 'access_reviews');

CREATE FUNCTION hold_access_reviews() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE check_violation USING
        MESSAGE = 'a signed review of access stands as it was signed',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'access_reviews_stand';
END $$;

CREATE TRIGGER hold_access_reviews BEFORE UPDATE OR DELETE ON access_reviews
    FOR EACH ROW EXECUTE FUNCTION hold_access_reviews();
ALTER TABLE access_reviews ENABLE ALWAYS TRIGGER hold_access_reviews;

CREATE FUNCTION access_open_care(account bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT count(*) FROM care_relationships
    WHERE user_id = account AND starts_at <= statement_timestamp()
        AND (ends_at IS NULL OR ends_at > statement_timestamp());
END;

CREATE FUNCTION access_open_appointments(account bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT count(*) FROM providers JOIN appointments ON appointments.provider_id = providers.id
    WHERE providers.user_id = account AND appointments.ends_at > statement_timestamp()
        AND appointments.status IN ('proposed', 'pending', 'booked', 'arrived', 'checked-in', 'waitlist')
$$;

COMMENT ON FUNCTION hold_access_reviews() IS
    'Refuses to change or delete a signed review of access.';
COMMENT ON FUNCTION access_open_care(bigint) IS
    'How many care relationships of an account hold now.';
COMMENT ON FUNCTION access_open_appointments(bigint) IS
    'How many appointments with the provider of an account are still to come.';

COMMIT;
