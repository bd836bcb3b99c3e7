-- save() is one of many ways to change a row: there are update(), COPY, psql, another migration. A trigger sees them
-- all, in the transaction that changes the row, so that the entry stands exactly when the change does.
-- Migration: Record the changes of audited rows
-- Date: 2024-01-20
-- Description: audit_row, the one trigger function; audit_table, which puts it on a table; end_audit, which takes it off
-- Depends: compliance.0002_care_relationship

BEGIN;

-- What the session says of whoever acts: an object, or NULL when nothing was said. See compliance/audit/context.py.
CREATE FUNCTION audit_context() RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN nullif(current_setting('webqx.context', true), '')::jsonb;

-- Writes one entry for each row that was changed, in django-auditlog's form: {column: [old, new]}, as text. A column
-- that is not among the clear ones shows that it changed, not to what. SECURITY DEFINER: who may change a row may not
-- therefore write into the trail by hand. Arguments: label of the model, key columns, patient's column, clear columns,
-- and the names of the columns uid and version, where the table has them.
CREATE FUNCTION audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    keys CONSTANT text[] := TG_ARGV[1];
    clear CONSTANT text[] := TG_ARGV[3];
    context CONSTANT jsonb := audit_context();
    was jsonb;
    becomes jsonb;
    present jsonb;
    changed jsonb;
    key text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW *= OLD THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        was := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        becomes := to_jsonb(NEW);
    END IF;
    present := coalesce(becomes, was);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(a.key, CASE
            WHEN a.key = ANY (clear)
                THEN jsonb_build_array(coalesce(was ->> a.key, 'None'), coalesce(a.value, 'None'))
            WHEN was ->> a.key IS NULL THEN '["None", "***"]'
            WHEN a.value IS NULL THEN '["***", "None"]'
            ELSE '["***", "***"]'
        END)
        INTO changed
        FROM jsonb_each_text(becomes) AS a
        WHERE a.value IS DISTINCT FROM was ->> a.key;
    ELSE
        SELECT jsonb_object_agg(a.key, CASE
            WHEN TG_OP = 'INSERT' THEN
                CASE WHEN a.key = ANY (clear) THEN jsonb_build_array('None', a.value) ELSE '["None", "***"]' END
            ELSE CASE WHEN a.key = ANY (clear) THEN jsonb_build_array(a.value, 'None') ELSE '["***", "None"]' END
        END)
        INTO changed
        FROM jsonb_each_text(present) AS a
        WHERE a.value IS NOT NULL;
    END IF;
    key := present ->> keys[1];
    IF cardinality(keys) <> 1 THEN
        SELECT string_agg(coalesce(present ->> name, ''), ',' ORDER BY place) INTO key
        FROM unnest(keys) WITH ORDINALITY AS split (name, place);
    END IF;
    INSERT INTO audit_logs (
        content_type_id, object_pk, object_id, object_repr, action, changes, event_type, captured_by,
        actor_id, actor_email, actor_role, session_digest, cid, remote_addr, remote_port, purpose_of_use, source,
        attributed, patient_id, table_name, object_uid, object_version
    ) VALUES (
        (SELECT id FROM django_content_type
          WHERE app_label = split_part(TG_ARGV[0], '.', 1) AND model = split_part(TG_ARGV[0], '.', 2)),
        left(coalesce(key, ''), 255),
        CASE WHEN key ~ '^-?[0-9]{1,18}$' THEN key::bigint END,
        TG_TABLE_NAME || ' ' || left(coalesce(key, ''), 255),
        CASE TG_OP WHEN 'INSERT' THEN 0 WHEN 'UPDATE' THEN 1 ELSE 2 END,
        -- Empty when all that changed looks alike as text, as JSON's null and no value at all do.
        coalesce(changed, '{}'),
        CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
        'trigger',
        (context ->> 'actor')::bigint,
        left(context ->> 'email', 254),
        left(context ->> 'role', 50),
        left(context ->> 'session', 64),
        left(context ->> 'cid', 255),
        (context ->> 'addr')::inet,
        (context ->> 'port')::integer,
        left(context ->> 'purpose', 20),
        left(context ->> 'source', 100),
        context IS NOT NULL,
        CASE WHEN TG_ARGV[2] <> '' THEN (present ->> TG_ARGV[2])::bigint END,
        TG_TABLE_NAME,
        CASE WHEN TG_ARGV[4] <> '' THEN (present ->> TG_ARGV[4])::uuid END,
        CASE WHEN TG_ARGV[5] <> '' THEN (present ->> TG_ARGV[5])::integer END
    );
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = format('%s is audited row by row: TRUNCATE refused, use DELETE', TG_TABLE_NAME),
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;

