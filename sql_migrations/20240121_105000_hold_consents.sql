-- What a patient said stands as it was said: a change is a new version, and an end is one too. What follows from it is
-- written in the same transaction, so that there is no moment in which a withdrawn consent still shows anything.
-- Migration: Hold consents, and what follows from them
-- Date: 2024-01-21
-- Description: Versions are append-only and follow each other; consent_effects is kept from them, also over merges
-- Depends: compliance.0002_care_relationship
-- Depends: records.0001_initial

BEGIN;

SELECT restrict_deletes('consent_records');
SELECT restrict_deletes('consent_provisions');
SELECT restrict_deletes('consent_effects');

ALTER TABLE consent_records ADD CONSTRAINT consent_records_same_patient
    FOREIGN KEY (encounter_id, patient_id) REFERENCES encounters (id, patient_id) ON DELETE RESTRICT;
ALTER TABLE consent_records ADD CONSTRAINT consent_records_with_patient UNIQUE (id, patient_id);
ALTER TABLE consent_provisions ADD CONSTRAINT consent_provisions_same_patient
    FOREIGN KEY (consent_id, patient_id) REFERENCES consent_records (id, patient_id) ON DELETE RESTRICT;

CREATE FUNCTION hold_consents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE check_violation USING
        MESSAGE = 'what was recorded of a consent stands as it was recorded',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_stand';
END $$;

CREATE TRIGGER hold_consents BEFORE UPDATE OR DELETE ON consent_records
    FOR EACH ROW EXECUTE FUNCTION hold_consents();
ALTER TABLE consent_records ENABLE ALWAYS TRIGGER hold_consents;
CREATE TRIGGER hold_consents BEFORE UPDATE OR DELETE ON consent_provisions
    FOR EACH ROW EXECUTE FUNCTION hold_consents();
ALTER TABLE consent_provisions ENABLE ALWAYS TRIGGER hold_consents;

