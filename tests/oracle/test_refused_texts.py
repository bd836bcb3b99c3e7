"""Texts that are refused before anything runs, each with the place and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.oracle.folders import Bench

GOOD = "CREATE TABLE good ();"

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "UTF-16": ("CREATE TABLE t ();".encode("utf-16"), "2.sql: the file is UTF-16 (byte offset 0)"),
    "UTF-16 without a mark": ("SELECT 1;".encode("utf-16-le"), "2.sql:1:2: there is a NUL character at byte offset 1"),
    "invalid UTF-8": (b"SELECT 1;\nSELECT '\xe4';", "2.sql:2: byte 0xe4 at byte offset 18 is not UTF-8"),
    "a NUL": ("\ufeffSELECT 'é\0';".encode(), "2.sql:1:10: there is a NUL character at byte offset 13"),
    "BEGIN without COMMIT": ("SELECT 1;\n BEGIN;\nSELECT 2;", "2.sql:2:2: BEGIN has no COMMIT"),
    "ROLLBACK": ("BEGIN;\nSELECT 1;\nROLLBACK;", "2.sql:3:1: ROLLBACK would undo what stands above it"),
    "BEGIN in a block": ("BEGIN;\nBEGIN;\nCOMMIT;", "2.sql:2:1: BEGIN inside the block opened in line 1"),
    "CONCURRENTLY in a block": (
        "BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;",
        "2.sql:2:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction: take out BEGIN and COMMIT",
    ),
    "a new enum value in its own block": (
        "BEGIN;\nALTER TYPE m ADD VALUE 'x';\nSELECT 'x'::m;\nCOMMIT;",
        "2.sql:3:1: the value 'x' that line 2 adds cannot be used before that is committed",
    ),
    "an unclosed string": ("SELECT 1;\nSELECT 'abc;\nSELECT 2;", "2.sql:2:8: unterminated quoted string"),
    "an unclosed comment": ("SELECT 1;\n/* /* */ SELECT 2;", "2.sql:2:1: unterminated /* comment"),
    "an unclosed dollar quote": ("\n\nSELECT $a$ $$ $;", "2.sql:3:8: unterminated dollar-quoted string"),
    "a half statement": ("CREATE TABLE t (", "syntax error at end of input"),
    "a psql variable": ("SELECT :id;", '2.sql:1:8: syntax error at or near ":"'),
    "the history in plain sight": (
        "SELECT 1;\nDELETE FROM sql_migration_history;",
        "2.sql:2:13: sql_migration_history",
    ),
    "the history under a schema": ('DROP TABLE public."sql_migration_history" CASCADE;', "belongs to the migration"),
    "the history's trigger": (
        "ALTER TABLE sql_migration_history DISABLE TRIGGER ALL;",
        "sql_migration_history belongs to the migration runner",
    ),
    "the history in a DO body": (
        "DO $$ BEGIN\n  UPDATE sql_migration_history SET name = ''; END $$;",
        "2.sql:2:10: sql_migration_history",
    ),
    "the history in a function": (
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'TRUNCATE sql_migration_journal';",
        "belongs to the migration",
    ),
    "Django's record": ("INSERT INTO django_migrations VALUES (1);", "2.sql:1:13: django_migrations belongs"),
    "a table of the runner's name": ("CREATE TABLE sql_migration_notes ();", "sql_migration_notes belongs"),
    "standard_conforming_strings off": (
        "SET standard_conforming_strings = off;\nSELECT '\\';",
        "2.sql:1:1: standard_conforming_strings must stay on",
    ),
    "another client_encoding": (
        "SET client_encoding = latin1;\nSELECT 'é';",
        "2.sql:1:1: client_encoding must stay UTF8",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_cannot_be_carried_out_is_refused_before_anything_runs(bench: Bench, name: str) -> None:
    text, sentence = REFUSED[name]
    bench.write(_1=GOOD, _2=text)

    said = bench.refused()

    assert sentence in said
    assert "Nothing was changed" in said
    assert not {name for name in bench.objects() if name.startswith(("good", "sql_migration"))}


COMMANDS = r"""
\! touch {proof}
\i {proof}
\ir x.sql
\copy t FROM '{proof}'
SELECT 'DROP TABLE t' \gexec
\set x 1
\connect postgres
\c
\o {proof}
SELECT 1 \g {proof}
\if true
\restrict
\restrict a b
SELECT 1\; SELECT 2
\echo x
\lo_import {proof}
\q
\
"""


@pytest.mark.parametrize("command", COMMANDS.strip().splitlines())
def test_a_psql_command_is_refused_with_its_place_and_never_run(bench: Bench, command: str) -> None:
    proof = bench.folder / "proof"
    bench.write(_1=GOOD, _2=f"-- \\! in a comment\nSELECT '\\! in a string';\n{command.format(proof=proof)}\n")

    said = bench.refused()

    assert f"2.sql:3:{command.index(chr(92)) + 1}: \\" in said
    assert "is a command of psql, not SQL, and is never run here" in said
    assert not proof.exists()
    assert "good" not in bench.objects()


def test_every_bad_file_is_named_at_once(bench: Bench) -> None:
    said = bench.write(_1="SELEC 1;", _2="\\q", _3="BEGIN;").refused()

    assert [name in said for name in ("1.sql:1:1", "2.sql:1:1", "3.sql:1:1")] == [True] * 3


def test_alter_system_is_refused_by_the_server_with_its_sentence(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t ();\nALTER SYSTEM SET work_mem = '1GB';")

    assert "1.sql:2:1: permission denied to set parameter" in bench.refused()