-- How a table is audited now; NULL when it is not.
CREATE FUNCTION audit_of(audited regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = audited AND tgname = 'zz_audit_row');

-- To change how a table is audited, or to end it, is an event of the trail.
CREATE FUNCTION record_audit_change(audited regclass, was text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    context CONSTANT jsonb := audit_context();
BEGIN
    INSERT INTO audit_logs (
        action, event_type, table_name, object_repr, changes, actor_id, actor_email, actor_role, source, attributed
    )
    SELECT 1, 'config_change', relname, 'audit of ' || relname,
        jsonb_build_object('trigger', jsonb_build_array(coalesce(was, 'None'), coalesce(audit_of(audited), 'None'))),
        (context ->> 'actor')::bigint, left(context ->> 'email', 254), left(context ->> 'role', 50),
        left(context ->> 'source', 100), context IS NOT NULL
    FROM pg_class WHERE oid = audited;
END $$;

-- Puts a table under audit, or renews it after a column was added: the columns whose comments say [PHI: none] are shown
-- in clear from then on, and every other one is masked, but for the exceptions that are named. The triggers fire ALWAYS:
-- session_replication_role does not stop them.
CREATE FUNCTION audit_table(
    audited regclass, label text, patient_column text DEFAULT '',
    also_clear text[] DEFAULT '{}', masked text[] DEFAULT '{}'
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    was CONSTANT text := audit_of(audited);
    clear text[];
    keys text[];
    uid text;
    version text;
BEGIN
    SELECT array_agg(attname::text ORDER BY attname) INTO clear
    FROM pg_attribute
    WHERE attrelid = audited AND attnum > 0 AND NOT attisdropped
        AND (col_description(attrelid, attnum) LIKE '%[PHI: none]' OR attname = ANY (also_clear))
        AND attname <> ALL (masked);
    SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::smallint[], a.attnum)) INTO keys
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = audited AND i.indisprimary;
    SELECT max(attname) FILTER (WHERE attname = 'uid' AND atttypid = 'uuid'::regtype),
        max(attname) FILTER (WHERE attname = 'version' AND atttypid IN ('int2'::regtype, 'int4'::regtype))
    INTO uid, version
    FROM pg_attribute WHERE attrelid = audited AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER zz_audit_row AFTER INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH ROW EXECUTE FUNCTION public.audit_row(%L, %L, %L, %L, %L, %L)',
        audited, label, coalesce(keys, '{}'), patient_column, coalesce(clear, '{}'),
        coalesce(uid, ''), coalesce(version, '')
    );
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_audit_row', audited);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate()', audited
    );
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', audited);
    IF was <> audit_of(audited) THEN
        PERFORM record_audit_change(audited, was);
    END IF;
END $$;

-- Takes a table out of audit. Whoever drops the triggers by hand leaves no entry; `manage.py check` finds that they are
-- gone.
CREATE FUNCTION end_audit(audited regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    was CONSTANT text := audit_of(audited);
BEGIN
    EXECUTE format('DROP TRIGGER zz_audit_row ON %s', audited);
    EXECUTE format('DROP TRIGGER refuse_truncate ON %s', audited);
    PERFORM record_audit_change(audited, was);
END $$;

COMMENT ON FUNCTION audit_context() IS
    'What the session says of whoever acts, or NULL.';
COMMENT ON FUNCTION audit_row() IS
    'Writes an entry into audit_logs for each row that changed.';
COMMENT ON FUNCTION refuse_truncate() IS
    'Refuses to empty an audited table without a trace.';
COMMENT ON FUNCTION audit_of(regclass) IS
    'How a table is audited: the definition of its trigger, or NULL.';
COMMENT ON FUNCTION record_audit_change(regclass, text) IS
    'Writes an entry when the audit of a table changed.';
COMMENT ON FUNCTION audit_table(regclass, text, text, text[], text[]) IS
    'Puts a table under audit, or renews it after a column was added.';
COMMENT ON FUNCTION end_audit(regclass) IS
    'Takes a table out of audit, and leaves an entry that says so.';

COMMIT;
