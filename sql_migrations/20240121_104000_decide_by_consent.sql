-- A patient's no has to hold wherever data leaves, at once, and also for a statement that somebody wrote by hand. So it
-- is decided here, for a row, an account and a purpose, and every door asks the same function.
-- Migration: Decide by consent
-- Date: 2024-01-21
-- Description: What consents and rules say of a row, at any moment; what each table tells of its rows for it
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

-- What was decided, and what decided it: a consent, an exception to it, or a rule. `label` is what kind of information
-- it was about, * for any.
CREATE TYPE consent_outcome AS (
    permits boolean, label text, rule_id bigint, consent_id bigint, provision_id bigint, emergency boolean
);

-- Whether a purpose is permitted where no consent says anything. One that no rule knows is not.
CREATE FUNCTION consent_default(for_purpose text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN coalesce((
        SELECT decision = 'permit' FROM consent_rules
        WHERE purpose IN (CASE for_purpose WHEN 'ETREAT' THEN 'TREAT' ELSE for_purpose END, '*')
            AND label = '*' AND ends_at IS NULL
        ORDER BY purpose <> '*' DESC LIMIT 1
    ), false);
END $$;

-- The patients of whom a consent permits something for a purpose now: whom one reaches who may reach everybody, for a
-- purpose that needs it.
CREATE FUNCTION consented_patients(for_purpose text) RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT patient_id), '{}') FROM consent_effects
    WHERE purpose = for_purpose AND decision::text = 'permit'
        AND starts_at <= statement_timestamp() AND (ends_at IS NULL OR ends_at > statement_timestamp());
END;

