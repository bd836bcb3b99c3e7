"""What other tools have told their users though it was not so. Each is a test here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.folders import Bench, dump, whole_dump

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKS = [("plan",), ("status",), ("verify", "--no-rebuild")]


@pytest.mark.parametrize("look", LOOKS, ids=[look[0] for look in LOOKS])
def test_looking_writes_nothing_into_an_empty_database(bench: Bench, look: tuple[str, ...]) -> None:
    bench.write(_1="CREATE TABLE t (); CREATE INDEX CONCURRENTLY i ON t ((1));")

    assert bench.command(*look).code in {0, 3}

    assert bench.objects() == {"plpgsql", "public"}


@pytest.mark.parametrize("look", LOOKS, ids=[look[0] for look in LOOKS])
def test_looking_writes_nothing_into_a_database_with_a_history(bench: Bench, look: tuple[str, ...]) -> None:
    bench.write(_1="CREATE TABLE t ();", _3="SELECT 1 / 0;")
    bench.refused()
    bench.write(_2="SELECT 1;", _1="CREATE TABLE t (a int);")
    before = whole_dump(bench.url)

    bench.command(*look)

    assert whole_dump(bench.url) == before


@pytest.mark.parametrize(
    "text",
    [
        "SELEC 1;",
        "BEGIN;",
        "\\! true",
        "DELETE FROM sql_migration_history;",
        "BEGIN; VACUUM; COMMIT;",
        "BEGIN; ALTER TYPE m ADD VALUE 'x'; SELECT 'x'::m; COMMIT;",
        b"\xff\xfe",
    ],
)
def test_a_dry_run_refuses_what_cannot_be_carried_out(bench: Bench, text: str | bytes) -> None:
    ran = bench.write(_1="SELECT 1;", _2=text).command("plan")

    assert ran.code == 1
    assert "2.sql" in ran.err


def test_a_dry_run_says_how_each_file_would_run_and_whether_it_can_be_taken_back(bench: Bench) -> None:
    ran = bench.write(
        _1="CREATE TABLE t (a int);", _2="CREATE INDEX CONCURRENTLY i ON t (a);", _3="UPDATE t SET a = 1;"
    ).command("plan")

    one, two, three, last = (line for line in ran.out.splitlines() if not line.startswith(" " * 8))
    assert "one transaction; reversible, derived" in one
    assert "CREATE INDEX CONCURRENTLY cannot run inside a transaction" in two
    assert "no way back" in three
    assert last.startswith("3 migrations, 3 to apply. Plan hash: ")


def test_a_dry_run_does_not_promise_a_rollback_that_cannot_run(bench: Bench) -> None:
    bench.write(**{"20240101_000000_t": "CREATE TABLE t ();", "20240101_000000_t.down": "DROP TABEL t;"})

    ran = bench.command("plan")

    assert "no way back" in ran.out
    assert "20240101_000000_t.down.sql:1:6" in ran.out
    assert "has no way back" in bench.applied().err


def test_words_of_ddl_in_strings_and_comments_are_not_read_as_ddl(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE t (a text DEFAULT 'DROP TABLE t; VACUUM; CREATE INDEX CONCURRENTLY; COMMIT; BEGIN;');\n"
        "-- VACUUM; COMMIT; DROP TABLE t; DELETE FROM sql_migration_history\n"
        "/* CREATE INDEX CONCURRENTLY i ON t (a); BEGIN; */\n"
        "COMMENT ON TABLE t IS 'DELETE FROM sql_migration_history; COMMIT';\n"
        "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'COMMIT; VACUUM; BEGIN;'; END $$;\n"
    )

    bench.equals_psql()

    assert bench.value("SELECT mode FROM sql_migration_history") == "transaction"
    assert bench.command("rollback", "--to", "zero", "--yes").code == 0
    assert "t" not in bench.objects()


@pytest.mark.parametrize("header", ["Transactions: none", "transaction: none", "Transaction: off", "Transacton: none"])
def test_a_misspelt_header_is_never_silent(bench: Bench, header: str) -> None:
    name = "20240101_000000_t"
    ran = bench.write(**{name: f"-- {header}\nCREATE TABLE t ();"}).replay()

    assert f"{name}.sql:1" in ran.said


def test_a_derived_rollback_restores_what_was_there(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE old (a int PRIMARY KEY, b text); INSERT INTO old VALUES (1, 'x');").applied()
    before = dump(bench.url)
    bench.write(
        _2="CREATE TABLE new (id serial PRIMARY KEY, a int REFERENCES old); INSERT INTO new (a) VALUES (1);\n"
        "ALTER TABLE old ADD COLUMN c int DEFAULT 5;\nCREATE INDEX i ON old (b);\nCREATE TYPE m AS ENUM ('x');\n"
        "CREATE VIEW v AS SELECT a FROM old;\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        _3="CREATE SCHEMA s; CREATE TABLE s.t (m m); CREATE SEQUENCE s.q;",
    ).applied()

    ran = bench.command("rollback", "--to", "1", "--yes")

    assert ran.code == 0, ran.said
    assert dump(bench.url) == before
    assert bench.events()[-2:] == [("rollback", "3"), ("rollback", "2")]


def test_a_derived_rollback_keeps_a_table_that_was_there_before(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE old (a int); INSERT INTO old VALUES (1);").applied()
    before = dump(bench.url)
    bench.write(
        _2="CREATE TABLE IF NOT EXISTS old (a int); CREATE TABLE IF NOT EXISTS new (); "
        "CREATE INDEX IF NOT EXISTS i ON old (a);"
    ).applied()

    ran = bench.command("rollback", "--to", "1", "--yes")

    assert ran.code == 0, ran.said
    assert dump(bench.url) == before


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE old;",
        "UPDATE old SET a = 2;",
        "DELETE FROM old;",
        "TRUNCATE old;",
        "ALTER TABLE old DROP COLUMN b;",
        "ALTER TABLE old ALTER a TYPE bigint;",
        "DO $$ BEGIN DROP TABLE old; END $$;",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
        "SELECT setval('s', 50);",
        "ALTER TYPE m ADD VALUE 'y';",
        "GRANT SELECT ON old TO PUBLIC;",
    ],
)
def test_what_cannot_be_restored_is_not_rolled_back(bench: Bench, text: str) -> None:
    bench.write(
        _1="CREATE TABLE old (a int, b int); INSERT INTO old VALUES (1, 2); CREATE SEQUENCE s; "
        "CREATE TYPE m AS ENUM ('x'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        _2=text,
    ).applied()
    before = whole_dump(bench.url)

    ran = bench.command("rollback", "--to", "1", "--yes")

    assert ran.code == 1, ran.said
    assert "2.sql:1:1: " in ran.err
    assert whole_dump(bench.url) == before


def test_a_rollback_without_yes_lists_what_it_would_do_and_does_nothing(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t ();", _2="CREATE TABLE u ();").applied()
    before = whole_dump(bench.url)

    ran = bench.command("rollback", "--to", "zero")

    assert ran.code == 1
    assert ran.out.index("DROP TABLE") < ran.out.rindex("DROP TABLE")
    assert "add --yes" in ran.err
    assert whole_dump(bench.url) == before


def test_nothing_is_up_to_date_while_a_file_is_left(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t ();", _2="CREATE TABLE u ();").applied("--to", "1")

    ran = bench.command("status")

    assert ran.code == 3
    assert "1 applied, 1 pending" in ran.out


def test_what_is_left_out_of_a_folder_is_named(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t ();", V2__x="CREATE TABLE u ();")
    (bench.folder / "sub").mkdir()
    (bench.folder / "sub" / "3.sql").write_text("CREATE TABLE v ();")
    (bench.folder / ".hidden.sql").write_text("CREATE TABLE w ();")
    (bench.folder / "4.sql.txt").write_text("CREATE TABLE x ();")

    ran = bench.applied()

    made = bench.objects()
    for name, table in (("V2__x.sql", "u"), ("sub/", "v"), (".hidden.sql", "w"), ("4.sql.txt", "x")):
        assert table in made or name in ran.said


@pytest.mark.parametrize("subcommand", ["replay", "plan", "status"])
def test_a_file_that_sorts_below_an_applied_one_is_not_passed_over(bench: Bench, subcommand: str) -> None:
    bench.write(_1="CREATE TABLE t ();", _3="CREATE TABLE v ();").applied()
    bench.write(_2="CREATE TABLE u ();")

    ran = bench.command(subcommand)

    assert ran.code == 1
    assert "2.sql sorts before 3.sql, which is applied" in ran.said
    assert "--out-of-order 2" in ran.said
    assert "u" not in bench.objects()


def test_numbers_are_compared_as_numbers(bench: Bench) -> None:
    bench.write(**{"9_a": "CREATE TABLE a ();", "10_b": "ALTER TABLE a ADD x int;"}).applied()
    bench.write(**{"2_c": "CREATE TABLE c ();"})

    assert "2_c.sql sorts before 10_b.sql" in bench.refused()


def test_a_failed_file_is_not_forgotten(bench: Bench, database_url: Callable[[], str]) -> None:
    bench.write(_1="CREATE TABLE t ();", _2="SELECT 1 / 0;", _3="CREATE TABLE v ();")

    bench.refused()
    ran = bench.command("status")

    assert ran.code == 3
    assert "failed" in ran.out
    assert "22012: division by zero" in ran.out
    assert "v" not in bench.objects()
