-- Who did what to whose data is evidence. It is kept where the data is, written by the database for every change of a
-- row, and changed by nobody: the access report must survive a careless UPDATE as well as a deliberate one.
-- Migration: Create the audit trail
-- Date: 2024-01-20
-- Description: audit_logs, partitioned by month, append-only, with times that the database gives
-- Depends: compliance.0002_care_relationship
--
-- The columns from content_type_id to actor_email are django-auditlog's. Nothing here refers to another table: a row of
-- the trail outlives the account, the table and the content type that it speaks of.

BEGIN;

-- Months come and go with the calendar, not with migrations; in a schema of their own they are out of the way.
CREATE SCHEMA audit_partitions;
COMMENT ON SCHEMA audit_partitions IS 'The months of audit_logs, made ahead by migrate and by manage.py audit partitions.';

-- A plain sequence: an identity column of a partitioned table is refused before PostgreSQL 17. Gaps are normal, since a
-- number that a rolled-back transaction took is not given again.
CREATE SEQUENCE audit_logs_id_seq AS bigint;

CREATE TABLE audit_logs (
    id bigint NOT NULL DEFAULT nextval('audit_logs_id_seq'),
    timestamp timestamptz NOT NULL DEFAULT clock_timestamp(),
    content_type_id integer,
    object_pk varchar(255) NOT NULL DEFAULT '',
    object_id bigint,
    object_repr text NOT NULL DEFAULT '',
    serialized_data jsonb,
    action smallint NOT NULL,
    changes_text text NOT NULL DEFAULT '',
    changes jsonb,
    actor_id bigint,
    cid varchar(255),
    remote_addr inet,
    remote_port integer,
    additional_data jsonb,
    actor_email varchar(254),
    event_type varchar(20) NOT NULL,
    outcome smallint NOT NULL DEFAULT 0,
    outcome_reason varchar(200),
    actor_role varchar(50),
    db_role varchar(63) NOT NULL DEFAULT session_user,
    attributed boolean NOT NULL DEFAULT false,
    session_digest varchar(64),
    purpose_of_use varchar(20),
    source varchar(100),
    patient_id bigint,
    patient_ids bigint[],
    table_name varchar(63),
    object_uid uuid,
    object_version integer,
    result_count integer,
    query_digest varchar(64),
    consent_decision varchar(12),
    consent_id bigint,
    consent_ids bigint[],
    captured_by varchar(11) NOT NULL DEFAULT 'application',
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id, timestamp)
) PARTITION BY RANGE (timestamp);

-- For the first page, newest first; for a patient's access report; for what an account did; for the history of a row.
CREATE INDEX audit_logs_newest ON audit_logs (timestamp, id);
CREATE INDEX audit_logs_of_patient ON audit_logs (patient_id, timestamp) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_logs_of_patients ON audit_logs USING gin (patient_ids) WHERE patient_ids IS NOT NULL;
CREATE INDEX audit_logs_of_actor ON audit_logs (actor_id, timestamp) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_logs_of_row ON audit_logs (table_name, object_pk, timestamp);

-- A row that no month takes must not stop the write that it is about. It stays empty while months are made ahead.
CREATE TABLE audit_partitions.audit_logs_default PARTITION OF audit_logs DEFAULT;

CREATE FUNCTION refuse_change_of_trail() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = format('%s is append-only: %s refused', TG_TABLE_NAME, TG_OP),
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_trail();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_trail();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit_partitions.audit_logs_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_trail();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON user_audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_trail();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON user_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_trail();

-- The time is the database's, within the transaction that writes; the login is the session's; and what a trigger says it
-- saw, only a trigger says. Runs with the writer's rights: it reads nothing. It knows the codes, too: PostgreSQL makes
-- CHECK constraints of a partition ready for each statement anew, and four of them took a third of an entry's time.
CREATE FUNCTION refuse_forged_entry() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
BEGIN
    IF NEW.timestamp < now() OR NEW.timestamp > clock_timestamp() THEN
        RAISE insufficient_privilege USING MESSAGE = 'the time of an entry of audit_logs is given by the database';
    END IF;
    IF NEW.db_role <> session_user THEN
        RAISE insufficient_privilege USING MESSAGE = 'the role of an entry of audit_logs is that of the session';
    END IF;
    IF NEW.captured_by = 'trigger' AND pg_trigger_depth() < 2 THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a trigger says what a trigger saw';
    END IF;
    unknown := CASE
        WHEN NEW.action NOT BETWEEN 0 AND 3 THEN 'audit_logs_action_known'
        WHEN NEW.event_type NOT IN (
            'create', 'read', 'update', 'delete', 'query', 'export', 'print', 'disclose', 'import', 'login', 'logout',
            'login_failed', 'denied', 'account', 'config_change', 'privilege_change', 'truncate', 'verify',
            'break_glass', 'key_use'
        ) THEN 'audit_logs_event_known'
        WHEN NEW.outcome NOT IN (0, 4, 8, 12) THEN 'audit_logs_outcome_known'
        WHEN NEW.consent_decision NOT IN ('permit', 'deny', 'not_required') THEN 'audit_logs_consent_known'
        WHEN NEW.captured_by NOT IN ('trigger', 'application') THEN 'audit_logs_captured_by_known'
    END;
    IF unknown IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'an entry of audit_logs has a code that is not known',
            TABLE = 'audit_logs', CONSTRAINT = unknown;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER refuse_forged BEFORE INSERT ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_forged_entry();

-- Makes the months from this one up to so many ahead; those that are there already are left alone. A month is made
-- beside the trail and then attached: PARTITION OF would lock the trail itself.
CREATE FUNCTION audit_make_partitions(months integer, OUT made integer)
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    first_day timestamptz;
    month text;
