"""The order in which a file's objects are taken away: newest first, and nothing before what still needs it. Pure."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from sql_migrations.syntax.nodes import descend, message, strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LISTS = {
    "TypeName": "names",
    "FuncCall": "funcname",
    "ObjectWithArgs": "objname",
    "CreateTrigStmt": "funcname",
    "CreateEventTrigStmt": "funcname",
    "CreateAmStmt": "handler_name",
    "CreateConversionStmt": "func_name",
    "CreateOpClassStmt": "opfamilyname",
    "CollateClause": "collname",
    "IndexElem": "opclass",
    "A_Expr": "name",
    "List": "items",
}
_SCALARS = {
    "RangeVar": ("relname", "schemaname"),
    "CreateForeignTableStmt": ("servername",),
    "CreateUserMappingStmt": ("servername",),
    "CreateForeignServerStmt": ("fdwname",),
    "CreateOpClassStmt": ("amname",),
    "CreateTransformStmt": ("lang",),
    "Constraint": ("indexname",),
}


@dataclass(eq=False)
class Step:
    """One thing to undo. An empty `sql` means that it goes with something else."""

    position: int
    sql: str
    name: str = ""
    table: str = ""  # a table's quoted name: tables that need each other go in one DROP TABLE
    barrier: bool = False  # a rename: what came after it goes before, what came before it goes after
    mentions: set[str] = field(default_factory=set)


def mentions(node: Any) -> set[str]:
    """Collect the names that a statement may depend on. Too many only changes the order, never what is dropped."""
    found: set[str] = set()
    for inner in descend(node):
        kind = message(inner)
        if kind in _LISTS:
            found.update(strings(getattr(inner, _LISTS[kind])))
        found.update(getattr(inner, scalar) for scalar in _SCALARS.get(kind, ()))
        if kind == "A_Const" and inner.HasField("sval"):  # nextval('schema.sequence')
            found.update(inner.sval.sval.replace('"', "").split("."))
    return found - {""}


def ordered(steps: Sequence[Step]) -> list[str]:
    """Give the statements of the steps, latest first, what mentions a thing before that thing."""
    before = _edges(steps)
    group_of, groups = _grouped(before, len(steps))
    sorter: TopologicalSorter[int] = TopologicalSorter(_between(before, group_of))
    sorter.prepare()
    ready: list[tuple[int, int]] = []
    statements: list[str] = []
    while sorter.is_active():
        for group in sorter.get_ready():
            heapq.heappush(ready, (-max(groups[group]), group))
        _, group = heapq.heappop(ready)
        statements += _together([steps[one] for one in sorted(groups[group], reverse=True)])
        sorter.done(group)
    return statements


def _edges(steps: Sequence[Step]) -> dict[int, set[int]]:
    """Give, for each step, the steps that must be undone before it."""
    named: dict[str, set[int]] = {}
    for step in steps:
        named.setdefault(step.name, set()).add(step.position)
    before: dict[int, set[int]] = {step.position: set() for step in steps}
    for step in steps:
        for other in set().union(*(named.get(name, ()) for name in step.mentions)) - {step.position}:
            before[other].add(step.position)
    for barrier in (step.position for step in steps if step.barrier):
        before[barrier].update(range(barrier + 1, len(steps)))
        for earlier in range(barrier):
            before[earlier].add(barrier)
    return before


def _grouped(before: dict[int, set[int]], count: int) -> tuple[list[int], dict[int, set[int]]]:
    """Merge steps that need each other, until no circle is left."""
    group_of = list(range(count))
    groups = {one: {one} for one in group_of}
    while True:
        try:
            TopologicalSorter(_between(before, group_of)).prepare()
        except CycleError as error:
            first, *others = dict.fromkeys(error.args[1])
            for other in others:
                groups[first] |= groups.pop(other)
            for member in groups[first]:
                group_of[member] = first
        else:
            return group_of, groups


def _between(before: dict[int, set[int]], group_of: list[int]) -> dict[int, set[int]]:
    merged: dict[int, set[int]] = {group: set() for group in group_of}
    for step, earlier in before.items():
        merged[group_of[step]].update(group_of[one] for one in earlier)
        merged[group_of[step]].discard(group_of[step])
    return merged


def _together(steps: Iterable[Step]) -> list[str]:
    """Drop tables that reference each other in one statement, which needs no CASCADE."""
    real = [step for step in steps if step.sql]
    if len(real) > 1 and all(step.table for step in real):
        return [f"DROP TABLE {', '.join(step.table for step in real)}"]
    return [step.sql for step in real]