-- The same of one patient: whether who may reach everybody reaches them for a purpose.
CREATE FUNCTION consent_reaches(patient bigint, for_purpose text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN consent_default(for_purpose) OR EXISTS (
        SELECT FROM consent_effects
        WHERE patient_id = patient AND purpose = for_purpose AND decision = 'permit'
            AND starts_at <= statement_timestamp() AND (ends_at IS NULL OR ends_at > statement_timestamp())
    );
END $$;

-- Whether an emergency of this account with this person was open at a moment.
CREATE FUNCTION consent_emergency(patient bigint, account bigint, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM break_glass_grants
        WHERE user_id = account AND opened_at <= at AND ends_at > at AND (closed_at IS NULL OR closed_at > at)
            AND patient_id IN (SELECT records_of_person(patient))
    );
END $$;

-- What consents, rules and an emergency say about one kind of information, the weightiest first: the first one decides.
-- Of each consent, what it says of this kind goes before what it says of any, and an exception before the consent itself.
-- Of all of them, what names the kind goes before what does not, and no goes before yes. A rule that denies a kind goes
-- before a consent that does not name that kind. It is a single statement with no settings of its own, so that PostgreSQL
-- takes it into the statement that asks; the tables are closed to whoever asks it alone.
CREATE FUNCTION consent_voices(
    of_label text, patient bigint, account bigint, for_purpose text, of_resource text, of_author bigint, dated date,
    of_encounter bigint, at timestamptz
) RETURNS TABLE (
    permits boolean, label text, rule_id bigint, consent_id bigint, provision_id bigint, emergency boolean, weight integer
)
    LANGUAGE sql STABLE
AS $$
    WITH rules AS (
        SELECT DISTINCT ON (label) id, label, decision, in_emergency, unless_author
        FROM consent_rules
        WHERE purpose IN (CASE for_purpose WHEN 'ETREAT' THEN 'TREAT' ELSE for_purpose END, '*')
            AND label IN (of_label, '*') AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
        ORDER BY label, purpose <> '*' DESC
    ), said AS (
        SELECT DISTINCT ON (consent_id) consent_id, provision_id, label, decision
        FROM consent_effects
        WHERE patient_id = patient
            AND (purpose = for_purpose OR for_purpose = 'ETREAT' AND purpose = 'TREAT')
            AND label IN (of_label, '*')
            AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
            AND (resource_types = '{}' OR of_resource = ANY (resource_types))
            AND (data_from IS NULL OR dated >= data_from) AND (data_until IS NULL OR dated <= data_until)
            AND (encounter_id IS NULL OR encounter_id = of_encounter)
            AND (user_id IS NULL OR user_id = account)
            AND (roles = '{}' OR EXISTS (
                SELECT FROM users WHERE users.id = account AND (role = ANY (roles) OR EXISTS (
                    SELECT FROM users_groups JOIN auth_group ON auth_group.id = users_groups.group_id
                    WHERE users_groups.user_id = account AND auth_group.name = ANY (roles)
                ))
            ))
        ORDER BY consent_id, provision_id IS NOT NULL DESC, label <> '*' DESC, decision
    ), found AS (
        SELECT decision, label, NULL::bigint AS rule_id, consent_id, provision_id, false AS emergency,
            CASE label WHEN '*' THEN 3 ELSE 5 END AS weight
        FROM said
        UNION ALL
        SELECT decision, label, id, NULL, NULL, false,
            CASE WHEN label = '*' THEN 1 WHEN decision = 'permit' THEN 2 ELSE 4 END
        FROM rules
        WHERE NOT (unless_author AND for_purpose IN ('TREAT', 'ETREAT') AND EXISTS (
            SELECT FROM providers WHERE providers.id = of_author AND user_id = account
        ))
        UNION ALL
        SELECT 'permit', label, id, NULL, NULL, true, 6
        FROM (SELECT * FROM rules ORDER BY label = '*' LIMIT 1) AS narrowest
        WHERE in_emergency = 'permit'
            AND (for_purpose = 'ETREAT' OR for_purpose = 'TREAT' AND consent_emergency(patient, account, at))
    )
    SELECT decision = 'permit', label::text, rule_id, consent_id, provision_id, emergency, weight
    FROM found ORDER BY weight DESC, decision = 'deny' DESC, consent_id
$$;

-- The decision about one kind of information. In plpgsql, which keeps its plans; so are all that are asked for each row.
CREATE FUNCTION consent_decision_on(
    of_label text, patient bigint, account bigint, for_purpose text, of_resource text, of_author bigint, dated date,
    of_encounter bigint, at timestamptz
) RETURNS consent_outcome
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    answer consent_outcome;
BEGIN
    SELECT permits, label, rule_id, consent_id, provision_id, emergency INTO answer
    FROM consent_voices(of_label, patient, account, for_purpose, of_resource, of_author, dated, of_encounter, at)
    LIMIT 1;
    RETURN answer;
END $$;

-- All that speaks about something with these labels, for whoever wants to know why: for each label what consent_voices
-- gives, numbered from 1.
CREATE FUNCTION consent_reasons(
    patient bigint, account bigint, for_purpose text, labels text[], of_resource text, at timestamptz
) RETURNS TABLE (
    asked text, place bigint, permits boolean, label text, rule_id bigint, consent_id bigint, provision_id bigint,
    emergency boolean, weight integer
)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT one.label, said.*
    FROM unnest(CASE WHEN cardinality(labels) > 0 THEN labels ELSE '{*}' END) WITH ORDINALITY AS one (label, nth),
        LATERAL (
            SELECT row_number() OVER (), v.*
            FROM consent_voices(one.label, patient, account, for_purpose, of_resource, NULL, NULL, NULL, at) AS v
        ) AS said
    ORDER BY one.nth, 2
$$;

-- The consents of a patient that hold for a purpose at a moment, whatever they are about.
CREATE FUNCTION consents_in_force(patient bigint, for_purpose text, at timestamptz) RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT ARRAY(
        SELECT DISTINCT consent_id FROM consent_effects
        WHERE patient_id = patient AND (purpose = for_purpose OR for_purpose = 'ETREAT' AND purpose = 'TREAT')
            AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
        ORDER BY consent_id
    )
$$;

-- The decision about something with these labels: no for one of them is no. Nothing is permitted that nothing permits.
CREATE FUNCTION consent_decision(
    patient bigint, account bigint, for_purpose text, labels text[], of_resource text, of_author bigint, dated date,
    of_encounter bigint, at timestamptz
) RETURNS consent_outcome
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    one text;
    found consent_outcome;
    answer consent_outcome;
BEGIN
    FOREACH one IN ARRAY CASE WHEN cardinality(labels) > 0 THEN labels ELSE '{*}' END LOOP
        found := consent_decision_on(
            one, patient, account, for_purpose, of_resource, of_author, dated, of_encounter, at
        );
        IF found.permits IS NOT TRUE THEN
            found.permits := false;
            RETURN found;
        END IF;
        IF answer.permits IS NULL OR answer.consent_id IS NULL THEN
            answer := found;
        END IF;
    END LOOP;
    RETURN answer;
END $$;

-- The same for a statement, now. Most patients have said nothing about most purposes: one look tells.
CREATE FUNCTION consent_lets(
    patient bigint, account bigint, for_purpose text, labels text[], of_resource text, of_author bigint, dated date,
    of_encounter bigint
) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER COST 1000 SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF labels = '{}' AND for_purpose <> 'ETREAT'
        AND NOT EXISTS (SELECT FROM consent_effects WHERE patient_id = patient AND purpose = for_purpose)
        -- As consent_default() does, whose call for each row would take as long as all of this.
        AND (
            SELECT decision = 'permit' FROM consent_rules
            WHERE purpose IN (for_purpose, '*') AND label = '*' AND ends_at IS NULL
            ORDER BY purpose <> '*' DESC LIMIT 1
        )
    THEN
        RETURN true;
    END IF;
    RETURN coalesce((consent_decision(
        patient, account, for_purpose, labels, of_resource, of_author, dated, of_encounter, statement_timestamp()
    )).permits, false);
END $$;

-- Says of a table what of its rows a consent asks for: its FHIR resource type and, as expressions over the row r, the
-- labels, who wrote it, of what day it is, and the visit. Makes consent_lets and consent_decision for its rows.
CREATE FUNCTION consent_subject(
    subject regclass, resource text, patient text DEFAULT 'r.patient_id', labels text DEFAULT '''{}''::text[]',
    author text DEFAULT 'NULL', dated text DEFAULT 'NULL', encounter text DEFAULT 'NULL'
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    facts CONSTANT text := format('%s, %%s, %s, %L, %s, (%s)::date, %s', patient, labels, resource, author, dated, encounter);
BEGIN
    EXECUTE format(
        'CREATE FUNCTION public.consent_lets(r %s, account bigint, for_purpose text) RETURNS boolean '
        'LANGUAGE sql STABLE AS %L', subject,
        'SELECT public.consent_lets(' || format(facts, 'account, for_purpose') || ')'
    );
    EXECUTE format(
        'CREATE FUNCTION public.consent_decision(r %s, account bigint, for_purpose text, at timestamptz) '
        'RETURNS public.consent_outcome LANGUAGE sql STABLE AS %L', subject,
        'SELECT public.consent_decision(' || format(facts, 'account, for_purpose') || ', at)'
    );
    EXECUTE format(
        'COMMENT ON FUNCTION public.consent_lets(%s, bigint, text) IS %L', subject,
        'Whether consent lets an account have a row of ' || subject || ' for a purpose, now.'
    );
    EXECUTE format(
        'COMMENT ON FUNCTION public.consent_decision(%s, bigint, text, timestamptz) IS %L', subject,
        'What consent says of a row of ' || subject || ', an account and a purpose, at a moment.'
    );
END $$;

-- For the way back of a file that called the other.
CREATE FUNCTION end_consent_subject(subject regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    EXECUTE format('DROP FUNCTION public.consent_lets(%s, bigint, text)', subject);
    EXECUTE format('DROP FUNCTION public.consent_decision(%s, bigint, text, timestamptz)', subject);
END $$;

-- The labels of a document: those that were given to it, and those that follow from what it is.
CREATE FUNCTION medical_record_labels(sensitivity text[], record_type text, is_part2 boolean) RETURNS text[]
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT sensitivity
        || CASE WHEN record_type = 'psychotherapy_note' AND 'PSYTHPN' <> ALL (sensitivity) THEN '{PSYTHPN}' ELSE '{}' END::text[]
        || CASE WHEN is_part2 THEN '{42CFRPart2}' ELSE '{}' END::text[]
$$;

-- The visit that an appointment came to, whoever asks: a visit that is kept from somebody is kept with its appointment.
CREATE FUNCTION encounter_of(appointment bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN (SELECT id FROM encounters WHERE appointment_id = appointment);
END $$;

SELECT consent_subject('patients', 'Patient', patient => 'r.id');
SELECT consent_subject('insurance_info', 'Coverage', dated => 'r.created_at AT TIME ZONE ''UTC''');
SELECT consent_subject(
    'allergies', 'AllergyIntolerance', labels => 'r.sensitivity::text[]', dated => 'r.created_at AT TIME ZONE ''UTC'''
);
SELECT consent_subject(
    'appointments', 'Appointment', labels => 'r.sensitivity::text[]', dated => 'r.starts_at AT TIME ZONE ''UTC''',
    encounter => 'public.encounter_of(r.id)'
);
SELECT consent_subject(
    'encounters', 'Encounter', labels => 'r.sensitivity::text[]', dated => 'r.starts_at AT TIME ZONE ''UTC''',
    encounter => 'r.id'
);
SELECT consent_subject(
    'medical_records', 'DocumentReference',
    labels => 'public.medical_record_labels(r.sensitivity::text[], r.record_type::text, r.is_part2)',
    author => 'r.author_id', dated => 'r.effective_at AT TIME ZONE ''UTC''', encounter => 'r.encounter_id'
);
SELECT consent_subject(
    'prescriptions', 'MedicationRequest', labels => 'r.sensitivity::text[]', author => 'r.prescriber_id',
    dated => 'r.authored_on', encounter => 'r.encounter_id'
);

-- What consent says of one row, by its key; NULL for a row of a table that no consent is about, and for one that is not
-- there. The trail says it of each look.
CREATE FUNCTION consent_about(
    rows_of text, row_key bigint, account bigint, for_purpose text, at timestamptz DEFAULT statement_timestamp()
) RETURNS consent_outcome
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    answer consent_outcome;
BEGIN
    IF to_regprocedure(format('public.consent_lets(public.%I, bigint, text)', rows_of)) IS NOT NULL THEN
        EXECUTE format(
            'SELECT d.* FROM public.%I AS r, public.consent_decision(r, $2, $3, $4) AS d WHERE r.id = $1', rows_of
        ) INTO answer USING row_key, account, for_purpose, at;
    END IF;
    RETURN answer;
END $$;

-- The consents behind a list: those that released what is shown about these patients, where that took one, and those that
-- withhold something from whoever asks. Where a purpose needs none, it took one for rows with labels. At most a hundred of
-- each, so that a list does not wait for them.
CREATE FUNCTION consents_behind(rows_of text, account bigint, for_purpose text, shown bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := statement_timestamp();
    reach CONSTANT text[] := access_reach(account, for_purpose, rows_of, 'read');
    free CONSTANT boolean := consent_default(for_purpose);
    labelled CONSTANT boolean := EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('public.' || quote_ident(rows_of)) AND attname = 'sensitivity'
    );
    released bigint[];
    withheld bigint[];
BEGIN
    released := ARRAY(
        SELECT DISTINCT consent_id FROM consent_effects
        WHERE patient_id = ANY (shown) AND purpose = for_purpose AND decision = 'permit' AND (label <> '*' OR NOT free)
            AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
        ORDER BY consent_id LIMIT 100
    );
    IF NOT free THEN
        RETURN released;
    ELSIF 'all' = ANY (reach) THEN
        withheld := ARRAY(
            SELECT DISTINCT consent_id FROM (
                SELECT consent_id FROM consent_effects
                WHERE purpose = for_purpose AND decision = 'deny'
                    AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
                LIMIT 100
            ) AS few
        );
    ELSE
        withheld := ARRAY(
            SELECT DISTINCT consent_id FROM consent_effects
            WHERE patient_id = ANY (access_patients(account, reach)) AND purpose = for_purpose AND decision = 'deny'
                AND starts_at <= at AND (ends_at IS NULL OR ends_at > at)
            ORDER BY consent_id LIMIT 100
        );
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT consent FROM unnest(withheld || CASE WHEN labelled THEN released END) AS consent ORDER BY consent
    );
