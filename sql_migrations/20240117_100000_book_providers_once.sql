-- Two clerks who look at the same free slot both find it free. Only the database sees both bookings, so it is the one
-- that refuses the second.
-- Migration: Book no provider twice at the same time
-- Date: 2024-01-17
-- Description: Exclusion constraint over the statuses in which an appointment takes the provider's time
-- Depends: appointments.0001_initial

BEGIN;

-- It gives = on a bigint to the GiST index. The database may have it already: on some servers every one does.
CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE appointments ADD CONSTRAINT appointments_provider_booked_once
    EXCLUDE USING gist (provider_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (status IN ('booked', 'arrived', 'checked-in', 'fulfilled'));

COMMENT ON CONSTRAINT appointments_provider_booked_once ON appointments IS
    'A provider''s appointments do not overlap; one may begin at the moment when another ends.';

COMMIT;
