-- One person, one account: an e-mail address is the same address in any case, a role is one of those that access
-- rules know, and an account that the audit log speaks of cannot be deleted from under it.
-- Migration: Hold the rules about accounts in the database
-- Date: 2024-01-16
-- Description: Case-insensitive unique e-mail, known roles, readable dates, RESTRICT on the audit log, comments

BEGIN;

CREATE UNIQUE INDEX users_email_any_case ON users (lower(email));

-- The new index refuses all that this constraint refuses, and serves the log-in that idx_users_email served.
ALTER TABLE users DROP CONSTRAINT users_email_key;
DROP INDEX idx_users_email;

ALTER TABLE users ADD CONSTRAINT users_role_known CHECK (role IN (
    'admin', 'physician', 'nurse', 'pharmacist', 'front_desk', 'billing',
    'compliance_officer', 'auditor', 'researcher', 'patient', 'service'
));

-- What PostgreSQL has and Python cannot read, infinity and the years before 1 and after 9999, breaks every list it is in.
ALTER TABLE users ADD CONSTRAINT users_calendar CHECK (
    date_of_birth BETWEEN '0001-01-01' AND '9999-12-31'
    AND created_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 23:59:59.999999+00'
    AND updated_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 23:59:59.999999+00'
    AND last_login BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 23:59:59.999999+00'
);
ALTER TABLE user_audit_log ADD CONSTRAINT user_audit_log_calendar CHECK (
    created_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 23:59:59.999999+00'
);

ALTER TABLE user_audit_log
    DROP CONSTRAINT user_audit_log_user_id_fkey,
    DROP CONSTRAINT user_audit_log_changed_by_fkey,
    ADD CONSTRAINT user_audit_log_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    ADD CONSTRAINT user_audit_log_changed_by_fkey
        FOREIGN KEY (changed_by) REFERENCES users (id) ON DELETE RESTRICT;

-- For the trail of one account, newest first.
CREATE INDEX idx_user_audit_log_user ON user_audit_log (user_id, created_at);

COMMENT ON TABLE users IS 'Accounts: whoever may log in, staff and patients alike. Deactivated, never deleted.';
COMMENT ON COLUMN users.id IS 'Surrogate key, never given to another account. [PHI: none]';
COMMENT ON COLUMN users.email IS 'Login name; unique in any case. [PHI: identifier, e-mail addresses]';
COMMENT ON COLUMN users.password_hash IS 'Salted hash with the name of its algorithm; never the password. [PHI: none]';
COMMENT ON COLUMN users.role IS 'What the account is for; access rules start from it. [PHI: none]';
COMMENT ON COLUMN users.first_name IS 'Given name; empty when unknown. [PHI: identifier, names]';
COMMENT ON COLUMN users.last_name IS 'Family name; empty when unknown. [PHI: identifier, names]';
COMMENT ON COLUMN users.phone IS 'Telephone number for account matters; empty when unknown. [PHI: identifier, telephone numbers]';
COMMENT ON COLUMN users.date_of_birth IS 'Date of birth, when the account is a patient''s own. [PHI: identifier, dates]';
COMMENT ON COLUMN users.created_at IS 'When the account was made. [PHI: none]';
COMMENT ON COLUMN users.updated_at IS 'When the account was last changed. [PHI: none]';
COMMENT ON COLUMN users.last_login IS 'When the account last logged in. [PHI: none]';
COMMENT ON COLUMN users.is_active IS 'Whether the account may log in. [PHI: none]';
COMMENT ON COLUMN users.email_verified IS 'Whether its owner has shown that the e-mail address is theirs. [PHI: none]';

COMMENT ON TABLE user_audit_log IS 'Security events about accounts, written by whatever saw them.';
COMMENT ON COLUMN user_audit_log.id IS 'Surrogate key. [PHI: none]';
COMMENT ON COLUMN user_audit_log.user_id IS 'Whose account the event is about; NULL when no account matched. [PHI: none]';
COMMENT ON COLUMN user_audit_log.action IS 'What happened, as a code. [PHI: none]';
COMMENT ON COLUMN user_audit_log.changed_fields IS 'Which fields changed. [PHI: none]';
COMMENT ON COLUMN user_audit_log.changed_by IS 'Whose account did it; NULL for the system. [PHI: none]';
COMMENT ON COLUMN user_audit_log.ip_address IS 'Where the request came from. [PHI: identifier, IP addresses]';
COMMENT ON COLUMN user_audit_log.user_agent IS 'What the client said it was. [PHI: none]';
COMMENT ON COLUMN user_audit_log.created_at IS 'When it happened. [PHI: none]';

COMMIT;
