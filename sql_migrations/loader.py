"""Django's loader and graph without the steps that take the square of the number of files, or read the record twice.

Both find what Django's find. Where something is wrong Django's own methods run, so that the error is theirs.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from django.db.migrations import loader as django_loader
from django.db.migrations.graph import MigrationGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

Key = tuple[str, str]


class Graph(MigrationGraph):
    """A graph in which one app may be a chain of thousands: Django's own searches lists as long as the chain."""

    def ensure_not_cyclic(self) -> None:
        """Raise CircularDependencyError if there is a circle."""
        parents: dict[Any, list[Any]] = {
            key: [parent.key for parent in node.parents] for key, node in self.node_map.items()
        }
        try:
            TopologicalSorter(parents).prepare()
        except CycleError:
            super().ensure_not_cyclic()

    def _generate_plan(self, nodes: Sequence[Key], at_end: bool) -> list[Key]:
        plan = (key for node in nodes for key in self.forwards_plan(node) if at_end or key not in nodes)
        return list(dict.fromkeys(plan))


class Loader(django_loader.MigrationLoader):
    """Loads the migrations of all apps, SQL files among them, into such a graph."""

    def build_graph(self) -> None:
        """Build the graph as Django does."""
        # Django's loader names its graph as a global of its module and offers no other place to put one in.
        stock = django_loader.MigrationGraph  # type: ignore[attr-defined]
        django_loader.MigrationGraph = Graph  # type: ignore[attr-defined]
        try:
            super().build_graph()
        finally:
            django_loader.MigrationGraph = stock  # type: ignore[attr-defined]

    def check_consistent_history(self, connection: BaseDatabaseWrapper) -> None:
        """Raise InconsistentMigrationHistory for an applied migration before whose parents were.

        The record is as it was read a moment ago: the deploy lock is held. Squashed migrations are Django's to judge.
        """
        applied, nodes = self.applied_migrations, self.graph.node_map
        gap = any(parent.key not in applied for key in applied if key in nodes for parent in nodes[key].parents)
        if gap or self.replacements:
            super().check_consistent_history(connection)
