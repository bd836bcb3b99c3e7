"""Several runs at once are one run and some that wait for it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.chaos import databases
from tests.chaos.reference import FORWARDS, PLAN
from tests.chaos.zygote_client import PROJECT

if TYPE_CHECKING:
    from tests.chaos.zygote_client import Zygote

_WAITS = re.compile(
    r"Another run holds the deploy lock: webqx migrate, pid (\d+) on \S+ \(database pid \d+\)\. Waiting for it\."
)


def test_ten_runs_on_an_empty_database_apply_every_node_once(zygote: Zygote) -> None:
    with databases.database() as name:
        runs = [zygote.start(FORWARDS, databases.url(name)) for _ in range(10)]
        ended = [zygote.wait(run) for run in runs]
        with databases.connect(name) as connection:
            nodes = connection.execute("SELECT app, name FROM django_migrations").fetchall()
            files = connection.execute("SELECT name FROM sql_migration_history WHERE event = 'apply'").fetchall()

    assert [run.code for run in ended] == [0] * 10, "\n".join(run.output for run in ended)
    assert Counter(nodes) == Counter(PLAN)
    assert Counter(files) == Counter((name,) for app, name in PLAN if app == "sql_migrations")
    assert sum("No migrations to apply." in run.output for run in ended) == 9
    waited_for = [int(pid) for run in ended for pid in _WAITS.findall(run.output)]
    assert waited_for
    assert set(waited_for) <= set(runs)


def test_a_run_that_dies_leaves_no_lock_behind(zygote: Zygote) -> None:
    with databases.database() as name:
        with databases.connect(name) as other:
            other.execute("CREATE TABLE ward_ward ()")
            failed = zygote.run(FORWARDS, databases.url(name))
            other.execute("DROP TABLE ward_ward")
        ended = zygote.run(FORWARDS, databases.url(name))

    assert failed.code == 1
    assert ended.code == 0, ended.output
    assert "Waiting" not in ended.output


def test_runs_of_a_foreign_folder_wait_for_each_other(zygote: Zygote) -> None:
    command = ("sql_migrations", "replay", "--dir", str(PROJECT / "sql"), "--to", "20250101_090000_create_staff")
    with databases.database() as name:
        url = databases.url(name)
        runs = [zygote.start(((*command, "--database", url),), url) for _ in range(4)]
        ended = [zygote.wait(run) for run in runs]
        with databases.connect(name) as connection:
            files = connection.execute("SELECT name FROM sql_migration_history WHERE event = 'apply'").fetchall()

    assert [run.code for run in ended] == [0] * 4, "\n".join(run.output for run in ended)
    assert files == [("20250101_090000_create_staff",)]
