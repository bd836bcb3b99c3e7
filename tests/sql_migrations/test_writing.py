"""A new file sorts last, explains itself, and is never written over another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db.migrations.loader import MigrationLoader

from sql_migrations.errors import SqlFileError, SqlMigrationsError
from sql_migrations.files import scan
from sql_migrations.header import NO_HEADER, parse_header
from sql_migrations.statements import parse
from sql_migrations.syntax.units import plan
from sql_migrations.writing import new

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 6, 1, 12, 30, 45, 999999, tzinfo=UTC)


def test_the_name_is_now_and_the_description(tmp_path: Path) -> None:
    path = new("Index patients by MRN", tmp_path, now=NOW)

    assert path.name == "20250601_123045_index_patients_by_mrn.sql"
    assert scan(tmp_path).problems == ()


def test_the_template_parses_declares_nothing_and_explains_itself(tmp_path: Path) -> None:
    text = new("Depends: on   {braces}", tmp_path, now=NOW).read_text()

    assert text.startswith("-- WHY: ")
    assert "\n-- Migration: Depends: on {braces}\n-- Date: 2025-06-01\n" in text
    assert parse_header(text, file="x.sql") == NO_HEADER
    assert [statement.kind for statement in parse(text, file="x.sql").statements] == ["transaction_stmt"] * 2


def test_it_comes_after_every_file_and_says_so_when_the_clock_is_behind(tmp_path: Path) -> None:
    said: list[str] = []
    first = new("a", tmp_path, now=NOW, say=said.append)
    second = new("b", tmp_path, now=NOW, say=said.append)
    assert [first.name[:15], second.name[:15]] == ["20250601_123045", "20250601_123046"]
    assert said == []

    (tmp_path / "20300101_000000_future.sql").touch()
    third = new("c", tmp_path, now=NOW, say=said.append)

    assert third.name == "20300101_000001_c.sql"
    assert "ahead of the clock (20250601_123045 UTC)" in said[0]


def test_a_file_that_cannot_run_still_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "20260101_000000_Not quite.sql").touch()

    assert new("a", tmp_path, now=NOW).name == "20260101_000001_a.sql"


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process makes the same file between the look and the write."""
    taken = tmp_path / "20250601_123045_a.sql"
    taken.write_text("mine")
    monkeypatch.setattr("sql_migrations.stamps.newest", lambda _folder: None)

    path = new("a", tmp_path, now=NOW)

    assert path.name == "20250601_123046_a.sql"
    assert taken.read_text() == "mine"


@pytest.mark.parametrize("description", ["", "  ", "---", "日本"])
def test_a_description_without_letters_is_refused(tmp_path: Path, description: str) -> None:
    with pytest.raises(SqlMigrationsError, match="makes no file name"):
        new(description, tmp_path, now=NOW)


def test_marks_on_letters_do_not_eat_the_letters(tmp_path: Path) -> None:
    assert new("Überweisung ändern", tmp_path, now=NOW).name == "20250601_123045_uberweisung_andern.sql"


def test_a_description_that_no_file_name_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SqlMigrationsError, match="300 characters"):
        new("x" * 300, tmp_path, now=NOW)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SqlMigrationsError, match="No such file"):
        new("a", tmp_path / "missing", now=NOW)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (id int);",
        "CREATE TABLE a (id int)",
        "CREATE TABLE a (id int) -- the last; one;",
        "CREATE TABLE a (id int); /* behind */",
        "CREATE TABLE a (id int);\nCOPY a FROM stdin;\n1\n\\.\n",
    ],
)
def test_sql_is_put_into_one_transaction_whole(tmp_path: Path, sql: str) -> None:
    text = new("a", tmp_path, now=NOW, sql=sql).read_text()

    script = parse(text, file="x.sql")
    how = plan(script, transaction="auto")
    assert how.mode == "transaction"
    assert how.explicit
    assert [one.kind for one in how.units[0].statements] == [one.kind for one in parse(sql, file="x.sql").statements]


@pytest.mark.parametrize("sql", ["BEGIN;\nSELECT 1;\nCOMMIT;\n", "CREATE INDEX CONCURRENTLY i ON t (c);\n"])
def test_sql_with_a_transaction_or_that_bears_none_stays_as_it_is(tmp_path: Path, sql: str) -> None:
    assert new("a", tmp_path, now=NOW, sql=sql).read_text().endswith(f"-- Date: 2025-06-01\n{sql}")


def test_sql_that_cannot_be_carried_out_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(SqlFileError, match=r"20250601_123045_a\.sql:1:1"):
        new("a", tmp_path, now=NOW, sql="SELEC 1")

    assert list(tmp_path.iterdir()) == []


def test_what_the_sql_stands_on_is_written_into_the_header(tmp_path: Path) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    early = datetime(2001, 1, 1, tzinfo=UTC)  # a later file stands on what this project's files stand on

    new("a", tmp_path, now=early, sql="CREATE INDEX by_label ON django_content_type (app_label);", loader=loader)

    (edge,) = scan(tmp_path).files[0].header.depends
    assert edge.app == "contenttypes"
