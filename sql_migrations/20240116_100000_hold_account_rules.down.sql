-- The way back to the seed's rules. It cannot fail on data: the old unique constraint is weaker than the new index.

BEGIN;

COMMENT ON COLUMN user_audit_log.created_at IS NULL;
COMMENT ON COLUMN user_audit_log.user_agent IS NULL;
COMMENT ON COLUMN user_audit_log.ip_address IS NULL;
COMMENT ON COLUMN user_audit_log.changed_by IS NULL;
COMMENT ON COLUMN user_audit_log.changed_fields IS NULL;
COMMENT ON COLUMN user_audit_log.action IS NULL;
COMMENT ON COLUMN user_audit_log.user_id IS NULL;
COMMENT ON COLUMN user_audit_log.id IS NULL;
COMMENT ON TABLE user_audit_log IS NULL;

COMMENT ON COLUMN users.email_verified IS NULL;
COMMENT ON COLUMN users.is_active IS NULL;
COMMENT ON COLUMN users.last_login IS NULL;
COMMENT ON COLUMN users.updated_at IS NULL;
COMMENT ON COLUMN users.created_at IS NULL;
COMMENT ON COLUMN users.date_of_birth IS NULL;
COMMENT ON COLUMN users.phone IS NULL;
COMMENT ON COLUMN users.last_name IS NULL;
COMMENT ON COLUMN users.first_name IS NULL;
COMMENT ON COLUMN users.role IS NULL;
COMMENT ON COLUMN users.password_hash IS NULL;
COMMENT ON COLUMN users.email IS NULL;
COMMENT ON COLUMN users.id IS NULL;
COMMENT ON TABLE users IS NULL;

DROP INDEX idx_user_audit_log_user;

ALTER TABLE user_audit_log
    DROP CONSTRAINT user_audit_log_changed_by_fkey,
    DROP CONSTRAINT user_audit_log_user_id_fkey,
    ADD CONSTRAINT user_audit_log_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    ADD CONSTRAINT user_audit_log_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users (id);

ALTER TABLE user_audit_log DROP CONSTRAINT user_audit_log_calendar;
ALTER TABLE users DROP CONSTRAINT users_calendar, DROP CONSTRAINT users_role_known;
CREATE INDEX idx_users_email ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
DROP INDEX users_email_any_case;

COMMIT;
