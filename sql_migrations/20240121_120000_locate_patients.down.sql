BEGIN;

DROP FUNCTION locate_patients(text, date, text);

COMMIT;
