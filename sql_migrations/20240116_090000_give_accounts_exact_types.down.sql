-- The way back to the seed's types. Keys above 2,147,483,647 make it fail, as they must: they would not fit.

BEGIN;

ALTER TABLE user_audit_log
    ALTER COLUMN id TYPE integer,
    ALTER COLUMN user_id TYPE integer,
    ALTER COLUMN changed_by TYPE integer,
    ALTER COLUMN created_at TYPE timestamp USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at DROP NOT NULL;

ALTER SEQUENCE user_audit_log_id_seq AS integer;

ALTER TABLE users
    ALTER COLUMN id TYPE integer,
    ALTER COLUMN first_name DROP NOT NULL,
    ALTER COLUMN first_name DROP DEFAULT,
    ALTER COLUMN first_name TYPE varchar(100) USING nullif(first_name, ''),
    ALTER COLUMN last_name DROP NOT NULL,
    ALTER COLUMN last_name DROP DEFAULT,
    ALTER COLUMN last_name TYPE varchar(100) USING nullif(last_name, ''),
    ALTER COLUMN phone DROP NOT NULL,
    ALTER COLUMN phone DROP DEFAULT,
    ALTER COLUMN phone TYPE varchar(20) USING nullif(phone, ''),
    ALTER COLUMN created_at TYPE timestamp USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at DROP NOT NULL,
    ALTER COLUMN updated_at TYPE timestamp USING updated_at AT TIME ZONE 'UTC',
    ALTER COLUMN updated_at DROP NOT NULL,
    ALTER COLUMN last_login TYPE timestamp USING last_login AT TIME ZONE 'UTC',
    ALTER COLUMN is_active DROP NOT NULL,
    ALTER COLUMN email_verified DROP NOT NULL;

ALTER SEQUENCE users_id_seq AS integer;

COMMIT;
