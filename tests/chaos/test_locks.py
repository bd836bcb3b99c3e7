"""A table that others use: a file waits briefly, steps out, names them, tries again, and gives up in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.sandbox import Sandbox

_BRIEF = {"SQL_MIGRATIONS_LOCK_TIMEOUT_MS": 1200, "SQL_MIGRATIONS_LOCK_ATTEMPTS": 2}


def test_a_blocked_file_names_the_blocker_and_succeeds_when_it_goes(sandbox: Sandbox) -> None:
    file = sandbox.add("more", "ALTER TABLE staff ADD COLUMN more int;\n")
    with sandbox.connect() as other:
        with other.transaction():
            other.execute("SET application_name = 'night report'; LOCK TABLE staff IN ACCESS SHARE MODE")
            run = sandbox.start(**_BRIEF)
            sandbox.says(run, "Trying again")
            said = sandbox.zygote.output(run)
            blocker = f"held by pid {other.info.backend_pid} (night report"
            # Between two attempts nobody stands in line behind the file.
        ended = sandbox.zygote.wait(run)

    assert f"waiting for a lock that is {blocker}" in said
    assert "canceling statement due to lock timeout" in said
    assert "Trying again in 1 s (1 of 2)." in said
    assert ended.code == 0, ended.output
    assert sandbox.is_applied(file)


def test_a_blocked_file_gives_up_and_names_the_blocker(sandbox: Sandbox) -> None:
    file = sandbox.add("more", "SELECT 1;\nALTER TABLE staff ADD COLUMN more int;\n")
    with sandbox.connect() as other, other.transaction():
        other.execute("SET application_name = 'night report'; LOCK TABLE staff IN ACCESS SHARE MODE")
        ended = sandbox.migrate(**_BRIEF)
        blocker = f"held by pid {other.info.backend_pid} (night report"

    last = ended.output[ended.output.rindex(file.name) :]
    assert ended.code == 1
    assert f"{file.name}:2:1: canceling statement due to lock timeout" in last
    assert f"Gave up at attempt 2, {blocker}" in last
    assert not sandbox.is_applied(file)
    assert sandbox.migrate().code == 0


def test_a_blocked_orm_migration_waits_in_the_same_way(sandbox: Sandbox) -> None:
    assert sandbox.migrate("ward", "0002", "--yes").code == 0
    with sandbox.connect() as other:
        with other.transaction():
            other.execute("SET application_name = 'night report'; LOCK TABLE ward_bed IN ACCESS SHARE MODE")
            run = sandbox.start(**_BRIEF)
            sandbox.says(run, "Trying again")
            said = sandbox.zygote.output(run)
        ended = sandbox.zygote.wait(run)

    assert "ward.0003_bed_speciality" in said
    assert "canceling statement due to lock timeout" in said
    assert ended.code == 0, ended.output


def test_a_blocked_orm_migration_gives_up_in_a_sentence(sandbox: Sandbox) -> None:
    assert sandbox.migrate("ward", "0002", "--yes").code == 0
    with sandbox.connect() as other, other.transaction():
        other.execute("LOCK TABLE ward_bed IN ACCESS SHARE MODE")
        ended = sandbox.migrate(SQL_MIGRATIONS_LOCK_TIMEOUT_MS=100, SQL_MIGRATIONS_LOCK_ATTEMPTS=1)

    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert "ward.0003_bed_speciality: canceling statement due to lock timeout" in ended.output


def test_a_files_own_lock_timeout_wins(sandbox: Sandbox) -> None:
    sandbox.add("more", "SET lock_timeout = '50ms';\nALTER TABLE staff ADD COLUMN more int;\n")
    with sandbox.connect() as other, other.transaction():
        other.execute("LOCK TABLE staff IN ACCESS SHARE MODE")
        ended = sandbox.migrate(SQL_MIGRATIONS_LOCK_TIMEOUT_MS=60_000, SQL_MIGRATIONS_LOCK_ATTEMPTS=1)

    assert ended.code == 1
    assert "canceling statement due to lock timeout" in ended.output
