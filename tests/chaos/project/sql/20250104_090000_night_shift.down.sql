-- An enum value cannot be taken out, so the type is made anew.
BEGIN;
DELETE FROM staff WHERE id = 1;
ALTER TABLE staff ALTER shift DROP DEFAULT;
ALTER TYPE staff_shift RENAME TO staff_shift_old;
CREATE TYPE staff_shift AS ENUM ('day', 'late');
ALTER TABLE staff ALTER shift TYPE staff_shift USING shift::text::staff_shift;
ALTER TABLE staff ALTER shift SET DEFAULT 'day';
DROP TYPE staff_shift_old;
COMMIT;
