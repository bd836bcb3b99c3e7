-- The front desk finds people by the beginning of a family name, in whatever case it is typed, and a date of birth.
-- Without this index each such search reads every patient there is.
-- Migration: Index patients by family name and date of birth
-- Date: 2024-01-17
-- Description: upper() is what Django's istartswith and iexact compare; text_pattern_ops serves LIKE in any locale
-- Depends: patients.0001_initial

BEGIN;

CREATE INDEX patients_family_name_birth_date ON patients (upper(family_name) text_pattern_ops, birth_date);

COMMIT;
