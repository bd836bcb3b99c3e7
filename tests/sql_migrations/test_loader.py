"""The engine's loader finds what Django's finds: the same order, the same circles, the same gaps."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.exceptions import CircularDependencyError, InconsistentMigrationHistory
from django.db.migrations.graph import MigrationGraph
from hypothesis import given
from hypothesis import strategies as st

from sql_migrations.graph import APP
from sql_migrations.loader import Graph, Loader

Key = tuple[str, str]
NODES: list[Key] = [("ab"[number % 2], f"{number:04d}") for number in range(12)]
edges = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda edge: edge[0] != edge[1]), max_size=30)


def filled(graph: MigrationGraph, wanted: set[tuple[int, int]]) -> MigrationGraph:
    for app, name in NODES:
        graph.add_node((app, name), Migration(name, app))
    for child, parent in sorted(wanted):
        graph.add_dependency(None, NODES[child], NODES[parent])
    return graph


def circular(graph: MigrationGraph) -> bool:
    try:
        graph.ensure_not_cyclic()
    except CircularDependencyError:
        return True
    return False


@given(edges)
def test_a_circle_is_found_exactly_where_django_finds_one(wanted):
    assert circular(filled(Graph(), wanted)) == circular(filled(MigrationGraph(), wanted))


@given(edges, st.booleans())
def test_the_plan_of_all_nodes_is_the_one_of_django(wanted, at_end):
    forwards = {(max(edge), min(edge)) for edge in wanted}
    ours, stock = filled(Graph(), forwards), filled(MigrationGraph(), forwards)
    assert ours._generate_plan(NODES, at_end) == stock._generate_plan(NODES, at_end)


@pytest.mark.django_db
def test_a_file_that_is_applied_before_its_parent_is_named():
    loader = Loader(connection)
    loader.check_consistent_history(connection)

    first = min(key for key in loader.applied_migrations if key[0] == APP)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE (app, name) = (%s, %s)", first)

    with pytest.raises(InconsistentMigrationHistory, match=first[1]):
        Loader(connection).check_consistent_history(connection)
