"""Build a part of the plan from zero on a throwaway database, to compare its catalogue with a live one's.

It runs in a process of its own: Django's connections and settings are the process's, and a rebuild wants others.

    python -m sql_migrations.rebuild < wanted.json     # DATABASE_URL names the empty database

    {"folder": "path of the SQL files", "nodes": [["app", "name"], …]}
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from django.conf import settings
from django.utils.module_loading import import_string

from sql_migrations import catalogue
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import sql_dir
from sql_migrations.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sql_migrations.graph import Key


class RebuildFailed(SqlMigrationsError):
    """The plan could not be built from zero, so there is nothing to compare with."""


@contextmanager
def scratch_url() -> Iterator[str]:
    """Yield the URL of an empty database on a throwaway server, as SQL_MIGRATIONS_SCRATCH provides it."""
    provider = getattr(settings, "SQL_MIGRATIONS_SCRATCH", None)
    if provider is None:
        raise SqlMigrationsError(
            "there is no throwaway server to rebuild on. Set SQL_MIGRATIONS_SCRATCH to the dotted path of a context "
            "manager that yields the URL of an empty database."
        )
    with import_string(provider)() as url:
        yield url


def rebuilt(nodes: Iterable[Key]) -> list[str]:
    """Build the nodes from zero and return the catalogue's description. Raises RebuildFailed with what was said."""
    with scratch_url() as url:
        environment = {
            **os.environ,
            **getattr(settings, "SQL_MIGRATIONS_SCRATCH_ENVIRONMENT", {}),
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
        }
        built = subprocess.run(
            [sys.executable, "-m", "sql_migrations.rebuild"],
            input=json.dumps({"folder": str(sql_dir()), "nodes": list(nodes)}),
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if built.returncode:
            raise RebuildFailed(f"the plan cannot be built from zero:\n{built.stderr.strip()}")
        return described(url)


def described(url: str) -> list[str]:
    """Return the description of a database's catalogue."""
    with psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection:
        return catalogue.describe(Session(connection))


def main() -> None:
    """Apply the nodes that standard input names, and nothing else."""
    import django  # noqa: PLC0415 -- this is a process of its own, which sets Django up itself

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from sql_migrations import deploy  # noqa: PLC0415

    asked = json.load(sys.stdin)
    settings.SQL_MIGRATIONS_DIR = Path(asked["folder"])
    wanted = {(app, name) for app, name in asked["nodes"]}
    with deploy.guarded(connection, say=lambda sentence: print(sentence, file=sys.stderr)) as run:  # noqa: T201
        executor = run.executor()
        everything = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
        plan = [step for step in everything if (step[0].app_label, step[0].name) in wanted]
        if len(plan) != len(wanted):
            raise RebuildFailed(f"{len(wanted) - len(plan)} of the migrations asked for are not in the plan.")
        executor.migrate(None, plan=plan)


if __name__ == "__main__":
    try:
        main()
    except SqlMigrationsError as refused:
        sys.exit(str(refused))