END $$;

-- The consents of these patients that say anything for a purpose now: those behind what is given out of their charts.
CREATE FUNCTION consents_of(patients bigint[], for_purpose text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT consent_id FROM consent_effects
        WHERE patient_id = ANY (patients) AND purpose = for_purpose
            AND starts_at <= statement_timestamp() AND (ends_at IS NULL OR ends_at > statement_timestamp())
        ORDER BY consent_id
    );
END $$;

REVOKE ALL ON FUNCTION consent_subject(regclass, text, text, text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION end_consent_subject(regclass) FROM PUBLIC;

COMMENT ON TYPE consent_outcome IS
    'What was decided about consent, and what decided it.';
COMMENT ON FUNCTION consent_default(text) IS
    'Whether a purpose is permitted where no consent says anything.';
COMMENT ON FUNCTION consented_patients(text) IS
    'The patients of whom a consent permits something for a purpose now.';
COMMENT ON FUNCTION consent_reaches(bigint, text) IS
    'Whether who may reach everybody reaches a patient for a purpose.';
COMMENT ON FUNCTION consent_emergency(bigint, bigint, timestamptz) IS
    'Whether an emergency of an account with a person was open at a moment.';
COMMENT ON FUNCTION consent_voices(text, bigint, bigint, text, text, bigint, date, bigint, timestamptz) IS
    'What speaks about one kind of information, the weightiest first.';
COMMENT ON FUNCTION consent_reasons(bigint, bigint, text, text[], text, timestamptz) IS
    'All that speaks about something with these labels, and with what weight.';
COMMENT ON FUNCTION consents_in_force(bigint, text, timestamptz) IS
    'The consents of a patient that hold for a purpose at a moment, whatever they are about.';
COMMENT ON FUNCTION consent_decision_on(text, bigint, bigint, text, text, bigint, date, bigint, timestamptz) IS
    'What consent says about one kind of information.';
COMMENT ON FUNCTION consent_decision(bigint, bigint, text, text[], text, bigint, date, bigint, timestamptz) IS
    'What consent says about something with these labels, at a moment.';
COMMENT ON FUNCTION consent_lets(bigint, bigint, text, text[], text, bigint, date, bigint) IS
    'Whether consent lets an account have something with these labels for a purpose, now.';
COMMENT ON FUNCTION consent_subject(regclass, text, text, text, text, text, text) IS
    'Says of a table what of its rows a consent asks for.';
COMMENT ON FUNCTION end_consent_subject(regclass) IS
    'Lets consents say nothing of a table any more.';
COMMENT ON FUNCTION medical_record_labels(text[], text, boolean) IS
    'The labels of a document, with those that follow from what it is.';
COMMENT ON FUNCTION encounter_of(bigint) IS
    'The visit that an appointment came to.';
COMMENT ON FUNCTION consents_behind(text, bigint, text, bigint[]) IS
    'The consents that released a list, or withheld more of it.';
COMMENT ON FUNCTION consents_of(bigint[], text) IS
    'The consents of patients that say anything for a purpose now.';
COMMENT ON FUNCTION consent_about(text, bigint, bigint, text, timestamptz) IS
    'What consent says of one row, by its table and key.';

COMMIT;
