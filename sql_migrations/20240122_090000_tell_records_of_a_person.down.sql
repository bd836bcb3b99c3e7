BEGIN;

DROP FUNCTION records_of_person(bigint[]);

COMMIT;
