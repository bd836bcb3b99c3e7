"""Names, headers and bytes of SQL files."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sql_migrations.errors import BadEncoding, BadHeader, BadName
from sql_migrations.files import decode, scan
from sql_migrations.header import Edge, Header, parse_header
from sql_migrations.names import check_name, nearest_name, slug

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("2024-01-15_143000_create.sql", "20240115_143000_create.sql"),
        ("202401151430_AddUsers.sql", "20240115_143000_add_users.sql"),
        ("20240230_250000_x.sql", "20240229_230000_x.sql"),
        ("20240115_143000.sql", "20240115_143000_migration.sql"),
        ("20240115_143000_über.sql", "20240115_143000_ber.sql"),
        ("20240115143000_x y.sql", "20240115_143000_x_y.sql"),
    ],
)
def test_a_bad_name_is_answered_with_the_nearest_valid_one(name: str, nearest: str) -> None:
    with pytest.raises(BadName, match=nearest):
        check_name(name)
    check_name(nearest)


def test_a_name_without_any_date_is_answered_with_the_command_that_makes_one() -> None:
    with pytest.raises(BadName, match="sql_migrations new"):
        check_name("create_users.sql")


@given(st.text(min_size=1, max_size=40))
def test_every_suggestion_is_itself_a_valid_name(stem: str) -> None:
    if (nearest := nearest_name(stem)) is not None:
        check_name(nearest)


@given(st.text(max_size=60))
def test_a_slug_is_usable_in_a_name_or_empty(words: str) -> None:
    made = slug(words)
    if made:
        check_name(f"20240101_000000_{made}.sql")


def test_directives_are_read_up_to_the_first_statement() -> None:
    text = (
        "-- Why this is here.\n\n-- Migration: Make it\n-- Depends: patients.0001_initial\n"
        "-- Depends: records.0001_initial.sql\n-- Before: records.0002_x\n-- Transaction: none\n"
        "SELECT 1;\n-- Depends: not.read\n"
    )

    assert parse_header(text, file="x.sql") == Header(
        depends=(Edge("patients", "0001_initial", 4), Edge("records", "0001_initial", 5)),
        before=(Edge("records", "0002_x", 6),),
        transaction="none",
    )


@pytest.mark.parametrize(
    "before",
    [
        "/* Licence. */\n",
        "/*\n * Licence,\n * of /* two */ comments.\n */\n\n",
        "-- Prose with /* in it.\n",
        "/* one */ /* two\n*/ ",
        "  ",
        "\t",
    ],
)
def test_a_directive_counts_after_a_block_comment_and_indented(before: str) -> None:
    header = parse_header(f"{before}-- Depends: patients.0001_initial\nSELECT 1;\n", file="x.sql")

    assert [edge.key for edge in header.depends] == [("patients", "0001_initial")]
    assert header.depends[0].line == before.count("\n") + 1


@pytest.mark.parametrize("before", ["/*\n", "/* /* */\n", "SELECT 1; /* */\n", "/* */ SELECT 1;\n"])
def test_no_directive_is_read_within_a_block_comment_or_after_a_statement(before: str) -> None:
    assert parse_header(f"{before}-- Depends: patients.0001_initial\n*/ SELECT 1;\n", file="x.sql") == Header()


@pytest.mark.parametrize(
    "line",
    [
        "-- Depnds: a.b",
        "-- depends: a.b",
        "-- Depends on: a.b",
        "-- Requires: a.b",
        "-- Transacton: none",
        "-- Befor: a.b",
        "-- Deepnds: a.b",
        "-- DEPENDS: a.b",
    ],
)
def test_a_misspelt_directive_is_an_error_with_the_place_and_the_right_word(line: str) -> None:
    with pytest.raises(BadHeader, match=r"x.sql:2:4: unknown header .*Did you mean '(Depends|Before|Transaction):'"):
        parse_header(f"-- Why.\n{line}\n", file="x.sql")


@pytest.mark.parametrize("line", ["-- Note: read this", "-- Author: A. Turing", "-- Translation: none", "-- Data: old"])
def test_prose_with_a_colon_stays_prose(line: str) -> None:
    assert parse_header(line, file="x.sql") == Header()


@pytest.mark.parametrize("value", ["patients", "patients.0001.x", "patients.0001_a, records.0001_b", ""])
def test_an_edge_names_exactly_one_migration(value: str) -> None:
    with pytest.raises(BadHeader, match="is not one migration"):
        parse_header(f"-- Depends: {value}", file="x.sql")


def test_a_transaction_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadHeader, match="'off' is not a transaction mode"):
        parse_header("-- Transaction: off", file="x.sql")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfeS\x00", r"UTF-16 \(byte offset 0\)"),
        (b"-- a\n-- caf\xe9\n", r"x.sql:2: byte 0xe9 at byte offset 11 is not UTF-8"),
        ("-- é\nSEL\0ECT".encode(), r"x.sql:2:4: there is a NUL character at byte offset 9"),
    ],
)
def test_what_is_not_text_is_refused_with_the_offset(raw: bytes, said: str) -> None:
    with pytest.raises(BadEncoding, match=said):
        decode(raw, file="x.sql")


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbfSELECT 1", file="x.sql") == "SELECT 1"


def test_a_folder_is_listed_in_order_with_its_rollbacks_and_without_what_is_no_sql(tmp_path: Path) -> None:
    for name in (
        "20240102_000000_b.sql",
        "20240101_000000_a.sql",
        "20240101_000000_a.down.sql",
        "README.md",
        ".20240101_000000_a.sql.swp",
        "20240101_000000_a.sql~",
        "models.py",
    ):
        (tmp_path / name).write_text("SELECT 1;")
    (tmp_path / "20240103_000000_folder.sql").mkdir()

    listed = scan(tmp_path)

    assert [file.name for file in listed.files] == ["20240101_000000_a", "20240102_000000_b"]
    assert listed.files[0].down_path == tmp_path / "20240101_000000_a.down.sql"
    assert listed.problems == ()


def test_a_file_that_changes_after_it_was_listed_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "20240101_000000_a.sql"
    path.write_text("SELECT 1;")
    (file,) = scan(tmp_path).files
    path.write_text("SELECT 2;")

    with pytest.raises(Exception, match="changed while the command was running"):
        file.text()


def test_an_unreadable_file_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "20240101_000000_a.sql").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "20240102_000000_pipe.sql")

    assert [problem.file for problem in scan(tmp_path).problems] == [
        "20240101_000000_a.sql",
        "20240102_000000_pipe.sql",
    ]


def test_a_file_without_permission_is_a_problem_and_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "20240101_000000_a.sql").touch()
    refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    # Not chmod: root may read whatever the mode says.
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _path: (_ for _ in ()).throw(refused))

    (problem,) = scan(tmp_path).problems
    assert str(problem) == "20240101_000000_a.sql: it cannot be read: Permission denied."
