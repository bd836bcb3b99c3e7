"""System checks of the folder of SQL files. `manage.py check` makes every finding an error, so that CI stops it.

Other commands show it as a warning: a file that waits for the migration it names must not keep `makemigrations` from
making that migration, and a deploy applies a file that lacks only its Depends line.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.db.migrations.exceptions import CircularDependencyError, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

from sql_migrations import graph
from sql_migrations.errors import BadHeader, BadName, DuplicateTimestamp, SqlFileError, UnknownDependency
from sql_migrations.explain import graph_error
from sql_migrations.files import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Mode = Literal["silent", "warn", "strict"]
_mode: ContextVar[Mode] = ContextVar("mode", default="warn")
_IDS: dict[type[SqlFileError], str] = {
    BadName: "sql_migrations.E001",
    DuplicateTimestamp: "sql_migrations.E002",
    BadHeader: "sql_migrations.E003",
    UnknownDependency: "sql_migrations.E004",
}


@contextmanager
def mode(mode: Mode) -> Iterator[None]:
    """Set how much is looked at: "strict" reads every text and finds errors; "silent" leaves it to a preflight."""
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def strict() -> bool:
    """Tell whether `manage.py check` asks, and not a command that may be about to repair what is found."""
    return _mode.get() == "strict"


@register
def sql_files(**_: object) -> list[CheckMessage]:
    """Check names, timestamps and headers; strictly, also that each file parses and says what it stands on."""
    if graph.APP in settings.MIGRATION_MODULES:
        return [
            Error(
                "MIGRATION_MODULES names sql_migrations: its SQL files would be skipped in silence.",
                hint="Take 'sql_migrations' out of MIGRATION_MODULES; set SQL_MIGRATIONS_DIR to use another folder.",
                id="sql_migrations.E005",
            )
        ]
    if _mode.get() == "warn":
        return list(_problems(scan(graph.sql_dir()).problems))
    return list(_strictly()) if _mode.get() == "strict" else []


def _strictly() -> Iterator[CheckMessage]:
    try:
        loader = MigrationLoader(None, ignore_no_migrations=True)
    except CircularDependencyError as error:
        yield _message(str(graph_error(error)), "sql_migrations.E006")
    except NodeNotFoundError as error:
        yield _message(str(error), "sql_migrations.E004")
    else:
        yield from _problems(graph.folder().problems)
        yield from _texts(loader)


def _problems(problems: Iterable[SqlFileError]) -> Iterator[CheckMessage]:
    for problem in problems:
        yield _message(str(problem), _IDS.get(type(problem), "sql_migrations.E007"))


def _texts(loader: MigrationLoader) -> Iterator[CheckMessage]:
    from sql_migrations import contents  # noqa: PLC0415 -- the parser costs 0.2 s, which only `check` has to pay

    plan, scripts = contents.Plan(loader), {}
    for file in graph.folder().files:
        try:
            script = contents.check(file)
        except SqlFileError as problem:
            yield _message(str(problem), "sql_migrations.E008")
            continue
        scripts[file.name] = script
        for conflict in plan.owner_conflicts(script):
            yield _message(conflict, "sql_migrations.E009")
        for line in plan.missing_edges(file, script):
            yield _message(
                f"{file.label} does not say what it stands on.", "sql_migrations.E010", hint=f"Add the line: {line}"
            )
    for finding, hint in plan.renamed_or_dropped(scripts):
        yield _message(finding, "sql_migrations.E011", hint=hint)


def _message(text: str, id_: str, hint: str | None = None) -> CheckMessage:
    if _mode.get() == "strict":
        return Error(text, hint=hint, id=id_)
    return CheckWarning(text, hint=hint, id=id_.replace(".E", ".W"))
