"""The history of SQL files: append-only, and chained by hashes so that what was done to it behind its back shows."""

from __future__ import annotations

import hashlib
import re
import socket
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.management import call_command

if TYPE_CHECKING:
    from tests.sql_migrations.conftest import Project


def _tamper(project: Project, *statements: str) -> None:
    switch = "ALTER TABLE sql_migration_history {} TRIGGER sql_migration_history_append_only"
    project.do(switch.format("DISABLE"), *statements, switch.format("ENABLE"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sql_migration_history SET name = 'x'",
        "DELETE FROM sql_migration_history",
        "TRUNCATE sql_migration_history",
    ],
)
def test_its_rows_cannot_be_changed_or_taken_out(project: Project, statement: str) -> None:
    with (
        psycopg.connect(project.url) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="the migration history is append-only"),
    ):
        owner.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE sql_migration_history SET os_user = 'nobody' WHERE id = 2",
            r"history row 2 .*its content was changed",
        ),
        (
            "DELETE FROM sql_migration_history WHERE id = 2",
            r"history row 3: the row before it was changed or taken out",
        ),
    ],
)
def test_verify_names_the_row_that_was_changed_by_somebody_who_could(
    project: Project, statement: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _tamper(project, statement)

    with pytest.raises(SystemExit, match="3"):
        call_command("sql_migrations", "verify", "--no-rebuild")

    assert re.search(said, capsys.readouterr().out)


def test_a_row_says_who_did_what_when_and_with_which_text(project: Project) -> None:
    ((role, host, mode, statements, sha, plan, at),) = project.rows(
        "SELECT db_role, host, mode, statements, sha256, plan_hash, at FROM sql_migration_history"
        " WHERE name = '20240115_143000_create_users_table'"
    )

    text = (project.folder / "20240115_143000_create_users_table.sql").read_bytes()
    assert (role, host, mode, statements) == ("webqx_owner", socket.gethostname(), "transaction", 5)
    assert sha == hashlib.sha256(text).hexdigest()
    assert len(plan) == 64
    assert at.tzinfo is not None


def test_a_run_leaves_the_fingerprint_of_the_schema(project: Project) -> None:
    project.add("20300101_000000_a.sql", "CREATE TABLE a (id int);")
    project.run("migrate", verbosity=0)
    project.add("20300101_000001_b.sql", "CREATE TABLE b (id int);")
    project.run("migrate", verbosity=0)

    runs = [row for (row,) in project.rows("SELECT fingerprint FROM sql_migration_history WHERE event = 'run'")]
    assert len(set(runs)) == len(runs) == 3


def test_a_schema_that_is_named_like_the_role_and_came_later_hides_no_record(project: Project) -> None:
    project.do("CREATE SCHEMA webqx_owner")
    project.add("20300101_000000_later.sql", "CREATE TABLE public.later (id int);")

    project.run("migrate")

    assert project.applied()[-1] == "20300101_000000_later"
    assert project.events()[-1] == ("apply", "20300101_000000_later")
    assert project.rows("SELECT to_regclass('webqx_owner.sql_migration_history')") == [(None,)]
