-- A filter that somebody forgot in Python must show nothing, not everything. So the database itself asks, for each
-- statement, who acts and for what purpose, and shows the rows of the patients whom that account may see for it.
-- Migration: Hold access to charts
-- Date: 2024-01-21
-- Description: One source of who may see whom, used by row-level security, by lists and by every capability
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial
--
-- Row-level security is enabled, not forced: the owner, who migrates and dumps, sees everything. The application's login
-- owns nothing.

BEGIN;

-- The rules that hold for an account: those of its role, of the groups that it is in and, for a superuser, those of
-- administration. None for one that is not active: a role taken away bites in the next statement.
CREATE FUNCTION access_rules_of(account bigint, for_purpose text) RETURNS SETOF access_rules
    LANGUAGE sql STABLE ROWS 20 SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT access_rules.*
    FROM users
    JOIN access_rules ON access_rules.purpose = for_purpose AND (
        access_rules.role = users.role
        OR access_rules.role = 'admin' AND users.is_superuser
        OR access_rules.role IN (
            SELECT auth_group.name
            FROM users_groups JOIN auth_group ON auth_group.id = users_groups.group_id
            WHERE users_groups.user_id = account
        )
    )
    WHERE users.id = account AND users.is_active;
END;

-- How far an account reaches: any of all, care and own; empty when it may not.
CREATE FUNCTION access_reach(account bigint, for_purpose text, rows_of text, wanted text) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT reach::text), '{}')
    FROM access_rules_of(account, for_purpose)
    WHERE table_name = rows_of AND action = wanted;
END;

