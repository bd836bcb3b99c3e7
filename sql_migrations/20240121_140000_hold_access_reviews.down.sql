-- Signed reviews can be changed; they stay where they are.

BEGIN;

DROP FUNCTION access_open_appointments(bigint);
DROP FUNCTION access_open_care(bigint);
DROP TRIGGER hold_access_reviews ON access_reviews;
DROP FUNCTION hold_access_reviews();
SELECT revoke_application('access_reviews');
SELECT end_audit('access_reviews');

COMMIT;
