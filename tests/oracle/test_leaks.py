"""What one file does to its session does not reach the next, and never keeps a file from being recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.oracle.folders import Bench

# Each is something that a file may leave behind, and what the next file must find.
SETTINGS = {
    "search_path": "SET search_path = pg_catalog",
    "role": "SET ROLE pg_database_owner",
    "session_authorization": "SELECT set_config('session_authorization', session_user, false)",
    "client_min_messages": "SET client_min_messages = error",
    "lock_timeout": "SET lock_timeout = 12345",
    "statement_timeout": "SET statement_timeout = 54321",
    "default_transaction_isolation": "SET default_transaction_isolation = serializable",
    "TimeZone": "SET TIME ZONE 'Asia/Tokyo'",
    "DateStyle": "SET datestyle = german",
    "bytea_output": "SET bytea_output = escape",
    "backslash_quote": "SET backslash_quote = on",
    "escape_string_warning": "SET escape_string_warning = off",
    "row_security": "SET row_security = off",
    "check_function_bodies": "SELECT set_config('check_function_bodies', 'off', false)",
    "client_encoding": "SET client_encoding = latin1",
    "application_name": "DO $$ BEGIN PERFORM set_config('application_name', 'x', false); END $$",
    "my.own": "SET my.own = 'x'",
    # Last, since it forbids later statements to write; a file of several transactions with it could write nothing.
    "default_transaction_read_only": "SET default_transaction_read_only = on",
}


def test_no_setting_of_a_file_reaches_the_next(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE found (file int, name text, setting text);",
        _2=_note(2),
        _3=";\n".join(SETTINGS.values()),
        _4="BEGIN;\n" + ";\n".join(SETTINGS.values()) + ";\nCOMMIT;\n",
        _5=_note(5),
    )

    bench.applied()

    assert (
        bench.rows(
            "SELECT name, setting FROM found WHERE file = 5 EXCEPT SELECT name, setting FROM found WHERE file = 2"
        )
        == []
    )
    assert bench.value("SELECT count(*) FROM found") == 2 * len(SETTINGS)


def _note(file: int) -> str:
    names = ", ".join(f"('{name}')" for name in SETTINGS)
    return f"INSERT INTO found SELECT {file}, n, nullif(current_setting(n, true), '') FROM (VALUES {names}) AS v (n);"


WRAPS = {
    "alone": "{};",
    "plain": "{};\nSELECT 1;",
    "block": "BEGIN;\n{};\nCOMMIT;",
    "journal": "{};\nCOMMIT;\nSELECT 1;",
}


@pytest.mark.parametrize("wrap", WRAPS)
def test_a_file_is_recorded_whatever_it_sets(bench: Bench, wrap: str) -> None:
    # Where it may not write, a file of several transactions cannot keep its journal.
    named = [name for name in SETTINGS if wrap != "journal" or name != "default_transaction_read_only"]
    bench.write(**{name: WRAPS[wrap].format(SETTINGS[name]) for name in named})

    bench.applied()

    assert sorted(bench.events()) == sorted(("apply", name) for name in named)
    assert bench.command("verify", "--no-rebuild").code == 0


def test_replica_role_is_refused_to_who_is_no_superuser(bench: Bench) -> None:
    bench.write(_1="SET session_replication_role = replica;")

    assert '1.sql:1:1: permission denied to set parameter "session_replication_role"' in bench.refused()


def test_a_temporary_table_is_gone_in_the_next_file(bench: Bench) -> None:
    bench.write(_1="CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1);", _2="TABLE t;")

    assert '2.sql:1:7: relation "t" does not exist' in bench.refused()
    assert bench.events() == [("apply", "1"), ("fail", "2")]


def test_prepared_statements_and_listeners_are_gone_in_the_next_file(bench: Bench) -> None:
    bench.write(
        _1="CREATE TABLE heard AS SELECT pg_listening_channels() WHERE false; PREPARE p AS SELECT 1; LISTEN c;",
        _2="INSERT INTO heard SELECT pg_listening_channels(); "
        "INSERT INTO heard SELECT name FROM pg_prepared_statements;",
    )

    bench.applied()

    assert bench.rows("TABLE heard") == []


def test_an_advisory_lock_that_a_file_forgot_is_given_back(bench: Bench) -> None:
    bench.write(
        _1="SELECT pg_advisory_lock(7);",
        _2="CREATE TABLE held AS SELECT count(*) FROM pg_locks WHERE objid = 7 AND locktype = 'advisory';",
    )

    bench.applied()

    assert bench.value("TABLE held") == 0


def test_a_file_that_takes_every_advisory_lock_back_leaves_the_deploy_lock(bench: Bench) -> None:
    bench.write(_1="SELECT pg_advisory_unlock_all(); DISCARD ALL;", _2="SELECT 1;").applied()

    assert bench.events() == [("apply", "1"), ("apply", "2")]


def test_a_file_that_works_as_another_role_makes_what_that_role_owns(bench: Bench) -> None:
    bench.write(
        _1="CREATE SCHEMA s AUTHORIZATION pg_database_owner;", _2="SET ROLE pg_database_owner; CREATE TABLE s.t ();"
    )

    bench.applied()

    assert bench.value("SELECT tableowner FROM pg_tables WHERE tablename = 't'") == "pg_database_owner"
    assert bench.events() == [("apply", "1"), ("apply", "2")]


def test_a_file_that_runs_statement_by_statement_goes_on_in_the_role_it_took(bench: Bench) -> None:
    bench.write(
        _1="CREATE SCHEMA s AUTHORIZATION pg_database_owner;",
        _2="-- Transaction: none\nSET ROLE pg_database_owner;\nCREATE TABLE s.one ();\nCREATE TABLE s.two (a int);\n"
        "CREATE INDEX CONCURRENTLY i ON s.two (a);\nVACUUM s.two;\nCREATE TABLE s.three ();",
    )

    bench.applied()

    owners = bench.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 's'")
    assert owners == [("pg_database_owner",)]
    assert bench.events() == [("apply", "1"), ("apply", "2")]
