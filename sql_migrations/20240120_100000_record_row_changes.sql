-- save() is one of many ways to change a row: there are update(), COPY, psql, another migration. A trigger sees them
-- all, in the transaction that changes the row, so that the entry stands exactly when the change does.
-- Migration: Record the changes of audited rows
-- Date: 2024-01-20
-- Description: audit_row, the one trigger function; audit_table, which puts it on a table
-- Depends: compliance.0002_care_relationship

BEGIN;

-- What the session says of whoever acts: an object, or NULL when nothing was said. See compliance/audit/context.py.
CREATE FUNCTION audit_context() RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN nullif(current_setting('webqx.context', true), '')::jsonb;

-- Writes one entry for each row that was changed, in django-auditlog's form: {column: [old, new]}, as text. A column
-- that is not among the clear ones shows that it changed, not to what. SECURITY DEFINER: who may change a row may not
-- therefore write into the trail by hand. Arguments: label of the model, key columns, patient's column, clear columns.
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
    SELECT jsonb_object_agg(name, CASE
        WHEN name = ANY (clear)
            THEN jsonb_build_array(coalesce(was ->> name, 'None'), coalesce(becomes ->> name, 'None'))
        ELSE jsonb_build_array(
            CASE WHEN was ->> name IS NULL THEN 'None' ELSE '***' END,
            CASE WHEN becomes ->> name IS NULL THEN 'None' ELSE '***' END
        )
    END)
    INTO changed
    FROM jsonb_object_keys(present) AS name
    WHERE was -> name IS DISTINCT FROM becomes -> name
        AND (was ->> name IS NOT NULL OR becomes ->> name IS NOT NULL);
    IF changed IS NULL AND TG_OP = 'UPDATE' THEN
        RETURN NULL;
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
        changed,
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
        (present ->> 'uid')::uuid,
        (present ->> 'version')::integer
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

-- Puts a table under audit, or renews it after a column was added: the columns whose comments say [PHI: none] are shown
-- in clear from then on, and every other one is masked, but for the exceptions that are named. The triggers fire ALWAYS: session_replication_role does not stop them.
CREATE FUNCTION audit_table(
    audited regclass, label text, patient_column text DEFAULT '',
    also_clear text[] DEFAULT '{}', masked text[] DEFAULT '{}'
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    clear text[];
    keys text[];
BEGIN
    SELECT array_agg(attname::text ORDER BY attname) INTO clear
    FROM pg_attribute
    WHERE attrelid = audited AND attnum > 0 AND NOT attisdropped
        AND (col_description(attrelid, attnum) LIKE '%[PHI: none]' OR attname = ANY (also_clear))
        AND attname <> ALL (masked);
    SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::smallint[], a.attnum)) INTO keys
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = audited AND i.indisprimary;
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER zz_audit_row AFTER INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH ROW EXECUTE FUNCTION public.audit_row(%L, %L, %L, %L)',
        audited, label, coalesce(keys, '{}'), patient_column, coalesce(clear, '{}')
    );
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_audit_row', audited);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate()', audited
    );
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', audited);
END $$;

COMMIT;
