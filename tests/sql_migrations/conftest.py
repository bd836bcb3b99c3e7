"""A copy of this project's folder of SQL files, on a database of its own, for tests that add files and run migrate."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from sql_migrations.graph import sql_dir
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django import DjangoDbBlocker
    from pytest_django.fixtures import SettingsWrapper

# Later than every file that ships.
LATER = "20300101_000000"


@dataclass
class Project:
    """What a DBA has before them: a folder, a database, and commands."""

    folder: Path
    url: str

    def add(self, name: str, text: str) -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words: str, **options: Any) -> str:
        """Run a management command; returns what it wrote, standard error last."""
        out, err = io.StringIO(), io.StringIO()
        call_command(*words, stdout=out, stderr=err, **options)
        return out.getvalue() + err.getvalue()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database over a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as looking:
            return looking.execute(sql).fetchall()  # type: ignore[arg-type]

    def do(self, *statements: str) -> None:
        """Change the database over a connection of its own, as somebody with psql would."""
        with psycopg.connect(self.url, autocommit=True) as owner:
            for statement in statements:
                owner.execute(statement)  # type: ignore[arg-type]

    def applied(self) -> list[str]:
        """Return the SQL files that Django has recorded, in the order of their names."""
        recorded = "SELECT name FROM django_migrations WHERE app = 'sql_migrations' ORDER BY name"
        return [name for (name,) in self.rows(recorded)]

    def events(self) -> list[tuple[str, str]]:
        """Return the history's events, but for the runs'."""
        return self.rows("SELECT event, name FROM sql_migration_history WHERE event <> 'run' ORDER BY id")  # type: ignore[return-value]


@pytest.fixture
def open_project(
    tmp_path: Path,
    database_url: Callable[..., str],
    settings: SettingsWrapper,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Callable[..., Project]]:
    """Open a copy of the project's folder on a database made from a template."""
    folder = tmp_path / "sql_migrations"
    folder.mkdir()
    for path in sql_dir().glob("*.sql"):
        shutil.copy(path, folder)
    settings.SQL_MIGRATIONS_DIR = folder
    before = connection.settings_dict["NAME"]

    def make(**template: str) -> Project:
        url = database_url(**template)
        connection.close()
        connection.settings_dict["NAME"] = urlsplit(url).path[1:]
        return Project(folder, url)

    with django_db_blocker.unblock():
        yield make
        connection.close()
        connection.settings_dict["NAME"] = before


@pytest.fixture
def empty_project(open_project: Callable[..., Project]) -> Project:
    """The project's own folder on an empty database."""
    return open_project()


@pytest.fixture
def project(django_db_setup: None, open_project: Callable[..., Project]) -> Project:
    """The project's own folder on a database where all of it is applied."""
    return open_project(template=TEMPLATE)
