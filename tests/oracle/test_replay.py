"""`replay --dir` as a command: what it leaves in the database, what it does when called again, what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.oracle.folders import Bench

ONE, TWO, THREE = "CREATE TABLE t (a int);", "INSERT INTO t VALUES (2);", "INSERT INTO t VALUES (3);"
ROOT = Path(__file__).parents[2]


def test_only_the_history_is_added_to_the_database(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (); VACUUM;").applied()

    added = bench.objects() - {"plpgsql", "public", "t", "_t"}

    assert added
    assert {name for name in added if not name.removeprefix("_").startswith("sql_migration")} == set()


def test_the_record_of_django_is_left_alone(bench: Bench) -> None:
    with psycopg.connect(bench.url) as connection:
        connection.execute("CREATE TABLE django_migrations (id int); INSERT INTO django_migrations VALUES (1)")
    bench.write(_1=ONE, _2=TWO).applied()
    bench.command("rollback", "--to", "zero", "--yes")

    assert bench.rows("TABLE django_migrations") == [(1,)]


def test_a_second_replay_finds_nothing_to_do(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO, _3="-- Transaction: none\nINSERT INTO t VALUES (3);").applied()

    ran = bench.applied()

    assert "Nothing to apply" in ran.out
    assert bench.value("SELECT count(*) FROM t") == 2
    assert len(bench.events()) == 3


def test_a_file_that_was_mended_is_applied_and_the_rest_with_it(bench: Bench) -> None:
    bench.write(_1=ONE, _2="INSERT INTO t VALUES ('x');", _3=THREE).refused()

    bench.write(_2=TWO).applied()

    assert bench.events() == [("apply", "1"), ("fail", "2"), ("apply", "2"), ("apply", "3")]
    assert bench.command("verify", "--no-rebuild").code == 0


def test_a_journalled_file_goes_on_where_it_stopped(bench: Bench) -> None:
    text = f"-- Transaction: none\n{ONE}\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1 / %d);\n{THREE}"
    bench.write(_1=text % 0).refused()
    assert bench.value("SELECT count(*) FROM t") == 1

    bench.write(_1=text % 1).applied()

    assert bench.rows("SELECT a FROM t ORDER BY a") == [(1,), (1,), (3,)]
    assert bench.rows("TABLE sql_migration_journal") == []


@pytest.mark.parametrize("subcommand", ["replay", "plan", "status", "verify"])
def test_an_edited_file_is_refused_by_name(bench: Bench, subcommand: str) -> None:
    bench.write(_1=ONE, _2=TWO).applied()

    ran = bench.write(_1=ONE + "SELECT 1;", _3=THREE).command(subcommand, *["--no-rebuild"] * (subcommand == "verify"))

    assert ran.code == (3 if subcommand == "verify" else 1)
    assert "1.sql was edited after it was applied" in ran.said
    assert bench.value("SELECT count(*) FROM t") == 1


def test_an_edited_comment_passes(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO).applied()

    bench.write(_1=f"-- a word\n{ONE} /* more */", _3=THREE).applied()

    assert bench.value("SELECT count(*) FROM t") == 2


def test_edited_data_of_a_copy_is_an_edit(bench: Bench) -> None:
    bench.write(_1=f"{ONE}\nCOPY t FROM stdin;\n1\n\\.\n").applied()

    assert "1.sql was edited" in bench.write(_1=f"{ONE}\nCOPY t FROM stdin;\n2\n\\.\n").refused()


def test_a_renamed_file_is_named_with_the_way_back(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO).applied()
    (bench.folder / "2.sql").rename(bench.folder / "5.sql")

    said = bench.refused()

    assert "5.sql was applied under the name 2. Rename it back: git mv 5.sql 2.sql" in said
    assert bench.value("SELECT count(*) FROM t") == 1


def test_a_deleted_file_is_missed(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO).applied()
    (bench.folder / "2.sql").unlink()

    assert "2.sql was applied here, but the file is gone" in bench.refused()


def test_to_stops_behind_the_named_file(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO, _3=THREE)

    bench.applied("--to", "2.sql")
    assert bench.rows("SELECT a FROM t") == [(2,)]
    assert "there is no file 7" in bench.refused("--to", "7")
    bench.applied("--to", "3")

    assert bench.rows("SELECT a FROM t ORDER BY a") == [(2,), (3,)]


def test_out_of_order_applies_and_records_the_named_file_alone(bench: Bench) -> None:
    bench.write(_1=ONE, _3=THREE).applied()
    bench.write(_2=TWO, _4="INSERT INTO t VALUES (4);")

    bench.applied("--out-of-order", "2.sql")

    assert bench.rows("SELECT a FROM t ORDER BY a") == [(2,), (3,)]
    bench.applied()
    assert bench.events()[-2:] == [("apply", "2"), ("apply", "4")]


def test_out_of_order_says_when_there_is_no_such_pending_file(bench: Bench) -> None:
    bench.write(_1=ONE, _2=TWO).applied()

    assert "there is no file 5 in" in bench.refused("--out-of-order", "5")
    assert "2.sql is applied already" in bench.refused("--out-of-order", "2")
    assert bench.value("SELECT count(*) FROM t") == 1


@pytest.mark.parametrize(
    "words", [("replay",), ("status",), ("plan",), ("verify", "--no-rebuild"), ("rollback", "--to", "zero", "--yes")]
)
def test_json_is_all_that_stands_on_standard_output(bench: Bench, words: tuple[str, ...]) -> None:
    bench.write(_1=ONE, _2="CREATE TABLE IF NOT EXISTS t (); CREATE TABLE u (); COMMIT;")
    if words[0] != "replay":
        bench.applied()

    ran = bench.command(*words, "--json")

    assert isinstance(json.loads(ran.out), dict)
    assert ran.code in {0, 3}


def test_json_stands_alone_on_the_standard_output_of_a_process_that_fails(bench: Bench) -> None:
    bench.write(_1="SELECT 1 / 0;")
    words = ("manage.py", "sql_migrations", "replay", "--dir", bench.folder, "--database", bench.url, "--json")

    ran = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
    )

    assert ran.returncode == 1
    assert ran.stdout == "" or json.loads(ran.stdout)
    assert "1.sql:1:1: division by zero" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("postgresql://nobody@/none?host=/nowhere", "cannot connect to --database"),
     ("default", "--dir needs --database URL"),
     ("postgresql://u:secret@h/d?nonsense=1", "--database is not a PostgreSQL URL")],
)  # fmt: skip
def test_a_database_that_cannot_be_reached_is_a_sentence_without_the_password(
    bench: Bench, url: str, sentence: str
) -> None:
    bench.write(_1=ONE)
    bench._urls["replay"] = url

    said = bench.refused()

    assert sentence in said
    assert "secret" not in said


def test_a_folder_that_is_not_there_or_empty_is_a_sentence(bench: Bench) -> None:
    assert "holds no SQL migration" in bench.refused()
    bench.folder.rmdir()

    assert "cannot be read: No such file or directory" in bench.refused()


def test_a_large_file_is_as_quick_as_in_psql_and_takes_little_memory(bench: Bench) -> None:
    rows = "".join(f"INSERT INTO t VALUES ({n}, 'row {n}; é ''quoted'' -- text');\n" for n in range(22_000))
    data = "".join(f"{n}\ttext of the row {n}\n" for n in range(12_000))
    text = f"CREATE TABLE t (a int, b text);\n{rows}COPY t FROM stdin;\n{data}\\.\nCREATE INDEX i ON t (a);\n"
    assert len(text.encode()) > 1_200_000
    bench.write(_1=text)
    started = time.monotonic()
    bench.psql()
    psql = time.monotonic() - started
    # Not getrusage: what a process starts with counts there, and that is the peak of this one, with all its tests.
    measured = (
        "import re, sys, django; django.setup(); from django.core.management import call_command; "
        "call_command('sql_migrations', 'replay', '--dir', sys.argv[1], '--database', sys.argv[2]); "
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read()).group(1))"
    )

    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", measured, str(bench.folder), bench.url],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert ran.returncode == 0, ran.stderr
    assert bench.value("SELECT count(*) FROM t") == 34_000
    # Neither bound is tight: what they catch is a reading whose time or memory grows with the square of the text.
    assert time.monotonic() - started < 10 + 10 * psql
    assert int(ran.stdout.split()[-1]) < 300_000  # KB
