-- "No two appointments of one provider overlap" compares a key for equality and a time for overlap in one index. GiST
-- knows times; this extension, which comes with PostgreSQL, teaches it keys.
-- Migration: Install btree_gist
-- Date: 2024-01-17
-- Description: Equality operators for exclusion constraints

BEGIN;

-- The database may have it already: on some servers every new one does.
CREATE EXTENSION IF NOT EXISTS btree_gist;

COMMIT;
