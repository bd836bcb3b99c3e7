"""What cannot run inside a transaction, and what it does to the file it stands in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from sql_migrations.errors import BadTransaction
from sql_migrations.statements import parse
from sql_migrations.syntax.units import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable


def planned(text: str) -> Plan:
    return plan(parse(text, file="f.sql"), transaction="auto")


OUTSIDE = [
    ("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"),
    ("DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"),
    ("REINDEX TABLE CONCURRENTLY t", "REINDEX CONCURRENTLY"),
    ("REINDEX (CONCURRENTLY) INDEX i", "REINDEX CONCURRENTLY"),
    ("REINDEX DATABASE d", "REINDEX DATABASE"),
    ("REINDEX SYSTEM d", "REINDEX SYSTEM"),
    ("REINDEX SCHEMA s", "REINDEX SCHEMA"),
    ("VACUUM", "VACUUM"),
    ("VACUUM (ANALYZE) t", "VACUUM"),
    ("CREATE DATABASE d", "CREATE DATABASE"),
    ("DROP DATABASE d", "DROP DATABASE"),
    ("CREATE TABLESPACE s LOCATION '/x'", "CREATE TABLESPACE"),
    ("DROP TABLESPACE s", "DROP TABLESPACE"),
    ("ALTER SYSTEM SET work_mem = '8MB'", "ALTER SYSTEM"),
    ("ALTER DATABASE d SET TABLESPACE s", "ALTER DATABASE … SET TABLESPACE"),
    ("CLUSTER", "CLUSTER without a table"),
    ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "ALTER TABLE … DETACH PARTITION CONCURRENTLY"),
    ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "CREATE SUBSCRIPTION"),
    ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot)", "CREATE SUBSCRIPTION"),
    ("ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION with a refresh"),
    ("ALTER SUBSCRIPTION s SET PUBLICATION p", "ALTER SUBSCRIPTION with a refresh"),
    ("DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"),
    ("DISCARD ALL", "DISCARD ALL"),
    ("DO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$", "DO with COMMIT in it"),
    ("DO LANGUAGE plpgsql $$ BEGIN LOOP rollback and chain; END LOOP; END $$", "DO with ROLLBACK in it"),
    ("DO $$ BEGIN IF true THEN COMMIT; END IF; END $$", "DO with COMMIT in it"),
    ("DO $$ <<a>> BEGIN IF 1 > 2 THEN NULL; ELSE COMMIT; END IF; END $$", "DO with COMMIT in it"),
]


@pytest.mark.parametrize(("statement", "words"), OUTSIDE)
def test_what_cannot_run_in_a_transaction_is_journalled(statement: str, words: str) -> None:
    found = planned(f"SELECT 1;\n\n{statement};")

    assert found.reason == f"line 3: {words} cannot run inside a transaction"
    assert [(unit.begin, len(unit.statements)) for unit in found.units] == [("BEGIN", 1), (None, 1)]


@pytest.mark.parametrize(("statement", "words"), OUTSIDE)
def test_what_cannot_run_in_a_transaction_is_refused_inside_a_block(statement: str, words: str) -> None:
    with pytest.raises(BadTransaction) as caught:
        planned(f"BEGIN;\n{statement};\nCOMMIT;")

    assert str(caught.value).startswith(f"f.sql:2:1: {words} cannot run inside a transaction: take out BEGIN and COMM")


INSIDE = [
    "CREATE INDEX i ON t (a)",
    "INSERT INTO t VALUES ('CREATE INDEX CONCURRENTLY i ON t (a); VACUUM; COMMIT;')",
    "COMMENT ON TABLE t IS 'VACUUM'",
    "REINDEX (CONCURRENTLY false) TABLE t",
    "REINDEX (CONCURRENTLY 0) TABLE t",
    "REINDEX TABLE t",
    "ANALYZE t",
    "CLUSTER t USING i",
    "ALTER DATABASE d SET work_mem = '8MB'",
    "ALTER TABLE t DETACH PARTITION p",
    'ALTER TABLE t ADD COLUMN "concurrently" int',
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)",
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = off)",
    "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
    "ALTER SUBSCRIPTION s DISABLE",
    "DISCARD TEMP",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    "CALL p()",
    "DO $$ BEGIN RAISE 'a; COMMIT; b'; /* ; COMMIT; */ END $$",
    "DO $$ BEGIN PERFORM 1; EXCEPTION WHEN transaction_rollback THEN NULL; END $$",
    "DO $$ DECLARE commit int; BEGIN commit := 1; PERFORM commit; END $$",
    "DO LANGUAGE plpython3u $$ x = 1; commit; $$",
    "DO $$ BEGIN 'open; COMMIT; $$",
    "DO ''",
    "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$",
]


@pytest.mark.parametrize("statement", INSIDE)
def test_what_can_run_in_a_transaction_stays_in_it(statement: str) -> None:
    assert planned(f"SELECT 1; {statement};").mode == "transaction"
    assert planned(f"BEGIN; {statement}; COMMIT;").mode == "transaction"


def test_postgresql_is_of_the_same_opinion(database_url: Callable[[], str]) -> None:
    refused = {}
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int) PARTITION BY LIST (a)")
        connection.execute("CREATE TABLE p PARTITION OF t FOR VALUES IN (1)")
        for statement in [*(statement for statement, _ in OUTSIDE), *INSIDE]:
            refused[statement] = is_refused_in_a_transaction(connection, statement)

    # A subscription that is not there, and a table that is partitioned: what only the server can know.
    unknown = {one for one in refused if re.match("(ALTER|DROP) SUBSCRIPTION|REINDEX .*TABLE t", one)}
    assert [one for one, _ in OUTSIDE if not refused[one] and one not in unknown] == []
    assert [one for one in INSIDE if refused[one] and one not in unknown] == []


def is_refused_in_a_transaction(connection: psycopg.Connection, statement: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except (psycopg.errors.ActiveSqlTransaction, psycopg.errors.InvalidTransactionTermination):
        return True
    except psycopg.Error:
        return False
    return False


ADD = "ALTER TYPE mood ADD VALUE 'it''s';"


@pytest.mark.parametrize(
    "use",
    [
        "INSERT INTO t VALUES ('it''s');",
        "UPDATE t SET a = 'it''s'::mood;",
        "ALTER TABLE t ALTER a SET DEFAULT 'it''s';",
        "DO $$ BEGIN INSERT INTO t VALUES ('it''s'); END $$;",
        "CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$ SELECT 'it''s'::mood $$;",
    ],
)
def test_an_enum_value_that_is_added_and_used_is_journalled(use: str) -> None:
    found = planned(f"{ADD}\n\n{use}")

    assert found.mode == "journalled"
    assert found.reason.startswith("the enum value 'it's' must be committed before it is used (line 1 adds it, line 3")
    assert [unit.begin for unit in found.units] == ["BEGIN", "BEGIN"]


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT INTO t VALUES ('it''s'); {ADD}",
        f"CREATE TYPE mood AS ENUM (); {ADD} INSERT INTO t VALUES ('it''s');",
        f"{ADD} INSERT INTO t VALUES ('x''it''s''x', \"'it''s'\"); -- 'it''s'",
        f"{ADD} ALTER TYPE other ADD VALUE 'it''s' BEFORE 'x';",
        f"{ADD} COMMENT ON TYPE mood IS 'it''s';",
        f"{ADD} CREATE FUNCTION f() RETURNS mood LANGUAGE plpgsql AS $$ BEGIN RETURN 'it''s'; END $$;",
        "ALTER TYPE mood RENAME VALUE 'a' TO 'b'; INSERT INTO t VALUES ('b');",
    ],
)
def test_an_enum_value_that_is_not_used_needs_no_journal(text: str) -> None:
    assert planned(text).mode == "transaction"


def test_an_enum_value_surely_used_in_the_block_that_adds_it_is_refused() -> None:
    with pytest.raises(BadTransaction, match=r"^f\.sql:3:1: the value 'it's' that line 2 adds .* take out BEGIN and"):
        planned(f"BEGIN;\n{ADD}\nSELECT 'it''s'::public.mood;\nCOMMIT;")


def test_a_string_that_may_be_text_is_left_to_postgresql() -> None:
    assert planned(f"BEGIN; {ADD} INSERT INTO permissions (name) VALUES ('it''s'); COMMIT;").mode == "transaction"