-- Holds all records of a person until the transaction ends, so that of those who record consents of one person, or merge
-- its records, each sees what the one before did. Who waited looks again: the person may have another record by then.
-- It comes before the weaker lock that an insert takes: two who held that one would wait for each other.
CREATE FUNCTION hold_person(record bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    held bigint[];
    person bigint[] := ARRAY(SELECT records_of_person(record));
BEGIN
    WHILE person IS DISTINCT FROM held LOOP
        PERFORM FROM patients WHERE id = ANY (person) ORDER BY id FOR NO KEY UPDATE;
        held := person;
        person := ARRAY(SELECT records_of_person(record));
    END LOOP;
END $$;

-- What may follow what: the same consent of the same patient, numbered on, and not ended before. A first version does
-- not begin with an end. A later one is written for the patient of the first, also when that record has been merged
-- since: a withdrawal must be possible.
CREATE FUNCTION consent_may_become(was text, becomes text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE was
        WHEN 'draft' THEN becomes IN ('draft', 'active', 'not-done', 'entered-in-error')
        WHEN 'active' THEN becomes IN ('active', 'inactive', 'entered-in-error')
        ELSE false
    END
$$;

CREATE FUNCTION hold_consent_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    before consent_records;
    follows boolean;
BEGIN
    PERFORM hold_person(NEW.patient_id);
    NEW.recorded_at := now();
    IF NEW.supersedes_id IS NULL THEN
        follows := NEW.version_no = 1 AND NEW.status NOT IN ('inactive', 'entered-in-error');
    ELSE
        SELECT * INTO before FROM consent_records WHERE id = NEW.supersedes_id;
        follows := before.consent_uid = NEW.consent_uid AND before.version_no + 1 = NEW.version_no
            AND before.patient_id = NEW.patient_id AND before.consent_type = NEW.consent_type
            AND consent_may_become(before.status, NEW.status);
    END IF;
    IF follows IS NOT TRUE THEN
        RAISE check_violation USING
            MESSAGE = 'this version does not follow the one before',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'consent_records_versions';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hold_consent_versions BEFORE INSERT ON consent_records
    FOR EACH ROW EXECUTE FUNCTION hold_consent_versions();
CREATE TRIGGER refuse_merged_patient BEFORE INSERT ON consent_records
    FOR EACH ROW WHEN (NEW.supersedes_id IS NULL) EXECUTE FUNCTION refuse_merged_patient();

-- Digest of the scope of a consent: two of one type, purpose and label do not hold at once, unless they are about other
-- recipients or other parts of the chart.
CREATE FUNCTION consent_kind(of_type text, VARIADIC scope text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN of_type || ':' || md5(array_to_string(scope, chr(31), chr(30)));

CREATE FUNCTION sorted_names(names text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(string_agg(DISTINCT lower(btrim(name)), chr(29) ORDER BY lower(btrim(name))), '') FROM unnest(names) AS name
$$;

-- Hands what holds, or will, on to all records of a person, at a moment. Whoever merges or records a consent holds those
-- records, so that neither misses the other: see hold_person.
CREATE FUNCTION share_consents(record bigint, at timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    person CONSTANT bigint[] := ARRAY(SELECT records_of_person(record));
BEGIN
    UPDATE consent_effects SET ends_at = greatest(starts_at, at)
    WHERE patient_id = ANY (person) AND inherited AND (ends_at IS NULL OR ends_at > at) AND ends_at IS DISTINCT FROM starts_at;
    IF cardinality(person) = 1 THEN
        RETURN;
    END IF;
    INSERT INTO consent_effects (
        patient_id, consent_id, provision_id, kind, purpose, label, decision, resource_types, data_from, data_until,
        encounter_id, roles, user_id, inherited, starts_at, ends_at
    )
    SELECT other.id, e.consent_id, e.provision_id, e.kind, e.purpose, e.label, e.decision, e.resource_types, e.data_from,
        e.data_until, e.encounter_id, e.roles, e.user_id, true, greatest(e.starts_at, at), e.ends_at
    FROM consent_effects AS e JOIN unnest(person) AS other (id) ON other.id <> e.patient_id
    WHERE e.patient_id = ANY (person) AND NOT e.inherited AND (e.ends_at IS NULL OR e.ends_at > greatest(e.starts_at, at));
END $$;

CREATE FUNCTION share_consents_of_merged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
BEGIN
    PERFORM share_consents(NEW.id, at);
    IF OLD.merged_into_id IS NOT NULL AND OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id THEN
        PERFORM share_consents(OLD.merged_into_id, at);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER share_consents_of_merged AFTER UPDATE OF merged_into_id ON patients
    FOR EACH ROW WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id) EXECUTE FUNCTION share_consents_of_merged();
ALTER TABLE patients ENABLE ALWAYS TRIGGER share_consents_of_merged;

-- What a version says ends what the one before said, and begins to hold when it is written down or, if that is later,
-- when it says so. Nothing holds for the past: what was decided then was decided by what stood here then.
CREATE FUNCTION keep_consent_effects() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    at timestamptz;
BEGIN
    at := clock_timestamp();
    UPDATE consent_effects AS e SET ends_at = greatest(e.starts_at, at)
    FROM consent_records AS c
    WHERE c.consent_uid = NEW.consent_uid AND e.consent_id = c.id AND (e.ends_at IS NULL OR e.ends_at > at);
    IF NEW.status = 'active' AND (NEW.ends_at IS NULL OR NEW.ends_at > at) THEN
        INSERT INTO consent_effects (
            patient_id, consent_id, kind, purpose, label, decision, resource_types, data_from, data_until, encounter_id,
            roles, inherited, starts_at, ends_at
        )
        SELECT NEW.patient_id, NEW.id, consent_kind(
                NEW.consent_type, sorted_names(NEW.recipients::text[]), sorted_names(NEW.resource_types::text[]),
                NEW.data_from::text, NEW.data_until::text, NEW.encounter_id::text
            ), purpose, label, NEW.decision, NEW.resource_types, NEW.data_from, NEW.data_until, NEW.encounter_id,
            '{}', false, greatest(NEW.starts_at, at), NEW.ends_at
        FROM (SELECT DISTINCT unnest(NEW.purposes)) AS for_what (purpose), (
            SELECT DISTINCT unnest(CASE WHEN NEW.sensitivity_labels = '{}' THEN '{*}' ELSE NEW.sensitivity_labels END)
        ) AS of_what (label);
    END IF;
    PERFORM share_consents(NEW.patient_id, at);
    RETURN NULL;
END $$;

CREATE TRIGGER keep_consent_effects AFTER INSERT ON consent_records
    FOR EACH ROW EXECUTE FUNCTION keep_consent_effects();
ALTER TABLE consent_records ENABLE ALWAYS TRIGGER keep_consent_effects;

-- An exception is written in the transaction of its consent, says the opposite, and is about nothing that its consent is
-- not about. It is no way around what holds of consents: to what takes an authorization it says no yes, and no no to what
-- cannot be refused.
CREATE FUNCTION hold_consent_provisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    whole consent_records;
    for_what text[];
    of_what text[];
    parts text[];
    broken text;
BEGIN
    SELECT * INTO whole FROM consent_records WHERE id = NEW.consent_id;
    for_what := CASE WHEN NEW.purposes = '{}' THEN whole.purposes ELSE NEW.purposes END;
    of_what := CASE WHEN NEW.sensitivity_labels = '{}' THEN whole.sensitivity_labels ELSE NEW.sensitivity_labels END;
    parts := CASE WHEN NEW.resource_types = '{}' THEN whole.resource_types ELSE NEW.resource_types END;
    broken := CASE
        WHEN whole.recorded_at <> now() THEN 'consent_provisions_with_consent'
        WHEN NEW.decision = whole.decision THEN 'consent_provisions_opposite'
        WHEN NOT NEW.purposes <@ whole.purposes
            OR NOT (whole.sensitivity_labels = '{}' OR NEW.sensitivity_labels <@ whole.sensitivity_labels)
            OR NOT (whole.resource_types = '{}' OR NEW.resource_types <@ whole.resource_types)
        THEN 'consent_provisions_within'
        WHEN NEW.decision = 'permit' AND (
            for_what && '{HRESCH,HMARKT,FAMRQT,HLEGAL}' OR of_what && '{PSYTHPN,42CFRPart2}'
        ) OR NEW.decision = 'deny' AND (
            'PATRQT' = ANY (for_what) OR 'HOPERAT' = ANY (for_what) AND of_what = '{}'
            AND (parts = '{}' OR 'Patient' = ANY (parts)) AND whole.encounter_id IS NULL
            AND NEW.roles = '{}' AND NEW.user_id IS NULL
        ) THEN 'consent_provisions_as_a_consent'
    END;
    IF broken IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'this is no exception to its consent',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hold_consent_provisions BEFORE INSERT ON consent_provisions
    FOR EACH ROW EXECUTE FUNCTION hold_consent_provisions();

CREATE FUNCTION keep_provision_effects() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    whole consent_records;
BEGIN
    SELECT * INTO whole FROM consent_records WHERE id = NEW.consent_id;
    INSERT INTO consent_effects (
        patient_id, consent_id, provision_id, kind, purpose, label, decision, resource_types, data_from, data_until,
        encounter_id, roles, user_id, inherited, starts_at, ends_at
    )
    SELECT DISTINCT e.patient_id, e.consent_id, NEW.id, consent_kind(
            whole.consent_uid::text, sorted_names(NEW.resource_types::text[]), NEW.data_from::text, NEW.data_until::text,
            sorted_names(NEW.roles::text[]), NEW.user_id::text
        ), for_what.purpose, of_what.label, NEW.decision,
        CASE WHEN NEW.resource_types = '{}' THEN whole.resource_types ELSE NEW.resource_types END,
        greatest(NEW.data_from, whole.data_from), least(NEW.data_until, whole.data_until), whole.encounter_id,
        NEW.roles, NEW.user_id, false, e.starts_at, e.ends_at
    FROM consent_effects AS e,
        unnest(CASE WHEN NEW.purposes = '{}' THEN whole.purposes ELSE NEW.purposes END) AS for_what (purpose),
        unnest(CASE
            WHEN NEW.sensitivity_labels <> '{}' THEN NEW.sensitivity_labels
            WHEN whole.sensitivity_labels <> '{}' THEN whole.sensitivity_labels
            ELSE '{*}'
        END) AS of_what (label)
    WHERE e.consent_id = NEW.consent_id AND e.provision_id IS NULL AND NOT e.inherited;
    PERFORM share_consents(NEW.patient_id, clock_timestamp());
    RETURN NULL;
END $$;

CREATE TRIGGER keep_provision_effects AFTER INSERT ON consent_provisions
    FOR EACH ROW EXECUTE FUNCTION keep_provision_effects();
ALTER TABLE consent_provisions ENABLE ALWAYS TRIGGER keep_provision_effects;

SELECT audit_table('consent_records', 'compliance.consentrecord', 'patient_id');
SELECT audit_table('consent_provisions', 'compliance.consentprovision', 'patient_id');
SELECT audit_table('consent_rules', 'compliance.consentrule');

SELECT access_guard('consent_records', 'patient_id');
SELECT access_guard('consent_provisions', 'patient_id');
-- An exception is written by whoever writes its consent; it has no right of its own.
ALTER POLICY access_add ON consent_provisions WITH CHECK (
    (SELECT access_everybody('consent_records', 'write'))
    OR patient_id = ANY ((SELECT access_whom('consent_records', 'write'))::bigint[])
);

SELECT grant_application('SELECT, INSERT', 'consent_records', 'consent_provisions');
SELECT grant_application('SELECT', 'consent_rules');

COMMENT ON FUNCTION hold_consents() IS
    'Refuses to change or delete what was recorded of a consent.';
COMMENT ON FUNCTION hold_person(bigint) IS
    'Holds all records of a person until the transaction ends.';
COMMENT ON FUNCTION consent_may_become(text, text) IS
    'Whether a version of a consent with one status may follow one with another.';
COMMENT ON FUNCTION hold_consent_versions() IS
    'Refuses a version of a consent that does not follow the one before.';
COMMENT ON FUNCTION consent_kind(text, text[]) IS
    'Digest of the scope of a consent.';
COMMENT ON FUNCTION sorted_names(text[]) IS
    'Names in one order and one case, to compare them.';
COMMENT ON FUNCTION share_consents(bigint, timestamptz) IS
    'Hands what consents come to on to all records of a person.';
COMMENT ON FUNCTION share_consents_of_merged() IS
    'Hands consents on when records are merged or taken apart.';
COMMENT ON FUNCTION keep_consent_effects() IS
    'Keeps what a version of a consent comes to.';
COMMENT ON FUNCTION hold_consent_provisions() IS
    'Refuses what is no exception to its consent.';
COMMENT ON FUNCTION keep_provision_effects() IS
    'Keeps what an exception to a consent comes to.';

COMMIT;
