"""Which edges to ORM migrations a SQL file needs, worked out when a file is written or checked. Pure.

Never at load time: an edge guessed there makes circles with state-only models, and changes under applied files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_migrations.errors import TableHasOwner, locate
from sql_migrations.syntax.objects import created
from sql_migrations.syntax.uses import columns, touched
from sql_migrations.tables import History, Node, Owner, Touch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.migrations.graph import MigrationGraph
    from django.db.migrations.loader import MigrationLoader

    from sql_migrations.statements import Script
    from sql_migrations.syntax.nodes import QualifiedName


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a file with its place, and the header line that settles it."""

    file: str
    line: int
    problem: str
    header: str


def ormtables(loader: MigrationLoader) -> dict[str, Owner]:
    """Map each table that an ORM migration really makes, and that still exists at the end, to its owner."""
    return History(loader).owners


def edges(script: Script, loader: MigrationLoader, *, after: Node, history: History | None = None) -> list[str]:
    """Give the fewest `-- Depends:` lines that the file still lacks. One `history` may serve many files.

    `after` is the file's own node. A file that is not in the graph yet hangs on the latest migration of each table
    that it touches; one that is there only on those that make the tables and columns it uses, so that a later ORM
    migration asks nothing of an older file. No line comes of a migration that drops or renames what the file uses, that
    itself hangs on this file or on a later one, or that the file reaches already.
    """
    graph, history = loader.graph, history or History(loader)
    wanted: set[Node] = set()
    words = columns(script)
    for table in _tables(touched(script)):
        wanted |= _wanted(history, table, words, graph, new=after not in graph.nodes)
    wanted = {one for one in wanted if not _hangs_on(graph, one, after)}
    if not wanted:
        return []  # most files of a long folder; walking the graph for each would cost its square
    reached = _reached(graph, after)
    implied = set().union(*(_ancestors(graph, one) - {one} for one in wanted))
    return [f"-- Depends: {app}.{name}" for app, name in sorted(wanted - implied - reached)]


def owner_conflicts(script: Script, loader: MigrationLoader, *, history: History | None = None) -> list[TableHasOwner]:
    """Give an error for each table that the file creates and that an ORM model owns."""
    owners, found = (history or History(loader)).owners, []
    for made in created(script):
        owner = owners.get(made.name.name) if made.name.schema in {None, "public"} else None
        if owner is None or made.kind != "table" or made.temporary:
            continue
        problem = (
            f"table {made.name} is created by {owner.app}.{owner.migration} (model {owner.app}.{owner.model}) and by "
            f"this file: one table has one owner. Let the ORM alter it (manage.py makemigrations {owner.app}), or "
            f"create the model state-only (SeparateDatabaseAndState) so that this file owns the table."
        )
        line, column, source = locate(script.text, made.statement.first)
        found.append(TableHasOwner(problem, file=script.file, line=line, column=column, source=source))
    return found


def renamed_or_dropped(scripts: Mapping[Node, Script], loader: MigrationLoader) -> list[Finding]:
    """Name each file that uses what an ORM migration renames or drops while no edge tells which comes first."""
    history = History(loader)
    return [
        _finding(script, table, lost, touch.migration)
        for key, script in sorted(scripts.items())
        for table, touch, lost in _losses(script, history)
        if not _linked(loader.graph, key, touch.migration)
    ]


def _losses(script: Script, history: History) -> Iterator[tuple[str, Touch, set[str]]]:
    words = columns(script)
    for table in sorted(_tables(touched(script))):
        for touch in history.touches.get(table, ()):
            if lost := _lost(touch, words):
                yield table, touch, lost


def _linked(graph: MigrationGraph, one: Node, other: Node) -> bool:
    return one in _ancestors(graph, other) or other in _ancestors(graph, one)


def _finding(script: Script, table: str, lost: set[str], migration: Node) -> Finding:
    label = ".".join(migration)
    names = ", ".join(sorted(f"{table}.{one}" for one in lost if one != "*")) or table
    place = re.search(rf"\b{re.escape(table)}\b", script.blanked)
    line, column, _ = locate(script.text, place.start() if place else 0)
    problem = (
        f"{script.file}:{line}:{column}: it uses {names}, which {label} renames or drops, and no edge says which comes "
        f"first. Add the line -- Before: {label} (or -- Depends: {label}, if it was written for what comes after)."
    )
    return Finding(script.file, line, problem, f"-- Before: {label}")


def _tables(names: Iterable[QualifiedName]) -> set[str]:
    """Keep the names that can be the ORM's: it makes its tables in the first schema of the path, most often public."""
    return {name.name for name in names if name.schema in {None, "public"}}


def _lost(touch: Touch, words: set[str]) -> set[str]:
    """Give what a file with these words loses by a migration; `SELECT *` uses every column."""
    if "*" in touch.lost:
        return {"*"}
    return set(touch.lost) if "*" in words else set(touch.lost & words)


def _wanted(history: History, table: str, words: set[str], graph: MigrationGraph, *, new: bool) -> set[Node]:
    """Give the migrations of one table that the file must come after."""
    touches = history.touches.get(table, [])
    ends = {touch.migration for touch in touches if _lost(touch, words) and not _outlived(touch, touches, words)}
    usable = [one for one in touches if not ends & _ancestors(graph, one.migration)]
    needed = [one for one in usable if "*" in one.adds or one.adds & words]
    owned = any("*" in one.adds for one in touches)
    # A table that a SQL file owns and a model only adds columns to asks for an edge when such a column is used.
    return {one.migration for one in (usable if new and owned else needed)}


def _outlived(lost: Touch, touches: list[Touch], words: set[str]) -> bool:
    """Tell whether a file can come after a loss: what it lost is made anew, or it uses what came with the loss."""
    added = {column for one in touches[touches.index(lost) :] for column in one.adds}
    return lost.lost <= added or bool((added - {"*"}) & words)


def _hangs_on(graph: MigrationGraph, migration: Node, file: Node) -> bool:
    """Tell whether a migration comes after this SQL file or a later one: an edge to it would close a circle."""
    return any(app == file[0] and name >= file[1] for app, name in _ancestors(graph, migration))


def _reached(graph: MigrationGraph, file: Node) -> set[Node]:
    """Give what the file comes after already: by its own edges, or else by the file before it in the chain."""
    if file in graph.nodes:
        return _ancestors(graph, file)
    earlier = [key for key in graph.nodes if key[0] == file[0] and key[1] < file[1]]
    return _ancestors(graph, max(earlier)) if earlier else set()


def _ancestors(graph: MigrationGraph, key: Node) -> set[Node]:
    """Give a node and everything it depends on; nothing for a node that is not in the graph."""
    return set(graph.forwards_plan(key)) if key in graph.nodes else set()
