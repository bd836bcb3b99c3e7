-- A visit that was fulfilled cannot be waiting again, and a corridor cannot be booked: an appointment that says so is
-- wrong whoever wrote it.
-- Migration: Hold the rules of booking that need to look at another row
-- Date: 2024-01-19
-- Description: Legal status transitions, rooms that are rooms, no circle of places, hours that do not overlap
-- Depends: appointments.0001_initial
-- Depends: providers.0001_initial

BEGIN;

CREATE FUNCTION follow_appointment_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT appointment_may_become(OLD.status, NEW.status) THEN
        RAISE check_violation USING
            MESSAGE = 'an appointment cannot go from its status to that one',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'appointments_status_follows';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follow_appointment_status BEFORE UPDATE OF status ON appointments
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION follow_appointment_status();

CREATE FUNCTION book_only_rooms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.room_id = OLD.room_id THEN
        RETURN NEW;
    END IF;
    PERFORM FROM locations WHERE id = NEW.room_id AND kind IN ('ro', 'bd') AND status = 'active' FOR SHARE;
    IF NOT FOUND THEN
        RAISE check_violation USING
            MESSAGE = 'only an active room or bed can be had for an appointment',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'appointments_room_is_a_room';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER book_only_rooms BEFORE INSERT OR UPDATE OF room_id ON appointments
    FOR EACH ROW WHEN (NEW.room_id IS NOT NULL) EXECUTE FUNCTION book_only_rooms();

-- A floor that is in a room of that same floor makes a list of places that never ends. One at a time: two such changes
-- at once would each see a tree without a circle.
CREATE FUNCTION place_outside_itself() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('locations'::regclass::bigint);
    PERFORM FROM (
        WITH RECURSIVE around (id) AS (
            SELECT NEW.part_of_id
            UNION
            SELECT l.part_of_id FROM locations l JOIN around USING (id)
        )
        SELECT FROM around WHERE id = NEW.id
    ) AS found;
    IF FOUND THEN
        RAISE check_violation USING
            MESSAGE = 'a place is in itself, through the places that it is in',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'locations_outside_itself';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER place_outside_itself BEFORE INSERT OR UPDATE OF part_of_id ON locations
    FOR EACH ROW WHEN (NEW.part_of_id <> NEW.id) EXECUTE FUNCTION place_outside_itself();

-- PostgreSQL has no range of times of the day; a day that stands for any day makes one.
ALTER TABLE provider_availability ADD CONSTRAINT provider_availability_hours_once EXCLUDE USING gist (
    provider_id WITH =,
    weekday WITH =,
    daterange(valid_from, valid_until, '[]') WITH &&,
    tsrange(date '2000-01-03' + starts_at, date '2000-01-03' + ends_at) WITH &&
);

-- AT TIME ZONE takes a name in any case, and makes up a zone for one such as Foo/Bar+5; Python does neither. The view
-- opens some 600 files each time, 10 ms and more: a name that stands in a row has been looked up before.
CREATE FUNCTION know_time_zone() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM FROM provider_availability WHERE time_zone = NEW.time_zone LIMIT 1;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    PERFORM FROM pg_timezone_names WHERE name = NEW.time_zone;
    IF NOT FOUND THEN
        RAISE check_violation USING
            MESSAGE = 'the time zone is not known',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'provider_availability_zone_known';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER know_time_zone BEFORE INSERT OR UPDATE OF time_zone ON provider_availability
    FOR EACH ROW EXECUTE FUNCTION know_time_zone();

COMMIT;
