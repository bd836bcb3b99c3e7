-- A new enum value cannot be used in the transaction that adds it.
-- step
ALTER TYPE staff_shift ADD VALUE 'night';
-- step
INSERT INTO staff VALUES (1, 'Nightingale', 'night');
-- step
ALTER TABLE staff ALTER shift SET DEFAULT 'night';
