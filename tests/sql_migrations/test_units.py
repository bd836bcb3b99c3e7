"""How a file is carried out: in one transaction, or statement by statement with a journal."""

from __future__ import annotations

from typing import Literal

import pytest

from sql_migrations.errors import BadTransaction, UnclosedTransaction
from sql_migrations.statements import Script, parse
from sql_migrations.syntax import units
from sql_migrations.syntax.units import Plan, chunks, plan


def script(text: str) -> Script:
    return parse(text, file="f.sql")


def planned(text: str, transaction: Literal["auto", "none"] = "auto") -> Plan:
    return plan(script(text), transaction=transaction)


def carried_out(text: str, transaction: Literal["auto", "none"] = "auto") -> list[tuple[str | None, str]]:
    """Give each unit's BEGIN and its SQL on one line."""
    parsed = script(text)
    found = plan(parsed, transaction=transaction)
    return [(unit.begin, " ".join(parsed.sql(one) for one in unit.statements)) for unit in found.units]


@pytest.mark.parametrize(
    ("text", "begin", "sql"),
    [
        ("", "BEGIN", ""),
        ("-- nothing\n", "BEGIN", ""),
        ("BEGIN; COMMIT;", "BEGIN", ""),
        ("SELECT 1; SELECT 2", "BEGIN", "SELECT 1; SELECT 2"),
        ("-- why\nBEGIN;\nSELECT 1;\nSELECT 2;\nCOMMIT;\n-- done\n", "BEGIN", "SELECT 1; SELECT 2;"),
        ("BEGIN WORK; SELECT 1; END;", "BEGIN", "SELECT 1;"),
        ("BEGIN /* ; */; SELECT 1; COMMIT WORK;", "BEGIN", "SELECT 1;"),
        ("START TRANSACTION; SELECT 1; COMMIT", "BEGIN", "SELECT 1;"),
        (
            "BEGIN ISOLATION LEVEL REPEATABLE READ -- c\n, READ WRITE, NOT DEFERRABLE; SELECT 1; COMMIT;",
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE NOT DEFERRABLE",
            "SELECT 1;",
        ),
        (
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE; SELECT 1; COMMIT;",
            "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
            "SELECT 1;",
        ),
        (
            "SET a.b = 1; SELECT pg_catalog.set_config('a.c', '', false); BEGIN; SELECT 1; COMMIT; RESET ALL;",
            "BEGIN",
            "SET a.b = 1; SELECT pg_catalog.set_config('a.c', '', false); SELECT 1; RESET ALL;",
        ),
        ("BEGIN; SAVEPOINT a; ROLLBACK TO a; RELEASE a; COMMIT;", "BEGIN", "SAVEPOINT a; ROLLBACK TO a; RELEASE a;"),
    ],
)
def test_one_block_or_none_runs_in_one_transaction(text: str, begin: str, sql: str) -> None:
    found = planned(text)

    assert (found.mode, found.reason) == ("transaction", "")
    assert carried_out(text) == [(begin, sql)]


@pytest.mark.parametrize(
    ("text", "explicit"), [("BEGIN; SELECT 1; COMMIT;", True), ("SELECT 'BEGIN; COMMIT;';", False)]
)
def test_the_plan_says_whether_the_file_has_its_own_transaction(text: str, *, explicit: bool) -> None:
    assert planned(text).explicit is explicit


def test_begin_without_commit_is_refused_where_it_stands() -> None:
    with pytest.raises(UnclosedTransaction, match=r"^f\.sql:2:1: BEGIN has no COMMIT"):
        planned("-- why\nBEGIN;\nSELECT 'COMMIT;';")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("BEGIN;\nSELECT 1;\nBEGIN;\nCOMMIT;", "3:1", "opened in line 1: PostgreSQL only warns"),
        ("BEGIN;\nSTART TRANSACTION;\nCOMMIT;", "2:1", "PostgreSQL only warns"),
        ("BEGIN;\nSELECT 1;\nROLLBACK;", "3:1", "ROLLBACK would undo"),
        ("SELECT 1;\nABORT;", "2:1", "ROLLBACK would undo"),
        ("BEGIN;\nPREPARE TRANSACTION 'x';", "2:1", "a prepared one would end without it"),
        ("COMMIT PREPARED 'x';", "1:1", "a prepared one would end without it"),
        ("ROLLBACK PREPARED 'x';", "1:1", "a prepared one would end without it"),
        ("BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;", "3:1", "write COMMIT, then BEGIN"),
        ("BEGIN;\nVACUUM t;\nCOMMIT;", "2:1", "VACUUM cannot run inside a transaction: take out BEGIN and COMMIT"),
        ("SAVEPOINT a;\nVACUUM t;", "1:1", "need a BEGIN … COMMIT around them"),
    ],
)
def test_a_sequence_that_cannot_be_carried_out_is_refused(text: str, place: str, words: str) -> None:
    with pytest.raises(BadTransaction) as caught:
        planned(text)

    assert str(caught.value).startswith(f"f.sql:{place}: ")
    assert words in str(caught.value)


