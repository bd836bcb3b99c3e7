-- Two transactions, because its author wanted the first to stand whatever becomes of the second.
-- step
BEGIN;
CREATE TABLE rota (staff_id integer NOT NULL REFERENCES staff, day date NOT NULL, PRIMARY KEY (staff_id, day));
INSERT INTO rota VALUES (1, '2025-01-06');
COMMIT;
-- step
BEGIN ISOLATION LEVEL SERIALIZABLE;
ALTER TABLE rota ADD COLUMN note text;
UPDATE rota SET note = 'first night';
COMMIT;
