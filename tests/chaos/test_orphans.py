"""kill -9 in the middle of a statement: the server goes on with it alone, and may even commit. The next run waits."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.sandbox import Sandbox

_SAID = "A run that was killed left a statement running on the server (database pid {}). Waiting for it"
# Constraint triggers speak at the end of the transaction: a slow COMMIT.
_SLOW_COMMIT = (
    "CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;"
    "CREATE CONSTRAINT TRIGGER take_long AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION take_long()"
)


def _kill(run: int) -> None:
    os.kill(run, signal.SIGKILL)


def test_a_file_that_the_server_commits_alone_is_not_applied_twice(sandbox: Sandbox) -> None:
    file = sandbox.add("counted", "INSERT INTO staff SELECT max(id) + 1, 'Seacole' FROM staff;\n")
    sandbox.connect().execute(_SLOW_COMMIT.format(table="staff", when="true")).connection.close()
    first = sandbox.start()
    backend = sandbox.working_on("SET CONSTRAINTS")
    _kill(first)
    assert sandbox.zygote.wait(first).code == -9
    ended = sandbox.migrate()

    assert ended.code == 0, ended.output
    assert _SAID.format(backend) in ended.output
    assert sandbox.is_applied(file)
    assert sandbox.value("SELECT count(*) FROM staff WHERE name = 'Seacole'") == 1


def test_an_orm_migration_that_the_server_commits_alone_is_not_applied_twice(sandbox: Sandbox) -> None:
    assert sandbox.migrate("ward", "0002", "--yes").code == 0
    when = "new.name = '0003_bed_speciality'"
    sandbox.connect().execute(_SLOW_COMMIT.format(table="django_migrations", when=when)).connection.close()
    first = sandbox.start()
    sandbox.working_on("COMMIT")
    _kill(first)
    assert sandbox.zygote.wait(first).code == -9
    ended = sandbox.migrate()

    assert ended.code == 0, ended.output
    assert "Waiting for it" in ended.output
    assert sandbox.value("SELECT count(*) FROM django_migrations WHERE name = '0003_bed_speciality'") == 1


def test_an_index_that_the_server_makes_alone_is_waited_for(sandbox: Sandbox) -> None:
    file = sandbox.add("alone", "CREATE INDEX CONCURRENTLY staff_shift_name ON staff (shift, name);\n")
    with sandbox.connect() as other:
        with other.transaction():
            other.execute("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
            first = sandbox.start()
            sandbox.working_on("CREATE INDEX CONCURRENTLY")
            _kill(first)
            assert sandbox.zygote.wait(first).code == -9
            second = sandbox.start()
            sandbox.says(second, "Waiting for it")
        ended = sandbox.zygote.wait(second)

    assert ended.code == 0, ended.output
    assert sandbox.is_applied(file)
    assert sandbox.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'staff_shift_name'::regclass") is True