def test_several_blocks_are_journalled_one_by_one() -> None:
    text = "BEGIN; SELECT 1; SELECT 2; COMMIT;\nBEGIN; COMMIT;\nBEGIN READ WRITE; SELECT 3; COMMIT;"

    assert planned(text).reason == "line 2: a second BEGIN … COMMIT block"
    assert carried_out(text) == [("BEGIN", "SELECT 1; SELECT 2;"), ("BEGIN READ WRITE", "SELECT 3;")]


def test_a_statement_outside_of_the_block_is_journalled() -> None:
    text = "SET a.b = 1;\nBEGIN; SELECT 1; COMMIT;\nSELECT 2;\nVACUUM t;"

    assert planned(text).reason == "line 3: a statement outside of BEGIN … COMMIT"
    assert carried_out(text) == [
        (None, "SET a.b = 1;"),
        ("BEGIN", "SELECT 1;"),
        ("BEGIN", "SELECT 2;"),
        (None, "VACUUM t;"),
    ]


def test_a_setting_made_from_a_table_is_a_statement_like_others() -> None:
    assert planned("SELECT set_config('a.b', x, false) FROM t; BEGIN; SELECT 1; COMMIT;").mode == "journalled"


def test_a_bare_commit_is_dropped_and_the_rest_journalled() -> None:
    text = "SELECT 1;\nSELECT 2;\nCOMMIT;"

    assert planned(text).reason == "line 3: COMMIT without BEGIN"
    assert carried_out(text) == [("BEGIN", "SELECT 1;"), ("BEGIN", "SELECT 2;")]


def test_the_header_can_ask_for_a_journal() -> None:
    found = planned("SELECT 1; SELECT 2;", "none")

    assert (found.mode, found.reason, len(found.units)) == ("journalled", "the header says Transaction: none", 2)


def test_settings_outlive_the_statements_that_a_resumed_file_skips() -> None:
    parsed = script(
        "SET a.b = 1; BEGIN; SET a.c = 2; SET LOCAL a.d = 3; SET TRANSACTION READ WRITE; COMMIT;"
        "SELECT set_config('a.e', '4', false); SELECT set_config('a.f', '5', true); RESET a.b;"
        "VACUUM; SET a.g = 6; BEGIN; SET a.h = 7; VALUES (1); COMMIT;"
    )

    def before(words: str) -> list[str]:
        return [parsed.sql(one) for one in units.settings(parsed, parsed.text.index(words))]

    assert before("VACUUM") == ["SET a.b = 1;", "SET a.c = 2;", "SELECT set_config('a.e', '4', false);", "RESET a.b;"]
    assert before("SET a.h")[-1] == "SET a.g = 6;"
    assert before("SET a.b = 1") == []


def test_objects_of_the_session_alone_are_named_until_they_are_dropped() -> None:
    parsed = script(
        "CREATE TEMP TABLE a (); CREATE TEMP VIEW b AS SELECT 1; CREATE TABLE pg_temp.c (); SELECT 1 INTO TEMP d;"
        "CREATE TEMP TABLE e AS SELECT 1; CREATE TEMP SEQUENCE f;"
        "CREATE FUNCTION pg_temp.g() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE TEMP TABLE h () ON COMMIT DROP; CREATE TABLE lasting ();"
        "DROP TABLE e, other; DROP FUNCTION pg_temp.g();"
        "VACUUM; CREATE TEMP TABLE i (); DISCARD TEMP; SELECT 1;"
    )

    assert units.temp_objects(parsed, parsed.text.index("VACUUM")) == ("a", "b", "c", "d", "f")
    assert units.temp_objects(parsed, parsed.text.index("DROP TABLE")) == ("a", "b", "c", "d", "e", "f", "g")
    assert units.temp_objects(parsed, len(parsed.text)) == ()


def test_a_unit_is_one_message_unless_copy_or_the_files_own_begin_cuts_it() -> None:
    parsed = script(
        "-- é\nSET a.b = 1;\nBEGIN; SELECT 'ü';\nCOPY t FROM stdin;\n1;\tö\n\\.\n"
        "-- next\nSELECT 2; COPY u FROM stdin;\n\\.\n; SELECT 3; COMMIT; RESET a.b -- end\n"
    )
    (unit,) = plan(parsed, transaction="auto").units

    found = list(chunks(parsed, unit))

    assert [(one.sql, one.data) for one in found] == [
        ("SET a.b = 1;", None),
        ("SELECT 'ü';\nCOPY t FROM stdin;", "1;\tö\n"),
        ("SELECT 2; COPY u FROM stdin;", ""),
        ("SELECT 3;", None),
        ("RESET a.b -- end", None),
    ]
    assert all(parsed.blanked[one.offset :].startswith(one.sql) for one in found)
    assert [len(one.statements) for one in found] == [1, 2, 2, 1, 1]


def test_a_unit_without_statements_sends_nothing() -> None:
    parsed = script("BEGIN; COMMIT;")

    assert list(chunks(parsed, plan(parsed, transaction="auto").units[0])) == []
