-- A moment without a time zone is a guess, a 32-bit key runs out, and a flag that may be NULL is read as "no" by one
-- query and as "yes" by the next. The tables are new, so it costs nothing to be exact now.
-- Migration: Give the account tables exact types
-- Date: 2024-01-16
-- Description: bigint keys, timestamptz (existing times are read as UTC), NOT NULL with defaults
--
-- Unknown names and phone numbers become the empty string: one way of saying nothing. A NULL flag or time is not
-- repaired but refused: whether such an account was active is for a person to decide.

BEGIN;

ALTER TABLE users
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN first_name TYPE varchar(100) USING coalesce(first_name, ''),
    ALTER COLUMN first_name SET DEFAULT '',
    ALTER COLUMN first_name SET NOT NULL,
    ALTER COLUMN last_name TYPE varchar(100) USING coalesce(last_name, ''),
    ALTER COLUMN last_name SET DEFAULT '',
    ALTER COLUMN last_name SET NOT NULL,
    ALTER COLUMN phone TYPE varchar(20) USING coalesce(phone, ''),
    ALTER COLUMN phone SET DEFAULT '',
    ALTER COLUMN phone SET NOT NULL,
    ALTER COLUMN created_at TYPE timestamptz USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at TYPE timestamptz USING updated_at AT TIME ZONE 'UTC',
    ALTER COLUMN updated_at SET NOT NULL,
    ALTER COLUMN last_login TYPE timestamptz USING last_login AT TIME ZONE 'UTC',
    ALTER COLUMN is_active SET NOT NULL,
    ALTER COLUMN email_verified SET NOT NULL;

ALTER SEQUENCE users_id_seq AS bigint;

ALTER TABLE user_audit_log
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN user_id TYPE bigint,
    ALTER COLUMN changed_by TYPE bigint,
    ALTER COLUMN created_at TYPE timestamptz USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at SET NOT NULL;

ALTER SEQUENCE user_audit_log_id_seq AS bigint;

COMMIT;
