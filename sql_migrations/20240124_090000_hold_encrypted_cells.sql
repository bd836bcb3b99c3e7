-- Plain text in an encrypted column, or a cell that was copied from another row, would look like any other bytes. These
-- functions tell what a cell looks like from outside; CHECK constraints of the models call them.
-- Migration: Hold encrypted cells
-- Date: 2024-01-24
-- Description: is_sealed, is_blind_index; immutable, and NULL for NULL

BEGIN;

-- The uid of its row (16 bytes), 0x01 and the number of a key (4), a nonce (12), the ciphertext, a tag (16). What is
-- encrypted was padded to 16, 32, 48 … bytes; so 65 bytes are the least, and all lengths leave 1 when divided by 16.
-- Whether the rest is genuine, only the key can tell. PostgreSQL takes the body into the statement: nothing is called.
CREATE FUNCTION is_sealed(cell bytea, uid uuid) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substr(cell, 1, 16) = uuid_send(uid) AND substr(cell, 17, 1) = '\x01'::bytea
        AND octet_length(cell) >= 65 AND octet_length(cell) % 16 = 1;
COMMENT ON FUNCTION is_sealed(bytea, uuid) IS
    'Whether a cell looks as if it was encrypted for the row with this uid. NULL for NULL.';

CREATE FUNCTION is_blind_index(index bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN octet_length(index) = 16;
COMMENT ON FUNCTION is_blind_index(bytea) IS
    'Whether it has the length of a blind index, 16 bytes. NULL for NULL.';

COMMIT;
