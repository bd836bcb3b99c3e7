-- While a column is encrypted, or made plain again, batch by batch, people go on writing. What they change after it was
-- converted must be converted anew.
-- Migration: Forget converted values that have changed
-- Date: 2024-01-24
-- Description: forget_converted, which EncryptField and DecryptField put on a table while they work

BEGIN;

-- Argument: the column that gets the converted values, until it takes the place of the other.
CREATE FUNCTION forget_converted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], NULL));
END $$;
COMMENT ON FUNCTION forget_converted() IS
    'Empties the converted value of a row whose value has changed, so that it is converted anew.';

COMMIT;
