-- A role that was given and taken back within an hour must still be on record, also when psql gave it. Accounts are
-- deactivated, never deleted: their numbers stand in the trail for years.
-- Migration: Log what changes about accounts
-- Date: 2024-01-20
-- Description: New accounts, passwords, roles, rights and (de)activation go into user_audit_log; users are not deleted
-- Depends: compliance.0002_care_relationship

BEGIN;

CREATE FUNCTION log_account_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    context CONSTANT jsonb := audit_context();
BEGIN
    INSERT INTO user_audit_log (user_id, action, changed_fields, changed_by, ip_address)
    SELECT NEW.id, action, fields,
        (SELECT id FROM users WHERE id = (context ->> 'actor')::bigint), (context ->> 'addr')::inet
    FROM (VALUES
        ('user_created', TG_OP = 'INSERT', jsonb_build_object('role', NEW.role)),
        ('password_change', TG_OP = 'UPDATE' AND OLD.password_hash <> NEW.password_hash, NULL),
        ('role_change', TG_OP = 'UPDATE' AND OLD.role <> NEW.role,
            jsonb_build_object('role', jsonb_build_array(OLD.role, NEW.role))),
        ('privilege_change',
            TG_OP = 'UPDATE' AND (OLD.is_superuser, OLD.is_staff) IS DISTINCT FROM (NEW.is_superuser, NEW.is_staff),
            jsonb_build_object(
                'is_superuser', jsonb_build_array(OLD.is_superuser, NEW.is_superuser),
                'is_staff', jsonb_build_array(OLD.is_staff, NEW.is_staff)
            )),
        ('user_disabled', TG_OP = 'UPDATE' AND OLD.is_active AND NOT NEW.is_active, NULL),
        ('user_enabled', TG_OP = 'UPDATE' AND NOT OLD.is_active AND NEW.is_active, NULL)
    ) AS event (action, happened, fields)
    WHERE happened;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION log_account_change() IS
    'Writes new accounts and changes of passwords, roles and rights into user_audit_log.';

CREATE TRIGGER log_account_change AFTER INSERT OR UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION log_account_change();
ALTER TABLE users ENABLE ALWAYS TRIGGER log_account_change;

-- A group that is named like a role gives that role besides the account's own.
CREATE FUNCTION log_role_besides() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    context CONSTANT jsonb := audit_context();
    lost CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    gained CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
    INSERT INTO user_audit_log (user_id, action, changed_fields, changed_by, ip_address)
    SELECT (membership ->> 'user_id')::bigint, action,
        jsonb_build_object(
            'role', (SELECT name FROM auth_group WHERE id = (membership ->> 'group_id')::bigint)
        ),
        (SELECT id FROM users WHERE id = (context ->> 'actor')::bigint), (context ->> 'addr')::inet
    FROM (VALUES ('role_revoked', lost), ('role_granted', gained)) AS event (action, membership)
    WHERE membership IS NOT NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION log_role_besides() IS
    'Writes roles that an account is given or loses besides its own into user_audit_log.';

CREATE TRIGGER log_role_besides AFTER INSERT OR UPDATE OR DELETE ON users_groups
    FOR EACH ROW EXECUTE FUNCTION log_role_besides();
ALTER TABLE users_groups ENABLE ALWAYS TRIGGER log_role_besides;

CREATE FUNCTION keep_accounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE check_violation USING
        MESSAGE = 'an account is deactivated, not deleted',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_are_kept';
END $$;
COMMENT ON FUNCTION keep_accounts() IS 'Refuses to delete an account: the trail speaks of it by its number.';

CREATE TRIGGER keep_accounts BEFORE DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION keep_accounts();

-- For the first page, newest first, and for what an account did to others. What was done to one has its index already.
CREATE INDEX user_audit_log_newest ON user_audit_log (created_at, id);
CREATE INDEX user_audit_log_by ON user_audit_log (changed_by, created_at) WHERE changed_by IS NOT NULL;

COMMIT;
