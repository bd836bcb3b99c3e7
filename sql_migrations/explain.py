"""Sentences for what Django's migration graph refuses, with the SQL files and the lines that are to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections
from django.db.migrations.exceptions import CircularDependencyError
from django.db.migrations.recorder import MigrationRecorder

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import APP, folder
from sql_migrations.status import compare

if TYPE_CHECKING:
    from collections.abc import Iterator


class GraphRefused(SqlMigrationsError):
    """Django cannot order the migrations, or the database holds one before another that it depends on."""


def graph_error(error: Exception) -> GraphRefused:
    """Explain a CircularDependencyError or an InconsistentMigrationHistory."""
    if isinstance(error, CircularDependencyError):
        lines = [f"  {line}" for line in _edges_named_in(str(error))]
        cause = "\nThe edges that SQL files declare in it:\n" + "\n".join(lines) if lines else ""
        return GraphRefused(f"The migrations depend on each other in a circle: {error}.{cause}")
    problems = [f"  {problem}" for problem in _out_of_order()]
    return GraphRefused("\n".join((str(error), *problems)))


def _edges_named_in(circle: str) -> Iterator[str]:
    for file in folder().files:
        if f"{APP}.{file.name}" in circle:
            for kind, edges in (("Depends", file.header.depends), ("Before", file.header.before)):
                yield from (f"{file.label}:{edge.line}: -- {kind}: {edge}" for edge in edges if str(edge) in circle)


def _out_of_order() -> Iterator[str]:
    for alias in connections:
        recorded = MigrationRecorder(connections[alias]).applied_migrations()
        applied = {name for app, name in recorded if app == APP}
        for found in compare(folder().files, applied, {}):
            if found.state == "out of order":
                yield found.explanation
