"""A role that may not do what a run needs: one clear sentence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.chaos import databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.sandbox import Sandbox
    from tests.chaos.zygote_client import Ended, Zygote

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture
def stranger() -> Iterator[str]:
    """A role that may log in and nothing else."""
    name = f"chaos_stranger_{_WORKER}"
    try:
        superuser = psycopg.connect(databases.url("postgres", user="postgres"), autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("making a role takes the superuser, as whom this server does not let us in")
    with superuser:
        superuser.execute(f"DROP ROLE IF EXISTS {name}")
        superuser.execute(f"CREATE ROLE {name} LOGIN")
        yield name
        superuser.execute(f"DROP ROLE {name}")


def _is_a_sentence(ended: Ended) -> None:
    assert ended.code == 1, ended.output
    assert "Traceback" not in ended.output
    assert "permission denied" in ended.output


def test_on_an_empty_database(zygote: Zygote, stranger: str) -> None:
    with databases.database() as name:
        ended = zygote.run((("migrate",),), databases.url(name, user=stranger))

    _is_a_sentence(ended)
    assert "permission denied for schema public" in ended.output
    assert f"role {stranger}" in ended.output


def test_where_others_have_migrated(sandbox: Sandbox, stranger: str) -> None:
    ended = sandbox.migrate(url=databases.url(sandbox.database, user=stranger))

    _is_a_sentence(ended)
    assert f"role {stranger}" in ended.output


def test_in_a_file(sandbox: Sandbox) -> None:
    file = sandbox.add("roles", "CREATE TABLE half (id int);\nCREATE ROLE surgeon;\n")
    ended = sandbox.migrate()

    _is_a_sentence(ended)
    assert f"{file.name}:2:1: permission denied to create role" in ended.output
    assert not sandbox.has("half")
    assert not sandbox.is_applied(file)
