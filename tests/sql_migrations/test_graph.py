"""SQL files as nodes of Django's graph: declared edges, one order, and what a file that comes later may change."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

from django.db.migrations import Migration
from django.db.migrations.graph import MigrationGraph
from hypothesis import given, settings
from hypothesis import strategies as st

from sql_migrations.executor import Executor
from sql_migrations.graph import APP

if TYPE_CHECKING:
    from tests.sql_migrations.conftest import Project

Node = tuple[str, str]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Node], dict[Node, set[Node]]]:
    """Random nodes of ORM apps and of SQL files, each depending on some that were made before it."""
    nodes: list[Node] = []
    parents: dict[Node, set[Node]] = {}
    last: dict[str, Node] = {}
    for number in range(draw(st.integers(1, 18))):
        app = draw(st.sampled_from(["alpha", APP, "midway", "zeta"]))
        node = (app, f"{number:04}")
        parents[node] = set(draw(st.lists(st.sampled_from(nodes), max_size=3))) if nodes else set()
        if app in last:
            parents[node].add(last[app])
        last[app] = node
        nodes.append(node)
    return nodes, parents


def _order(nodes: list[Node], parents: dict[Node, set[Node]]) -> list[Node]:
    graph = MigrationGraph()
    for app, name in nodes:
        graph.add_node((app, name), Migration(name, app))
    for node in nodes:
        for parent in parents[node]:
            graph.add_dependency(None, node, parent)
    executor = Executor.__new__(Executor)  # without a database: the plan is made of the graph alone
    executor.loader = SimpleNamespace(graph=graph, applied_migrations={}, replace_migrations=False)  # type: ignore[assignment]
    return [(node.app_label, node.name) for node, _ in executor.migration_plan(graph.leaf_nodes(), clean_start=True)]


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_the_plan_is_a_topological_order_of_every_node(world: tuple[list[Node], dict[Node, set[Node]]]) -> None:
    nodes, parents = world

    order = _order(nodes, parents)

    assert sorted(order) == sorted(nodes)
    assert all(order.index(parent) < order.index(node) for node in nodes for parent in parents[node])


@given(worlds(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_sql_file_that_is_added_later_only_extends_the_plan(
    world: tuple[list[Node], dict[Node, set[Node]]], data: st.DataObject
) -> None:
    nodes, parents = world
    later = (APP, "9999")
    chain = [node for node in nodes if node[0] == APP][-1:]
    depends = set(data.draw(st.lists(st.sampled_from(nodes), max_size=3)))

    assert _order([*nodes, later], {**parents, later: {*chain, *depends}}) == [*_order(nodes, parents), later]


def test_fifty_processes_with_different_hash_seeds_print_one_plan_hash(project: Project) -> None:
    """In one process each, as deploys on fifty machines would."""
    script = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from sql_migrations import deploy, plan\n"
        "with deploy.looking(connection, say=print) as run: print(plan.plan_hash(run.unchecked_executor()))"
    )
    environment = {**os.environ, "DATABASE_URL": project.url}
    printed = set()
    for batch in range(10):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script],
                env={**environment, "PYTHONHASHSEED": str(batch * 5 + number + 1)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(5)
        ]
        printed |= {process.communicate()[0] for process in running}
    assert len(printed) == 1
    assert len(printed.pop().strip()) == 64


def test_a_file_that_is_taken_away_between_two_loads_leaves_the_graph(project: Project) -> None:
    path = project.add("20300101_000000_x.sql", "SELECT 1;")
    assert "20300101_000000_x" in project.run("showmigrations", "sql_migrations")

    path.unlink()
    assert "20300101_000000_x" not in project.run("showmigrations", "sql_migrations")
