"""Ctrl-C ends a run with a sentence, and stops the statement on the server too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.chaos import databases
from tests.chaos.sandbox import Sandbox
from tests.chaos.zygote_client import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.zygote_client import Zygote

_SAID = "Interrupted: Nothing of the file in progress was applied."


def test_ctrl_c_in_a_file_cancels_its_statement(sandbox: Sandbox) -> None:
    file = sandbox.add("slow", "CREATE TABLE half (id int);\nSELECT pg_sleep(60);\n")
    url = databases.url(sandbox.database)
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "migrate"],
        env=environment(url, CHAOS_SQL_DIR=str(sandbox.folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        sandbox.working_on("pg_sleep")
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=10)

    assert process.returncode == 130, output
    assert _SAID in output
    assert "Traceback" not in output
    databases.wait_until_left(sandbox.database)  # the statement does not go on without its client
    assert not sandbox.has("half")
    assert not sandbox.is_applied(file)


def test_ctrl_c_in_a_journalled_file_says_where_it_stands(sandbox: Sandbox) -> None:
    file = sandbox.add("slow", "-- Transaction: none\nCREATE TABLE first (id int);\nSELECT pg_sleep(60);\n")
    run = sandbox.start()
    sandbox.working_on("pg_sleep")
    os.kill(run, signal.SIGINT)
    ended = sandbox.zygote.wait(run)

    assert ended.code == 130, ended.output
    assert "Interrupted:" in ended.output
    assert "goes on from there" in ended.output
    assert "Traceback" not in ended.output
    file.write_text("-- Transaction: none\nCREATE TABLE first (id int);\nSELECT pg_sleep(0);\n")
    again = sandbox.migrate()
    assert again.code == 0, again.output
    assert sandbox.is_applied(file)


@pytest.mark.parametrize("waiting_for", ["the deploy lock", "a table"])
def test_ctrl_c_while_waiting_changes_nothing(sandbox: Sandbox, waiting_for: str) -> None:
    file = sandbox.add("more", "ALTER TABLE staff ADD COLUMN more int;\n")
    with sandbox.connect() as other, other.transaction():
        if waiting_for == "a table":
            other.execute("LOCK TABLE staff")
            run = sandbox.start()
            sandbox.working_on("ADD COLUMN more")
        else:
            other.execute("SELECT pg_advisory_lock(5608032841479477536)")
            run = sandbox.start()
            sandbox.says(run, "Another run holds the deploy lock")
        os.kill(run, signal.SIGINT)
        ended = sandbox.zygote.wait(run)

    assert ended.code == 130, ended.output
    assert "Traceback" not in ended.output
    assert not sandbox.is_applied(file)


def test_ctrl_c_in_a_foreign_folder_ends_in_the_same_way(database: str, zygote: Zygote, tmp_path: Path) -> None:
    empty = Sandbox(database, tmp_path, zygote)
    empty.add("slow", "CREATE TABLE half (id int);\nSELECT pg_sleep(60);\n")
    url = databases.url(database)
    run = zygote.start((("sql_migrations", "replay", "--dir", str(tmp_path), "--database", url),), url)
    empty.working_on("pg_sleep")
    os.kill(run, signal.SIGINT)
    ended = zygote.wait(run)

    assert ended.code == 130, ended.output
    assert _SAID in ended.output
    assert "Traceback" not in ended.output
    assert not empty.has("half")
