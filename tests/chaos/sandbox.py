"""A database at the head of the test project's plan, and a copy of its folder of SQL files to add one more to."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.chaos import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from tests.chaos.zygote_client import Ended, Zygote

_PATIENCE_SECONDS = 20


@dataclass
class Sandbox:
    """Where one test adds files and runs `migrate`."""

    database: str
    folder: Path
    zygote: Zygote
    _days: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, description: str, text: str) -> Path:
        """Drop a file into the folder, after all others."""
        file = self.folder / f"202502{next(self._days):02}_090000_{description}.sql"
        file.write_text(text)
        return file

    def start(self, *arguments: str, url: str = "", **settings: object) -> int:
        """Begin `migrate`, and return its pid."""
        command = ("migrate", *arguments)
        url = url or databases.url(self.database)
        return self.zygote.start((command,), url, SQL_MIGRATIONS_DIR=str(self.folder), **settings)

    def migrate(self, *arguments: str, url: str = "", **settings: object) -> Ended:
        """Run `migrate` to its end."""
        return self.zygote.wait(self.start(*arguments, url=url, **settings))

    def connect(self) -> psycopg.Connection:
        """Connect in autocommit."""
        return databases.connect(self.database)

    def value(self, query: str) -> object:
        """Return the one value of a query."""
        with self.connect() as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return row[0] if row else None

    def working_on(self, part: str) -> int:
        """Wait until a session runs a statement with this text, and return its backend's pid."""
        return int(
            str(
                self.wait_for(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    f"AND state = 'active' AND query LIKE '%{part}%'"
                )
            )
        )

    def wait_for(self, query: str) -> object:
        """Wait until a query has a value that is not NULL or false."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (value := self.value(query)):
            assert time.monotonic() < deadline, query
            time.sleep(0.02)
        return value

    def says(self, pid: int, part: str) -> None:
        """Wait until a run has written something."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while part not in self.zygote.output(pid):
            assert time.monotonic() < deadline, self.zygote.output(pid)
            time.sleep(0.02)

    def has(self, relation: str) -> bool:
        """Say whether a table or index exists."""
        return self.value(f"SELECT to_regclass('{relation}')") is not None

    def is_applied(self, file: Path) -> bool:
        """Say whether a file is recorded. Both records must say the same."""
        django, history = (
            self.value(f"SELECT count(*) FROM {table} WHERE name = '{file.stem}' {event}")
            for table, event in (("django_migrations", ""), ("sql_migration_history", "AND event = 'apply'"))
        )
        assert django == history
        return django == 1
