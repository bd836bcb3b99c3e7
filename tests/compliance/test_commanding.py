"""Commands say in a sentence that the database is away, empty, or that their output cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.commanding import on_migrated_database
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = Path(__file__).parents[2]
NOBODY = "00000000-0000-0000-0000-000000000000"
COMMANDS = [["seed_demo", "--patients=3"], ["export_fhir", f"--patient={NOBODY}"], ["data_dictionary", "--check"]]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])


def complaint(command: list[str], url: str) -> str:
    """Run a command that fails, and return what it wrote to standard error."""
    ran = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    return ran.stderr


@each_command
def test_a_server_that_is_away_is_a_sentence(command: list[str]) -> None:
    said = complaint(command, "postgresql://nobody:hidden@127.0.0.1:1/none")

    assert said.startswith("CommandError: the connection to PostgreSQL was lost: ")
    assert "Traceback" not in said
    assert "hidden" not in said


@each_command
def test_a_database_without_tables_is_a_sentence_with_the_way_out(
    database_url: Callable[[], str], command: list[str]
) -> None:
    said = complaint(command, database_url())

    assert said.rstrip().endswith("Apply the migrations first: ./deploy.sh migrate")
    assert "Traceback" not in said


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), on_migrated_database():
        1 / 0  # noqa: B018 - the bug


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that is always full")
def test_a_disk_that_is_full_is_a_sentence(django_db_setup: None, database_url: Callable[[str], str]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "manage.py", "data_dictionary", "--json"],
            cwd=BASE,
            env={**os.environ, "DATABASE_URL": database_url(TEMPLATE)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ran.returncode == 1
    assert ran.stderr == "CommandError: The output cannot be written: No space left on device.\n"
