"""What every subcommand shares: its common words, its exit codes, and one place to write to."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sql_migrations import deploy, foreign
from sql_migrations.errors import SqlMigrationsError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator

    from django.core.management.base import OutputWrapper
    from django.db.backends.base.base import BaseDatabaseWrapper

# Exit codes, as docs/sql-migrations.md lists them. argparse takes 2 for words that it does not know.
OK, REFUSED, FOUND = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Console:
    """Where a subcommand writes. With `as_json`, standard output holds one JSON document and nothing else.

    `streams` are call_command's own stdout and stderr, if it was given any: what another command is to be called with.
    """

    stdout: OutputWrapper
    stderr: OutputWrapper
    as_json: bool = False
    streams: dict[str, Any] = field(default_factory=dict)

    def line(self, text: str = "") -> None:
        """Write a line for people."""
        if not self.as_json:
            self.stdout.write(text)

    def aside(self, text: str) -> None:
        """Write a line that is not the result: a warning, or whom we wait for."""
        self.stderr.write(text)

    def document(self, content: Any) -> None:
        """Write the result for machines."""
        if self.as_json:
            self.stdout.write(json.dumps(content, indent=2, ensure_ascii=False))


def add_json(parser: ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json",
        action="store_true",
        dest="as_json",
        help="Write one JSON document to standard output, and nothing else there.",
    )


def add_place(parser: ArgumentParser) -> None:
    """Add the words that name a foreign folder and its database."""
    parser.add_argument(
        "--dir",
        type=Path,
        dest="directory",
        metavar="DIR",
        help="A folder of its own (Flyway, dbmate, goose, Diesel, plain …), without the ORM's migrations.",
    )
    parser.add_argument(
        "--database",
        default="default",
        metavar="URL",
        help="With --dir: the database, as postgresql://user:password@host/name. Else a name in DATABASES.",
    )
    parser.add_argument("--layout", metavar="NAME", help="With --dir: the folder's layout, if it is not recognised.")


def project_connection(database: str) -> BaseDatabaseWrapper:
    """Return Django's connection of that name, or say what --database takes."""
    from django.db import connections  # noqa: PLC0415 -- needs the settings
    from django.utils.connection import ConnectionDoesNotExist  # noqa: PLC0415

    try:
        return connections[database]
    except ConnectionDoesNotExist:
        raise SqlMigrationsError(
            "--database names no entry of DATABASES. A URL goes together with --dir, which names a folder."
        ) from None


@contextmanager
def foreign_run(
    console: Console,
    directory: Path,
    database: str,
    layout: str | None,
    *,
    changing: bool,
    note: Callable[[str], None] | None = None,
) -> Iterator[foreign.ForeignRun]:
    """Open a foreign folder and its database."""
    if "://" not in database and "=" not in database:
        raise SqlMigrationsError("--dir needs --database URL: postgresql://user:password@host:5432/name")
    with foreign.opened(
        directory, database, say=console.aside, note=note or console.line, layout=layout, changing=changing
    ) as run:
        yield run


@contextmanager
def project_run(console: Console, database: str, *, changing: bool) -> Iterator[deploy.Deploy]:
    """Open this project's own plan and database."""
    connection = project_connection(database)
    if changing:
        with deploy.guarded(connection, say=console.aside, note=console.line) as run:
            yield run
    else:
        with deploy.looking(connection, say=console.aside) as run:
            yield run
