-- Notices can be changed; they stay where they are.

BEGIN;

DROP POLICY access_by_oneself ON break_glass_grants;
DROP POLICY access_read_own ON break_glass_grants;
DROP TRIGGER hold_notices ON notices;
DROP FUNCTION hold_notices();

COMMIT;
