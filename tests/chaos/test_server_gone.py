"""The server ends the session, or dies: one sentence, nothing half applied, and the next run carries on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.chaos.reference import FORWARDS
from webqx import binaries, embedded
from webqx.account import account_for
from webqx.cluster import OWNER, Cluster

if TYPE_CHECKING:
    from tests.chaos.sandbox import Sandbox
    from tests.chaos.zygote_client import Ended, Zygote

_SLOW = "CREATE TABLE half (id int);\nSELECT pg_sleep(60);\n"
_QUICK = "CREATE TABLE half (id int);\nSELECT pg_sleep(0);\n"


def _is_one_sentence(ended: Ended) -> None:
    assert ended.code == 1, ended.output
    assert "Traceback" not in ended.output
    assert "the connection to PostgreSQL was lost" in ended.output
    assert "Nothing is half applied; run the command again." in ended.output


def test_a_session_ended_by_an_administrator_in_a_file(sandbox: Sandbox) -> None:
    file = sandbox.add("slow", _SLOW)
    run = sandbox.start()
    sandbox.value(f"SELECT pg_terminate_backend({sandbox.working_on('pg_sleep')})")
    ended = sandbox.zygote.wait(run)

    _is_one_sentence(ended)
    assert not sandbox.has("half")
    assert not sandbox.is_applied(file)
    file.write_text(_QUICK)
    assert sandbox.migrate().code == 0
    assert sandbox.has("half")


def test_a_session_ended_by_an_administrator_in_a_journalled_file(sandbox: Sandbox) -> None:
    file = sandbox.add("slow", f"-- Transaction: none\nCREATE TABLE first (id int);\n{_SLOW}")
    run = sandbox.start()
    sandbox.value(f"SELECT pg_terminate_backend({sandbox.working_on('pg_sleep')})")

    _is_one_sentence(sandbox.zygote.wait(run))
    assert sandbox.has("half")
    assert not sandbox.is_applied(file)
    file.write_text(f"-- Transaction: none\nCREATE TABLE first (id int);\n{_QUICK}")
    ended = sandbox.migrate()
    assert ended.code == 0, ended.output
    assert "resuming; 2 of 3 steps were done before" in ended.output
    assert sandbox.is_applied(file)


def test_a_session_ended_by_an_administrator_in_an_orm_migration(sandbox: Sandbox) -> None:
    with sandbox.connect() as other, other.transaction():
        assert sandbox.migrate("ward", "0002", "--yes").code == 0
        other.execute("LOCK TABLE ward_bed IN ACCESS SHARE MODE")
        run = sandbox.start()
        backend = sandbox.working_on("ALTER TABLE")
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
        ended = sandbox.zygote.wait(run)

    _is_one_sentence(ended)
    assert sandbox.migrate().code == 0


def test_a_server_that_is_killed(zygote: Zygote, tmp_path: Path) -> None:
    with embedded.throwaway(OWNER) as url:
        (socket_folder,) = parse_qs(urlsplit(url).query)["host"]
        folder = Path(socket_folder)
        account = account_for(folder)
        server = Cluster(folder / "data", binaries.usable(account, folder), account, socket_folder=folder)
        pid_file = server.pid_file()
        assert pid_file is not None
        (tmp_path / "sql").mkdir()
        file = tmp_path / "sql" / "20250102_090000_load_specialities.sql"
        file.write_text(_SLOW)
        run = zygote.start(FORWARDS, url, SQL_MIGRATIONS_DIR=str(tmp_path / "sql"))
        _kill_when_asleep(zygote, run, pid_file.pid)
        ended = zygote.wait(run)
        _is_one_sentence(ended)

        for left in folder.glob(".s.PGSQL.*"):
            left.unlink()  # the killed server may still be a zombie, whose lock PostgreSQL respects
        server.start()
        file.write_text(_QUICK)
        again = zygote.run(FORWARDS, url, SQL_MIGRATIONS_DIR=str(tmp_path / "sql"))

    assert again.code == 0, again.output
    assert "Applying sql_migrations.20250102_090000_load_specialities... OK" in again.output
    assert "ward.0001_initial" not in again.output  # what had been applied stands


def test_no_server_is_one_sentence(zygote: Zygote, tmp_path: Path) -> None:
    ended = zygote.run(FORWARDS, f"postgresql://nobody@/nothing?host={tmp_path}&port=5432")

    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert "PostgreSQL cannot be reached" in ended.output


def _kill_when_asleep(zygote: Zygote, run: int, postmaster: int) -> None:
    """Kill the server, all of it, once the run is inside the file."""
    while "load_specialities..." not in zygote.output(run):
        time.sleep(0.02)
    time.sleep(0.2)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
    if not children.exists():
        pytest.skip("this system does not list the children of a process")
    for pid in (postmaster, *map(int, children.read_text().split())):
        os.kill(pid, signal.SIGKILL)
