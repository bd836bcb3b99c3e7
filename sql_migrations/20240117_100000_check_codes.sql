-- A wrong digit in an identifier sends a claim, a prescription or a result to somebody else. Most such identifiers carry
-- a check digit for that reason; these functions look at it, and CHECK constraints call them.
-- Migration: Check codes and their check digits
-- Date: 2024-01-17
-- Description: NPI, DEA, LOINC, SNOMED CT, ICD-10-CM, RxNorm, NDC and CVX; immutable, and NULL for NULL
--
-- The bodies are bound when they are created, or name their search_path: no session can put another function in the
-- place of one that they call.

BEGIN;

-- Luhn (ISO/IEC 7812-1, annex B), check digit included: from the right, every second digit counts twice.
CREATE FUNCTION luhn_is_valid(digits text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN digits ~ '^[0-9]+$' THEN (
        SELECT sum(CASE WHEN place % 2 = 1 THEN digit::int ELSE digit::int * 2 - 9 * (digit::int > 4)::int END) % 10 = 0
        FROM unnest(string_to_array(reverse(digits), NULL)) WITH ORDINALITY AS split (digit, place)
    ) ELSE false END;

-- National Provider Identifier: Luhn over 80840, the prefix for health applications in the United States, and the ten
-- digits (45 CFR 162.406; CMS, Requirements for National Provider Identifier).
CREATE FUNCTION npi_is_valid(npi text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN npi ~ '^[12][0-9]{9}$' AND luhn_is_valid('80840' || npi);

-- DEA registration: type of registrant, initial of the name (or 9), six digits, and the last digit of
-- (1st + 3rd + 5th) + 2 x (2nd + 4th + 6th).
CREATE FUNCTION dea_is_valid(dea text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN dea ~ '^[A-HJ-NP-UX][A-Z9][0-9]{7}$' THEN (
        substr(dea, 3, 1)::int + substr(dea, 5, 1)::int + substr(dea, 7, 1)::int
        + 2 * (substr(dea, 4, 1)::int + substr(dea, 6, 1)::int + substr(dea, 8, 1)::int)
    ) % 10 = substr(dea, 9, 1)::int ELSE false END;

-- Verhoeff, check digit included: the digits permuted by their place, multiplied in the dihedral group D5, give 0.
CREATE FUNCTION verhoeff_is_valid(digits text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Row a, column b of the multiplication table of D5; ten rows of ten.
    product CONSTANT text :=
        '0123456789' || '1234067895' || '2340178956' || '3401289567' || '4012395678'
        || '5987604321' || '6598710432' || '7659821043' || '8765932104' || '9876543210';
    -- Row i: the permutation for the i-th place from the right, modulo 8; eight rows of ten.
    permuted CONSTANT text :=
        '0123456789' || '1576283094' || '5803796142' || '8916043527'
        || '9453126870' || '4286573901' || '2793806415' || '7046913258';
    total integer := 0;
    digit integer;
BEGIN
    IF digits !~ '^[0-9]+$' THEN
        RETURN false;
    END IF;
    FOR place IN 0 .. length(digits) - 1 LOOP
        digit := substr(digits, length(digits) - place, 1)::integer;
        digit := substr(permuted, (place % 8) * 10 + digit + 1, 1)::integer;
        total := substr(product, total * 10 + digit + 1, 1)::integer;
    END LOOP;
    RETURN total = 0;
END $$;

-- Whether a code has the form that its system gives to codes, check digit included. That it exists is another matter:
-- the terminologies themselves are licensed and are not in this database. A system that is not listed has no code.
CREATE FUNCTION code_is_valid(system text, code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE system
        WHEN 'http://hl7.org/fhir/sid/icd-10-cm' THEN code ~ '^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$'
        WHEN 'http://loinc.org' THEN code ~ '^[0-9]{1,7}-[0-9]$' AND luhn_is_valid(replace(code, '-', ''))
        WHEN 'http://snomed.info/sct' THEN code ~ '^[1-9][0-9]{5,17}$' AND verhoeff_is_valid(code)
        WHEN 'http://www.nlm.nih.gov/research/umls/rxnorm' THEN code ~ '^[1-9][0-9]{0,7}$'
        WHEN 'http://hl7.org/fhir/sid/ndc' THEN code ~ '^[0-9]{11}$'
        WHEN 'http://hl7.org/fhir/sid/cvx' THEN code ~ '^[0-9]{2,3}$'
        ELSE false
    END;

-- 21 CFR 1306.22(a): schedules III and IV are not filled or refilled more than six months after the day of issue.
CREATE FUNCTION within_six_months(schedule text, issued date, last_day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN schedule IS NULL OR schedule NOT IN ('III', 'IV')
        OR coalesce(last_day <= issued + interval '6 months', false);

CREATE FUNCTION is_sha256(digest bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN octet_length(digest) = 32;

-- What may follow what. appointments/value_sets.py says the same to people; the trigger asks this.
CREATE FUNCTION appointment_may_become(old text, new text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN old = new OR new = ANY (CASE old
        WHEN 'proposed' THEN ARRAY['pending', 'waitlist', 'booked', 'cancelled', 'entered-in-error']
        WHEN 'waitlist' THEN ARRAY['proposed', 'pending', 'booked', 'cancelled', 'entered-in-error']
        WHEN 'pending' THEN ARRAY['waitlist', 'booked', 'cancelled', 'entered-in-error']
        WHEN 'booked' THEN ARRAY['arrived', 'checked-in', 'noshow', 'cancelled', 'entered-in-error']
        WHEN 'arrived' THEN ARRAY['checked-in', 'fulfilled', 'cancelled', 'entered-in-error']
        WHEN 'checked-in' THEN ARRAY['fulfilled', 'cancelled', 'entered-in-error']
        WHEN 'noshow' THEN ARRAY['arrived', 'entered-in-error']
        WHEN 'fulfilled' THEN ARRAY['entered-in-error']
        WHEN 'cancelled' THEN ARRAY['entered-in-error']
        ELSE ARRAY[]::text[]
    END);

-- The same of prescriptions; records/value_sets.py says it to people.
CREATE FUNCTION prescription_may_become(old text, new text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN old = new OR new = ANY (CASE old
        WHEN 'draft' THEN ARRAY['active', 'cancelled', 'entered-in-error']
        WHEN 'active' THEN ARRAY['on-hold', 'cancelled', 'completed', 'stopped', 'entered-in-error']
        WHEN 'on-hold' THEN ARRAY['active', 'cancelled', 'completed', 'stopped', 'entered-in-error']
        WHEN 'unknown' THEN ARRAY['active', 'on-hold', 'cancelled', 'completed', 'stopped', 'entered-in-error']
        WHEN 'cancelled' THEN ARRAY['entered-in-error']
        WHEN 'completed' THEN ARRAY['entered-in-error']
        WHEN 'stopped' THEN ARRAY['entered-in-error']
        ELSE ARRAY[]::text[]
    END);

COMMIT;