BEGIN
    made := 0;
    PERFORM pg_advisory_xact_lock(hashtext('audit_make_partitions'));  -- of two at once, one makes them
    FOR ahead IN 0 .. months LOOP
        first_day := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead)) AT TIME ZONE 'UTC';
        month := 'audit_logs_' || to_char(first_day AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass(format('audit_partitions.%I', month)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE audit_partitions.%I (LIKE public.audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', month
        );
        EXECUTE format(
            'ALTER TABLE public.audit_logs ATTACH PARTITION audit_partitions.%I FOR VALUES FROM (%L) TO (%L)',
            month, first_day,
            ((first_day AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'
        );
        EXECUTE format(
            'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit_partitions.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_trail()', month
        );
        made := made + 1;
    END LOOP;
END $$;

-- What later migrations change has its month; migrate makes those ahead at its end.
SELECT audit_make_partitions(1);

COMMENT ON TABLE audit_logs IS 'Who did what to whose data, when, from where and why. Append-only; kept for seven years.';
COMMENT ON COLUMN audit_logs.id IS 'Number, unique together with the time. [PHI: none]';
COMMENT ON COLUMN audit_logs.timestamp IS 'When it happened, by the database''s clock. [PHI: none]';
COMMENT ON COLUMN audit_logs.content_type_id IS 'The model; NULL for a table without one. [PHI: none]';
COMMENT ON COLUMN audit_logs.actor_id IS 'The account that did it; NULL when none was named. [PHI: none]';
COMMENT ON COLUMN audit_logs.object_pk IS 'Key of the row, as text. [PHI: none]';
COMMENT ON COLUMN audit_logs.object_id IS 'Key of the row, when it is one number. [PHI: none]';
COMMENT ON COLUMN audit_logs.object_repr IS 'Table and key; never a name. [PHI: none]';
COMMENT ON COLUMN audit_logs.serialized_data IS 'Not used. [PHI: none]';
COMMENT ON COLUMN audit_logs.action IS '0 create, 1 update, 2 delete, 3 access. [PHI: none]';
COMMENT ON COLUMN audit_logs.changes_text IS 'Not used. [PHI: none]';
COMMENT ON COLUMN audit_logs.changes IS 'Column: [old, new], as text; *** where it holds health information. [PHI: none]';
COMMENT ON COLUMN audit_logs.cid IS 'The same for all of one request. [PHI: none]';
COMMENT ON COLUMN audit_logs.remote_addr IS 'Where the request came from. [PHI: identifier, IP addresses]';
COMMENT ON COLUMN audit_logs.remote_port IS 'Port of the client. [PHI: none]';
COMMENT ON COLUMN audit_logs.additional_data IS 'What else is known; no health information. [PHI: none]';
COMMENT ON COLUMN audit_logs.actor_email IS 'The account''s e-mail address then. [PHI: identifier, e-mail addresses]';
COMMENT ON COLUMN audit_logs.event_type IS 'What happened. [PHI: none]';
COMMENT ON COLUMN audit_logs.outcome IS 'Whether it succeeded: FHIR audit-event-outcome. [PHI: none]';
COMMENT ON COLUMN audit_logs.outcome_reason IS 'Why it did not. [PHI: none]';
COMMENT ON COLUMN audit_logs.actor_role IS 'The account''s role then. [PHI: none]';
COMMENT ON COLUMN audit_logs.db_role IS 'The database login of the session. [PHI: none]';
COMMENT ON COLUMN audit_logs.attributed IS 'Whether the application said who acts; false is worth a look. [PHI: none]';
COMMENT ON COLUMN audit_logs.session_digest IS 'Digest of the session''s key. [PHI: none]';
COMMENT ON COLUMN audit_logs.purpose_of_use IS 'Why: an HL7 PurposeOfUse code. [PHI: none]';
COMMENT ON COLUMN audit_logs.source IS 'The door: a view, a command, a SQL file. [PHI: none]';
COMMENT ON COLUMN audit_logs.patient_id IS 'Whose data it is about: the key in patients. [PHI: none]';
COMMENT ON COLUMN audit_logs.patient_ids IS 'Whose data a list showed: their keys in patients. [PHI: none]';
COMMENT ON COLUMN audit_logs.table_name IS 'The table. [PHI: none]';
COMMENT ON COLUMN audit_logs.object_uid IS 'Public identifier of the row. [PHI: identifier, other unique identifiers]';
COMMENT ON COLUMN audit_logs.object_version IS 'Version of the row, after the change. [PHI: none]';
COMMENT ON COLUMN audit_logs.result_count IS 'How many rows were shown. [PHI: none]';
COMMENT ON COLUMN audit_logs.query_digest IS 'Keyed digest of the search terms, to compare them. [PHI: none]';
COMMENT ON COLUMN audit_logs.consent_decision IS
    'Whether consent released or withheld it; NULL where none is asked. [PHI: none]';
COMMENT ON COLUMN audit_logs.consent_id IS
    'The version in consent_records that decided; NULL for a rule. [PHI: none]';
COMMENT ON COLUMN audit_logs.consent_ids IS
    'Of a list: consents that released what it shows, or withheld more; at most 100. [PHI: none]';
COMMENT ON COLUMN audit_logs.captured_by IS 'trigger or application. [PHI: none]';

COMMENT ON FUNCTION refuse_change_of_trail() IS
    'Refuses to change or take out what stands in a trail.';
COMMENT ON FUNCTION refuse_forged_entry() IS
    'Refuses an entry of another time or login, and one that claims to be a trigger''s.';
COMMENT ON FUNCTION audit_make_partitions(integer) IS
    'Makes the months of audit_logs from this one up to so many ahead.';

COMMIT;
