-- Staff are kept by SQL alone. One transaction, with a way back that is derived.
-- Migration: Create the staff table
BEGIN;
CREATE TYPE staff_shift AS ENUM ('day', 'late');
CREATE TABLE staff (
    id integer PRIMARY KEY,
    name text NOT NULL,
    shift staff_shift NOT NULL DEFAULT 'day'
);
CREATE INDEX staff_name ON staff (lower(name));
COMMENT ON TABLE staff IS 'People; on duty by shift';
CREATE FUNCTION staff_count() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM staff; $$;
COMMIT;
