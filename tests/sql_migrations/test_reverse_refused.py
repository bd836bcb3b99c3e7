"""What a file did that cannot be restored is refused, with the place, the reason and the way out."""

from __future__ import annotations

import pytest

from sql_migrations.errors import NotReversible
from sql_migrations.reversing.reverse import derive
from sql_migrations.statements import parse

REFUSED = {
    "UPDATE old SET note = 'x'": "changes data in old",
    "INSERT INTO old (id) VALUES (2)": "changes data in old",
    "WITH gone AS (DELETE FROM old RETURNING *) SELECT * FROM gone": "changes data in old",
    "CREATE TABLE t AS WITH x AS (DELETE FROM old RETURNING *) TABLE x": "changes data in old",
    "COPY old FROM stdin;\n2\tx\tnew\n\\.\n": "changes data in old",
    "TRUNCATE old": "changes data in old",
    "CREATE TABLE t (a int); CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM old; INSERT INTO t VALUES (1)": (
        "what the trigger or rule on t does"
    ),
    "CREATE VIEW v AS SELECT * FROM old; DELETE FROM v": "changes data in v",
    "CREATE TABLE t (a int REFERENCES old); TRUNCATE t CASCADE": "CASCADE",
    "SAVEPOINT s; CREATE TABLE t (a integer); ROLLBACK TO s": "what ROLLBACK took back",
    "DROP TABLE old": "what it dropped is not known",
    "CREATE TABLE t (a integer); DROP TABLE t CASCADE": "what it dropped is not known",
    "DO $$ BEGIN END $$": "cannot be told",
    "CALL p()": "cannot be told",
    "SELECT anything()": r"what anything\(\) changes",
    "CREATE TABLE t AS SELECT anything()": r"what anything\(\) changes",
    "SELECT setval('old_seq', 3)": r"what setval\(\) changes",
    "ALTER TABLE old ALTER note SET NOT NULL": "how old was before",
    "ALTER TABLE old ALTER note SET DEFAULT 'x'": "how old was before",
    "ALTER TABLE old ALTER id TYPE bigint": "how old was before",
    "ALTER TABLE old DROP COLUMN note": "how old was before",
    "CREATE TABLE t (a integer CONSTRAINT old CHECK (a > 0)); DROP TABLE old": "what it dropped is not known",
    "CREATE TABLE t (a integer CONSTRAINT old REFERENCES older); ALTER TABLE old ALTER id TYPE bigint": "how old was",
    "ALTER TABLE old ENABLE ROW LEVEL SECURITY": "how old was before",
    "ALTER TABLE old ADD CONSTRAINT p PRIMARY KEY (id)": "NOT NULL",
    "ALTER TABLE old ADD CHECK (id > 0)": "chose the name",
    "ALTER TABLE old ADD CONSTRAINT u UNIQUE USING INDEX older": "drop the index older",
    "CREATE INDEX ON old (note)": "chose the name",
    "ALTER TYPE mood ADD VALUE 'x'": "out of an enum",
    "COMMENT ON TABLE old IS 'x'": "did not create",
    "COMMENT ON COLUMN old.note IS 'x'": "did not create",
    "GRANT SELECT ON old TO PUBLIC": "did not create",
    "GRANT SELECT ON ALL TABLES IN SCHEMA clinic TO PUBLIC": "did not create",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC": "default before",
    "CREATE EXTENSION earthdistance CASCADE": "other extensions",
    "CREATE ROLE someone": "whole server",
    "SET search_path = clinic; CREATE TABLE t (a integer)": "search_path",
    "SET search_path = clinic; CREATE STATISTICS s ON a, b FROM clinic.t": "search_path",
    "SET search_path = clinic; ALTER TYPE mood RENAME TO feeling": "search_path",
    "SET search_path = clinic; ALTER TYPE mood RENAME VALUE 'a' TO 'b'": "search_path",
    "SET ROLE app; CREATE TABLE t (a integer)": 'where "t" is cannot be told',
    "SELECT set_config('role', 'app', false); CREATE TABLE t (a integer)": 'where "t" is cannot be told',
    "ALTER ROLE someone RENAME TO other": "old name",
    "ALTER DOMAIN positive RENAME CONSTRAINT a TO b": "old name",
    "CREATE TABLE m (at date) PARTITION BY RANGE (at); ALTER TABLE m ATTACH PARTITION old DEFAULT": "did not create",
    "CREATE TABLE t (a integer); ALTER TABLE t SET SCHEMA clinic": "another schema",
    "CREATE TABLE public.t (a integer); INSERT INTO t VALUES (1)": "changes data in t",
    "ALTER TABLE IF EXISTS old RENAME TO older": "old name",
    "REFRESH MATERIALIZED VIEW m": "did not create",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_what_cannot_be_restored_is_refused_with_the_way_out(text: str, reason: str) -> None:
    with pytest.raises(NotReversible, match=reason) as refused:
        derive(parse(text, file="20240101_000000_case.sql"), None)

    assert "Write 20240101_000000_case.down.sql." in str(refused.value)
    assert (refused.value.line, refused.value.source is not None) == (1, True)


def test_nothing_is_dropped_that_the_history_does_not_prove() -> None:
    with pytest.raises(NotReversible, match="history does not say") as refused:
        derive(parse("BEGIN;\n  CREATE TABLE t (a integer);\nCOMMIT;", file="20240101_000000_case.sql"), set())

    assert (refused.value.line, refused.value.column) == (2, 3)
