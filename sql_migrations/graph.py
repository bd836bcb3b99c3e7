"""SQL files as nodes of Django's migration graph.

`sql_migrations/migrations/__init__.py` calls `extend`, which adds an entry to the package's `__path__`. A path hook
serves that entry: to Django's loader each `.sql` file is a module with a `Migration` class. Nothing of Django is
patched. The modules are light objects put into `sys.modules` and the classes partials of one, since 5,000 files are
listed at the start of every command.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from functools import cache, partial
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from sql_migrations.errors import SqlFileError, SqlMigrationsError, UnknownDependency
from sql_migrations.files import Folder, SqlFile, scan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

    from sql_migrations.header import Edge

APP = "sql_migrations"
_PACKAGE = "sql_migrations.migrations"
_ENTRY = "sql-migrations:files"

_STRAY = (
    "the migrations of this app are its SQL files, and this Python file would stand in their chain. Take it away; a "
    "RunPython belongs to the app whose tables it changes."
)

Key = tuple[str, str]


class RawSqlFile(Operation):
    """What a SQL file does to Django's state: nothing, but for the engine's own unmanaged models.

    Those models belong to this app, whose migrations are the SQL files; so the first file to come carries them,
    and `makemigrations` has nothing to write here.
    """

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Declare the engine's models, once."""
        if (app_label, "sqlmigrationhistory") not in state.models:
            from sql_migrations.models import OWN_MODELS  # noqa: PLC0415 -- models load after the app registry

            for model in OWN_MODELS:
                state.add_model(ModelState.from_model(model))

    def database_forwards(self, *_args: object) -> None:
        """Do nothing: `SqlMigration.apply` runs the file."""

    def database_backwards(self, *_args: object) -> None:
        """Do nothing: `SqlMigration.unapply` runs the way back."""

    def describe(self) -> str:
        """Name the operation in `migrate --plan`."""
        return "Raw SQL file"


_RAW_SQL_FILE = RawSqlFile()


class SqlMigration(Migration):
    """A SQL file as a node. `executor.py` runs it; the engine owns its transaction, hence atomic = False."""

    atomic = False
    operations = [_RAW_SQL_FILE]

    def __init__(self, name: str, app_label: str, *, file: SqlFile, parents: list[Key], children: list[Key]) -> None:
        super().__init__(name, app_label)
        self.file = file
        self.dependencies = [*parents]  # type: ignore[misc]  # Django assigns them per instance too
        self.run_before = [*children]  # type: ignore[misc]

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Print the file for `sqlmigrate`. Running it takes the executor, which records it in the same transaction."""
        if not collect_sql:
            raise self._needs_executor()
        _collected(schema_editor).append(self.file.text())
        return self.mutate_state(project_state, preserve=False)

    def unapply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Print the way back for `sqlmigrate --backwards`."""
        if not collect_sql:
            raise self._needs_executor()
        text = self.file.down_text()
        if text is None:
            text = (
                f"-- {self.file.label} has no .down.sql. Its derived way back depends on the database: "
                "manage.py sql_migrations rollback --to NAME shows it, and changes nothing without --yes."
            )
        _collected(schema_editor).append(text)
        return project_state

    def _needs_executor(self) -> SqlMigrationsError:
        return SqlMigrationsError(
            f"{self.file.label} is run and recorded by this project's own migrate. Use: manage.py migrate"
        )


def _collected(schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
    collected: list[str] = schema_editor.collected_sql
    return collected


class _Finder:
    """Serves the entry in `__path__`: lists the modules that `extend` made. Python imports them from sys.modules."""

    def iter_modules(self, prefix: str = "") -> Iterator[tuple[str, bool]]:
        for file in _current.files:
            yield prefix + file.name, False

    def find_spec(self, _name: str, _target: object = None) -> None:
        return None

    def invalidate_caches(self) -> None:
        """Nothing is cached: each load of the migrations package lists the folder anew."""


_current = Folder(Path(), (), ())


def folder() -> Folder:
    """Return the folder as it was when Django last loaded the graph, with every problem found in it."""
    return _current


def sql_dir() -> Path:
    """Return the folder that holds the SQL files: the setting SQL_MIGRATIONS_DIR, else this app's own folder."""
    return Path(getattr(settings, "SQL_MIGRATIONS_DIR", None) or Path(__file__).parent)


def extend(path: list[str]) -> None:
    """Serve the SQL files as modules of the migrations package. Called again at each (re)load of the package."""
    global _current  # noqa: PLW0603 -- the module is the cache that Python's import system asks
    listed = scan(sql_dir())
    strays = [
        SqlFileError(_STRAY, file=stray.name) for stray in sorted(Path(__file__).parent.glob("migrations/[!_]*.py"))
    ]
    names = {file.name for file in listed.files}
    for old in _current.files:
        if old.name not in names:
            sys.modules.pop(f"{_PACKAGE}.{old.name}", None)
    problems = [*listed.problems, *strays]
    _migrations_of.cache_clear()
    previous: Key | None = None
    for file in listed.files:
        parents = [previous] if previous else []
        parents += [edge.key for edge in file.header.depends if _known(edge, file, names, problems)]
        children = [edge.key for edge in file.header.before if _known(edge, file, names, problems)]
        module: Any = ModuleType(f"{_PACKAGE}.{file.name}")
        module.Migration = partial(SqlMigration, file=file, parents=parents, children=children)
        sys.modules[f"{_PACKAGE}.{file.name}"] = module
        previous = (APP, file.name)
    _current = Folder(listed.path, listed.files, tuple(problems))
    if _ENTRY not in path:
        path.append(_ENTRY)
    if _serve not in sys.path_hooks:
        sys.path_hooks.append(_serve)
        sys.path_importer_cache.pop(_ENTRY, None)


def _serve(entry: str) -> _Finder:
    if entry != _ENTRY:
        raise ImportError(entry)
    return _Finder()


def _known(edge: Edge, file: SqlFile, names: set[str], problems: list[SqlFileError]) -> bool:
    """Keep an edge to a migration that does not exist out of the graph, and the problem on the list.

    In the graph it would make every migration command fail, `makemigrations` too, which may be about to create it.
    """
    if edge.app == APP:
        there: Collection[str] = names
    else:
        there = _migrations_of(edge.app)
    known = edge.name in there
    if not known:
        near = difflib.get_close_matches(edge.name, there, n=1)
        hint = f" Did you mean {edge.app}.{near[0]}?" if near else ""
        none = "" if there else f" There is no app '{edge.app}' with migrations."
        problems.append(
            UnknownDependency(f"there is no migration {edge}.{hint}{none}", file=file.label, line=edge.line)
        )
    return known


@cache
def _migrations_of(app_label: str) -> frozenset[str]:
    """Return the names of an app's migrations on disk, without importing them."""
    try:
        module, _explicit = MigrationLoader.migrations_module(app_label)
        spec = importlib.util.find_spec(module) if module else None
    except (LookupError, ModuleNotFoundError):
        return frozenset()
    if spec is None or spec.submodule_search_locations is None:
        return frozenset()
    return frozenset(name for _, name, _ in iter_modules(list(spec.submodule_search_locations)))