-- The patients whom an account reaches so, by key. Everybody is not listed: see the policies below. All records of a
-- person go together, the one that goes on and those that were merged into it.
CREATE FUNCTION access_patients(account bigint, reach text[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := statement_timestamp();
    reached bigint[];
    more bigint[];
BEGIN
    SELECT array_agg(DISTINCT patient) INTO reached
    FROM (
        SELECT patient_id FROM care_relationships
        WHERE 'care' = ANY (reach) AND user_id = account AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
        UNION ALL
        SELECT patient_id FROM break_glass_grants
        WHERE 'care' = ANY (reach) AND user_id = account
            AND opened_at <= at AND ends_at > at AND (closed_at IS NULL OR closed_at > at)
        UNION ALL
        SELECT appointments.patient_id FROM providers JOIN appointments ON appointments.provider_id = providers.id
        WHERE 'care' = ANY (reach) AND providers.user_id = account
            AND appointments.starts_at BETWEEN at - interval '30 days' AND at + interval '7 days'
            AND appointments.status IN ('booked', 'arrived', 'checked-in', 'fulfilled')
        UNION ALL
        SELECT patients.id FROM providers JOIN patients ON patients.general_practitioner_id = providers.id
        WHERE 'care' = ANY (reach) AND providers.user_id = account
        UNION ALL
        SELECT id FROM patients WHERE 'own' = ANY (reach) AND user_id = account
    ) AS known (patient);
    LOOP
        SELECT array_agg(DISTINCT patient) INTO more
        FROM (
            SELECT merged_into_id FROM patients WHERE merged_into_id IS NOT NULL AND id = ANY (reached)
            UNION ALL
            SELECT id FROM patients WHERE merged_into_id = ANY (reached)
        ) AS merged (patient)
        WHERE patient <> ALL (reached);
        EXIT WHEN more IS NULL;
        reached := reached || more;
    END LOOP;
    RETURN coalesce(reached, '{}');
END $$;

-- Whether an account may do something for a purpose: with what belongs to a patient or, without one, at all. Who reaches
-- everybody reaches for it whom access_everybody and access_whom say, below.
CREATE FUNCTION access_permits(account bigint, for_purpose text, wanted text, patient bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    found text;
BEGIN
    SELECT reach INTO found FROM access_rules_of(account, for_purpose) WHERE permission = wanted
    ORDER BY array_position('{all,care,own}', reach::text) LIMIT 1;
    RETURN found IS NOT NULL AND (
        patient IS NULL OR found = 'all' AND consent_reaches(patient, for_purpose)
        OR patient = ANY (access_patients(account, (
            SELECT array_agg(reach::text) FROM access_rules_of(account, for_purpose) WHERE permission = wanted
        )))
    );
END $$;

-- Who acts in this statement, and for what purpose. Nobody sees nothing without being told so.
CREATE FUNCTION access_now(OUT account bigint, OUT purpose text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    context CONSTANT jsonb := audit_context();
BEGIN
    account := (context ->> 'actor')::bigint;
    purpose := context ->> 'purpose';
    IF account IS NULL OR purpose IS NULL THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'nobody is said to act, or for no purpose: health information is shown to nobody',
            HINT = 'Say who acts: compliance.audit.context.acting(user), or manage.py … --as e-mail --purpose TREAT.';
    END IF;
END $$;

-- Whether an account reaches everybody, and whom it reaches. For a purpose that needs a consent, everybody are those who
-- gave one.
CREATE FUNCTION access_everybody(account bigint, for_purpose text, rows_of text, wanted text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN 'all' = ANY (access_reach(account, for_purpose, rows_of, wanted)) AND consent_default(for_purpose);
END $$;

CREATE FUNCTION access_whom(account bigint, for_purpose text, rows_of text, wanted text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    reach CONSTANT text[] := access_reach(account, for_purpose, rows_of, wanted);
BEGIN
    IF 'all' = ANY (reach) THEN
        RETURN consented_patients(for_purpose) || access_patients(account, reach);
    END IF;
    RETURN access_patients(account, reach);
END $$;

-- The same of whoever acts, for the policies. Each is asked once for a statement.
CREATE FUNCTION access_everybody(rows_of text, wanted text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who CONSTANT record := access_now();
BEGIN
    RETURN access_everybody(who.account, who.purpose, rows_of, wanted);
END $$;

CREATE FUNCTION access_whom(rows_of text, wanted text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who CONSTANT record := access_now();
BEGIN
    RETURN access_whom(who.account, who.purpose, rows_of, wanted);
END $$;

-- Puts a table under row-level security. The column has the patient's key. Of a table that consents are about, rows are
-- shown only where they let it. No policy lets anybody delete. Whoever may read a row may lock it, as SELECT … FOR UPDATE
-- does; a change of it without the right to write is an error, and not a change of no row.
CREATE FUNCTION access_guard(guarded regclass, patient_column text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    name CONSTANT text := (SELECT relname FROM pg_class WHERE oid = guarded);
    reading text := format(
        '((SELECT public.access_everybody(%L, ''read'')) '
        'OR %I = ANY ((SELECT public.access_whom(%L, ''read''))::bigint[]))', name, patient_column, name
    );
    writing CONSTANT text := replace(reading, '''read''', '''write''');
BEGIN
    IF to_regprocedure(format('public.consent_lets(%s, bigint, text)', guarded)) IS NOT NULL THEN
        reading := reading || format(
            ' AND public.consent_lets(%I.*, (SELECT account FROM public.access_now()), '
            '(SELECT purpose FROM public.access_now()))', name
        );
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY access_read ON %s FOR SELECT USING (%s)', guarded, reading);
    EXECUTE format('CREATE POLICY access_add ON %s FOR INSERT WITH CHECK (%s)', guarded, writing);
    EXECUTE format('CREATE POLICY access_change ON %s FOR UPDATE USING (%s) WITH CHECK (%s)', guarded, reading, writing);
END $$;

-- Takes a table out of it.
CREATE FUNCTION end_access_guard(guarded regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    EXECUTE format('DROP POLICY access_read ON %s', guarded);
    EXECUTE format('DROP POLICY access_add ON %s', guarded);
    EXECUTE format('DROP POLICY access_change ON %s', guarded);
    EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', guarded);
END $$;

-- When a provider's time is taken, without by whom: a free time is free for everybody, whoever asks.
CREATE FUNCTION busy_times(provider bigint, since timestamptz, until timestamptz)
    RETURNS TABLE (starts_at timestamptz, ends_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT a.starts_at, a.ends_at
    FROM appointments AS a
    WHERE a.provider_id = provider AND a.starts_at < until AND a.ends_at > since
        AND a.status IN ('booked', 'arrived', 'checked-in', 'fulfilled')
$$;

-- Whose a row is, by its key, and no more of it: the trail says whose chart stayed closed.
CREATE FUNCTION access_patient_of(rows_of text, row_key bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    patient bigint;
BEGIN
    PERFORM FROM pg_class WHERE oid = to_regclass('public.' || quote_ident(rows_of)) AND relrowsecurity;
    IF FOUND THEN
        EXECUTE format(
            'SELECT %I FROM public.%I WHERE id = $1',
            CASE rows_of WHEN 'patients' THEN 'id' ELSE 'patient_id' END, rows_of
        ) INTO patient USING row_key;
    END IF;
    RETURN patient;
END $$;

-- The keys of patients whose family name begins so, in any case, and nothing about them. Row-level security lets an
-- index serve only what cannot tell a hidden row's value, and neither upper() nor LIKE is held to be so; here the index
-- serves, and the statement that asks is shown those of the keys that it may see.
CREATE FUNCTION patients_named(beginning text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    found bigint[];
BEGIN
    -- With the pattern in its text: a plan for any pattern could not use the index.
    EXECUTE format(
        'SELECT array_agg(id) FROM patients WHERE upper(family_name) LIKE %L',
        regexp_replace(upper(beginning), '([\\%_])', '\\\1', 'g') || '%'
    ) INTO found;
    RETURN coalesce(found, '{}');
END $$;

-- What was opened in an emergency is evidence. It can be closed before its end, once, and reviewed, once. The keys of the
-- row keep_row_facts holds.
CREATE FUNCTION hold_break_glass() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    may_change text[] := '{id, uid, version, created_at, updated_at}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.closed_at IS NULL THEN
            may_change := may_change || '{closed_at}';
        END IF;
        IF OLD.reviewed_at IS NULL THEN
            may_change := may_change || '{reviewed_by_id, reviewed_at, review_outcome, review_note}';
        END IF;
        IF to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE check_violation USING
        MESSAGE = 'what was opened in an emergency stands as it was',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'break_glass_grants_stands';
END $$;

CREATE TRIGGER hold_break_glass BEFORE UPDATE OR DELETE ON break_glass_grants
    FOR EACH ROW EXECUTE FUNCTION hold_break_glass();

REVOKE ALL ON FUNCTION access_guard(regclass, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION end_access_guard(regclass) FROM PUBLIC;

COMMENT ON FUNCTION access_rules_of(bigint, text) IS
    'The access rules that hold for an account and a purpose.';
COMMENT ON FUNCTION access_reach(bigint, text, text, text) IS
    'How far an account reaches with a table: any of all, care and own.';
COMMENT ON FUNCTION access_patients(bigint, text[]) IS
    'The patients in the care of an account, or its own chart.';
COMMENT ON FUNCTION access_permits(bigint, text, text, bigint) IS
    'Whether an account may do something with what belongs to a patient.';
COMMENT ON FUNCTION access_now() IS
    'Who acts and for what purpose; an error when that is not said.';
COMMENT ON FUNCTION access_everybody(bigint, text, text, text) IS
    'Whether an account may read or write the rows of everybody for a purpose.';
COMMENT ON FUNCTION access_whom(bigint, text, text, text) IS
    'The patients whose rows an account may read or write for a purpose.';
COMMENT ON FUNCTION access_everybody(text, text) IS
    'Whether whoever acts may read or write the rows of everybody.';
COMMENT ON FUNCTION access_whom(text, text) IS
    'The patients whose rows whoever acts may read or write.';
COMMENT ON FUNCTION busy_times(bigint, timestamptz, timestamptz) IS
    'When a provider''s time is taken, without by whom.';
COMMENT ON FUNCTION access_patient_of(text, bigint) IS
    'The key of the patient whose data a row of a chart is.';
COMMENT ON FUNCTION patients_named(text) IS
    'The keys of patients whose family name begins so, in any case.';
COMMENT ON FUNCTION hold_break_glass() IS
    'Refuses to change what was opened in an emergency, but for its end and its review.';
COMMENT ON FUNCTION access_guard(regclass, text) IS
    'Puts a table under row-level security.';
COMMENT ON FUNCTION end_access_guard(regclass) IS
    'Takes a table out of row-level security.';

COMMIT;
