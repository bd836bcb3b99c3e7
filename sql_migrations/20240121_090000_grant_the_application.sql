-- What serves patients' data to people must not be able to drop a table, to silence a trigger or to rewrite the trail,
-- whatever a request makes it do. The application therefore has a database login of its own, webqx_app, which owns
-- nothing and may do with each table what is written here. The owner, who migrates, is another login.
-- Migration: Grant the application what it needs
-- Date: 2024-01-21
-- Description: One call for each table, by what the application may do with its rows; no right that is not named
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial
-- Depends: admin.0003_logentry_add_action_flag_choices
-- Depends: auth.0012_alter_user_first_name_max_length
-- Depends: contenttypes.0002_remove_content_type_name
-- Depends: sessions.0001_initial
-- Depends: axes.0010_accessattemptexpiration
-- Depends: otp_totp.0003_add_timestamps
-- Depends: otp_static.0003_add_timestamps

BEGIN;

-- Call it again, in a new file, for a table that a later migration adds: until then the application cannot reach it.
-- `manage.py check --database default` compares what is granted with what the models declare.
--
-- Roles are the server's, not a database's, so no migration makes one: see docs/database-logins.md. Where one login does
-- everything there is no webqx_app, and nothing to grant; if it is made later, the next migrate grants.
CREATE FUNCTION grant_application(rights text, VARIADIC tables regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted regclass;
    counter regclass;
BEGIN
    IF to_regrole('webqx_app') IS NULL THEN
        RAISE NOTICE 'there is no role webqx_app, so nothing is granted to it: see docs/database-logins.md';
        RETURN;
    END IF;
    FOREACH granted IN ARRAY tables LOOP
        EXECUTE format('GRANT %s ON %s TO webqx_app', rights, granted);
        CONTINUE WHEN rights !~* 'insert';
        -- A default that takes numbers from a sequence needs a right to that; an identity column needs none.
        FOR counter IN
            SELECT s.oid
            FROM pg_attrdef AS a
            JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
            JOIN pg_class AS s ON d.refclassid = 'pg_class'::regclass AND s.oid = d.refobjid AND s.relkind = 'S'
            WHERE a.adrelid = granted
        LOOP
            EXECUTE format('GRANT USAGE ON SEQUENCE %s TO webqx_app', counter);
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION grant_application(text, regclass[]) IS
    'Lets the application''s login do with tables what is named, as GRANT names it.';

-- For the way back of a file that called the other.
CREATE FUNCTION revoke_application(VARIADIC tables regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    revoked regclass;
BEGIN
    IF to_regrole('webqx_app') IS NOT NULL THEN
        FOREACH revoked IN ARRAY tables LOOP
            EXECUTE format('REVOKE ALL ON %s FROM webqx_app', revoked);
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION revoke_application(regclass[]) IS 'Takes from the application''s login all that it may do with tables.';

REVOKE ALL ON FUNCTION grant_application(text, regclass[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION revoke_application(regclass[]) FROM PUBLIC;

-- Records of care and accounts are kept: they are marked as wrong, ended or deactivated, never deleted.
SELECT grant_application(
    'SELECT, INSERT, UPDATE', 'patients', 'insurance_info', 'allergies', 'providers', 'locations', 'appointments',
    'encounters', 'medical_records', 'prescriptions', 'care_relationships', 'break_glass_grants',
    'notices', 'users'
);
-- Hours that have not begun to hold may be taken back; sessions end, tokens are lost, and failed logins are forgotten.
SELECT grant_application(
    'SELECT, INSERT, UPDATE, DELETE', 'provider_availability', 'django_session', 'otp_totp_totpdevice',
    'otp_static_staticdevice', 'otp_static_statictoken', 'account_sessions', 'axes_accessattempt',
    'axes_accessattemptexpiration'
);
SELECT grant_application('SELECT, INSERT, DELETE', 'users_groups', 'users_user_permissions');

-- What migrate writes.
SELECT grant_application(
    'SELECT', 'access_rules', 'auth_group', 'auth_group_permissions', 'auth_permission', 'django_content_type',
    'django_migrations', 'sql_migration_history'
);

-- Tables of django-axes that stay empty.
SELECT grant_application('SELECT', 'axes_accessfailurelog', 'axes_accesslog');

-- The trails take what the application saw. Number, time, login and by what it was seen, the database says. The months
-- of the trail are reached through it, and not by themselves.
SELECT grant_application('SELECT, INSERT', 'django_admin_log');
SELECT grant_application(
    'SELECT, INSERT (user_id, action, changed_fields, changed_by, ip_address, user_agent)', 'user_audit_log'
);
SELECT grant_application(
    'SELECT, INSERT (content_type_id, object_pk, object_id, object_repr, serialized_data, action, changes_text, '
    'changes, actor_id, cid, remote_addr, remote_port, additional_data, actor_email, event_type, outcome, '
    'outcome_reason, actor_role, attributed, session_digest, purpose_of_use, source, patient_id, patient_ids, '
    'table_name, object_uid, object_version, result_count, query_digest, consent_decision, consent_id, consent_ids)',
    'audit_logs'
);

COMMIT;
