"""An error names file:line:column and shows the line with a caret; values in it are kept out of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.oracle.folders import Bench

BODY = """-- a comment
DO $$
DECLARE
    x int := 1;
BEGIN
    x := x + 1;
    PERFORM x / 0;
END $$;
"""

# The text of a file, and the place that its error must name. The caret must stand under the word after it.
PLACES: dict[str, tuple[str, str, str]] = {
    "first statement": ("SELECT nothing;", "1:8", "nothing"),
    "second statement": ("SELECT 1;\n  SELECT 2, nothing;", "2:13", "nothing"),
    "same line": ("SELECT 1; SELECT nothing;", "1:18", "nothing"),
    "multibyte text before": ("SELECT 'äöü漢🎉', nothing;", "1:17", "nothing"),
    "multibyte lines before": ("-- äöü漢🎉\nSELECT '漢';\nSELECT '🎉', nothing;", "3:13", "nothing"),
    "Windows line ends": ("SELECT 1;\r\nSELECT 'é',\r\n  nothing;\r\n", "3:3", "nothing"),
    "a byte order mark": ("\ufeffSELECT nothing;", "1:8", "nothing"),
    "tabs": ("\tSELECT\tnothing;", "1:9", "nothing"),
    "inside a block": ("BEGIN;\nSELECT 1;\nSELECT nothing;\nCOMMIT;", "3:8", "nothing"),
    "inside the second block": ("BEGIN;\nCOMMIT;\nBEGIN;\n\nSELECT nothing;\nCOMMIT;", "5:8", "nothing"),
    "behind COPY data": (("CREATE TEMP TABLE t (a text);\nCOPY t FROM stdin;\n"
    "ü\n\\.\nSELECT nothing;"), "5:8", "nothing"),
    "in a journalled file": ("-- Transaction: none\nSELECT 1;\nSELECT 'é', nothing;", "3:13", "nothing"),
    "alone, outside a transaction": (("CREATE TABLE t (a int);\n"
    "CREATE INDEX CONCURRENTLY i ON t (nothing);"), "2:1", "CREATE"),
    "a statement PostgreSQL refuses to read": ("SELECT 1;\nCREATE TABLE t (a int,,);", "2:23", ","),
    "no position": ("SELECT 1;\n\n  DROP TABLE nothing;", "3:3", "DROP"),
    "while running": ("SELECT 1;\nSELECT 1 / (2 - 2);", "2:1", "SELECT"),
    "while running, behind a comment": ("SELECT 1; -- x\n/* y */ INSERT INTO nothing VALUES (1);", "2:21", "nothing"),
    "in a DO body": (BODY, "7:5", "PERFORM"),
    "in a DO body in one line": ("SELECT 1; DO 'BEGIN PERFORM 1 / 0; END';", "1:14", "'BEGIN"),
    "in a function": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1 / 0';\nSELECT 1,\n  f();", "2:1", "SELECT"
    ),
    "in a function's text": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT nothing $$;", "2:10", "nothing"
    ),
    "in PL/pgSQL's own syntax": ("DO $$\nBEGIN\n  IF THEN\n END $$;", "3:6", "THEN"),
    "a function that is missing": ("SELECT 1 +\n  nothing('a', 2);", "2:3", "nothing"),
    "a long line": (f"SELECT '{'x' * 5000}', nothing;", "1:5012", "nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_the_caret_stands_under_the_word(bench: Bench, name: str) -> None:
    text, place, word = PLACES[name]
    bench.write(_1=text)

    said = bench.refused().splitlines()

    start = next(number for number, line in enumerate(said) if f"1.sql:{place}: " in line)
    assert said[start + 2].strip() == "^"
    assert said[start + 1][said[start + 2].index("^") :].startswith(word)


def test_detail_and_hint_are_shown_and_values_are_not_stored(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE t (a text UNIQUE, b int);\nINSERT INTO t VALUES ('Mrs Miller');\n"
        "INSERT INTO t VALUES ('Mrs Miller');"
    )

    said = bench.refused()

    assert "DETAIL: Key (a)=(Mrs Miller) already exists." in said
    (error,) = bench.rows("SELECT error FROM sql_migration_history WHERE event = 'fail'")[0]
    assert error == '23505: duplicate key value violates unique constraint "t_a_key"'
    assert "Miller" not in bench.command("status").out


@pytest.mark.parametrize(
    "statement",
    ["SELECT 'Mrs Miller'::int",
     "DO $$ BEGIN RAISE EXCEPTION 'no such patient' USING DETAIL = 'Mrs Miller', HINT = 'Mrs Miller'; END $$",
     "SELECT 'Mrs Miller'::date", "SELECT '{Mrs Miller'::json", "SELECT 'Mrs Miller'::interval + '1'"],
)  # fmt: skip
def test_no_value_of_a_message_is_stored(bench: Bench, statement: str) -> None:
    bench.write(_1=statement)

    assert "Mrs Miller" in bench.refused()
    assert "Miller" not in str(bench.rows("SELECT h::text FROM sql_migration_history AS h"))


def test_a_deferred_constraint_that_fails_at_the_end_is_named_as_such(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE p (id int PRIMARY KEY);\n"
        "CREATE TABLE c (p int CONSTRAINT c_to_p REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
        _2="BEGIN;\nINSERT INTO c VALUES (5);\nSELECT 1;\nCOMMIT;",
    )

    said = bench.refused()

    assert "2.sql:4:1: at the end of the transaction: insert or update on table" in said
    assert '"c_to_p"' in said
    assert bench.value("SELECT count(*) FROM c") == 0
    assert bench.events()[-1] == ("fail", "2")


def test_alter_table_behind_pending_trigger_events_is_explained_in_a_block(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
        _2="BEGIN;\nINSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1);\nALTER TABLE c ADD n int;\nCOMMIT;",
    )

    said = bench.refused()

    assert '2.sql:4:1: cannot ALTER TABLE "c" because it has pending trigger events' in said
    assert bench.value("SELECT count(*) FROM c") == 0


def test_notices_are_shown_and_stored(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE t ();\nCREATE TABLE IF NOT EXISTS t ();\nDO $$ BEGIN RAISE NOTICE 'half way'; "
        "RAISE WARNING 'hm'; END $$;",
        _2="-- Transaction: none\nDO $$ BEGIN RAISE NOTICE 'alone'; END $$;",
    )

    ran = bench.applied()

    said = ['NOTICE: relation "t" already exists, skipping', "NOTICE: half way", "WARNING: hm"]
    assert all(f"1.sql: {notice}" in ran.said for notice in said)
    assert bench.rows("SELECT notices FROM sql_migration_history ORDER BY id") == [(said,), (["NOTICE: alone"],)]
