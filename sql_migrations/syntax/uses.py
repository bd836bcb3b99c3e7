"""Which tables and columns a SQL file uses, and the refusal of one that reaches for the runner's own tables. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sql_migrations.errors import TouchesRunnerTables
from sql_migrations.syntax.addresses import addressed, table_of
from sql_migrations.syntax.nodes import (
    QualifiedName,
    children,
    descend,
    message,
    option,
    relation,
    type_name,
    unwrap,
    unwrapped,
)
from sql_migrations.syntax.objects import created_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sql_migrations.statements import Script, Statement

# Both the engine's tables, functions and triggers and Django's own record.
RUNNER_PREFIXES = frozenset({"sql_migration_", "django_migrations"})

_CHANGES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}
_COLUMN_FIELDS = {
    "IndexElem": "name",
    "AlterTableCmd": "name",
    "ResTarget": "name",
    "PartitionElem": "name",
    "StatsElem": "name",
    "RenameStmt": "subname",
    "ColumnDef": "colname",
}


def touched(script: Script) -> set[QualifiedName]:
    """Name every relation that the file reads, writes, alters, drops, comments on, references or hangs something on.

    Names of WITH queries are left out; relations that the file itself creates are not. Function bodies written as
    strings and DO blocks are not looked into.
    """
    found: set[QualifiedName] = set()
    for statement in script.statements:
        found.update(name for name, _ in _relations(statement))
    return found


def columns(script: Script) -> set[str]:
    """Collect the words that may name a column; "*" when the file selects every column of something."""
    words: set[str] = set()
    for statement in script.statements:
        for node in descend(statement.node):
            kind = message(node)
            if kind == "String":
                words.add(node.sval)
            elif kind == "A_Star":
                words.add("*")
            elif field := _COLUMN_FIELDS.get(kind):
                words.add(getattr(node, field))
    return words - {""}


@cache
def _beginning(own: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(own))), re.IGNORECASE)


def refuse_own_tables(script: Script, own: frozenset[str] = RUNNER_PREFIXES) -> None:
    """Raise TouchesRunnerTables where a statement, a function body or a DO block names what belongs to the runner.

    `own` holds the beginnings of such names. Names built at run time cannot be seen; one inside any other string is
    only data.
    """
    # Files name these tables almost never: most are done after one search. U&"…" can spell any name.
    anywhere = _beginning(own)
    if not anywhere.search(script.text) and 'u&"' not in script.text.lower():
        return
    word = re.compile(rf"(?<![\w$])(?:{anywhere.pattern})[\w$]*", re.IGNORECASE)
    for statement in script.statements:
        for name, location in _names(statement):
            if word.fullmatch(name):
                raise _belongs_to_runner(script, statement, name, location)
        for body in _bodies(statement.node):
            if hit := word.search(body):
                raise _belongs_to_runner(script, statement, hit.group(), None)


def _names(statement: Statement) -> Iterator[tuple[str, int | None]]:
    for name, location in _relations(statement):
        yield name.name, location
    for place in addressed(statement.node):
        yield place.name, None
    for found in created_by(statement):
        yield found.name.name, None


def character_offset(script: Script, location: int) -> int:
    """Turn the parser's place, in bytes, into characters."""
    return location if script.blanked.isascii() else len(script.blanked.encode()[:location].decode())


def _belongs_to_runner(script: Script, statement: Statement, name: str, location: int | None) -> TouchesRunnerTables:
    offset = statement.first if location is None else character_offset(script, location)
    if location is None:
        # The tree has no place for words inside a body: point at the word itself where it stands as written.
        at = re.compile(re.escape(name), re.IGNORECASE).search(script.text, statement.first, statement.end)
        offset = at.start() if at else offset
    problem = (
        f"{name} belongs to the migration runner, which alone may write it: what was applied would no longer be "
        "known. Take the statement out; use manage.py sql_migrations adopt to record what a database already has."
    )
    return TouchesRunnerTables.at(problem, file=script.file, text=script.text, offset=offset)


def _relations(statement: Statement) -> Iterator[tuple[QualifiedName, int | None]]:
    """Give each relation of a statement, with its place in bytes where the tree has it."""
    yield from _outside_with(statement.node, frozenset())
    for place in addressed(statement.node):
        if (table := table_of(place)) is not None:
            yield table, None
    for node in descend(statement.node):
        if message(node) == "CreateFunctionStmt":
            yield from _row_types(node)
        elif message(node) == "FuncCall":
            yield from _named_by_string(node)


def _outside_with(root: Any, outer: frozenset[str]) -> Iterator[tuple[QualifiedName, int | None]]:
    """Find table references that no WITH query hides, with SQL's own rule for what each WITH query sees."""
    stack: list[tuple[Any, frozenset[str]]] = [(root, outer)]
    while stack:
        node, hidden = stack.pop()
        kind = message(node)
        if kind == "RangeVar":
            if node.relname and (node.schemaname or node.relname not in hidden):
                yield relation(node), node.location
            continue
        if kind == "A_Const":
            continue
        below = hidden
        for field, child in children(node):
            if field == "with_clause":
                entries, below = _with_scopes(child, hidden)
                stack.extend(entries)
        stack.extend(
            # What INSERT, UPDATE, DELETE and MERGE write is always a table, whatever WITH calls itself.
            (child, outer if field == "relation" and kind in _CHANGES else below)
            for field, child in children(node)
            if field != "with_clause"
        )


def _with_scopes(clause: Any, outer: frozenset[str]) -> tuple[list[tuple[Any, frozenset[str]]], frozenset[str]]:
    """Pair each WITH query with the names hidden inside it; second, the names hidden in the statement."""
    entries = unwrapped(clause.ctes)
    everything = outer | {entry.ctename for entry in entries}
    scopes, seen = [], outer
    for entry in entries:
        scopes.append((unwrap(entry.ctequery), everything if clause.recursive else seen))
        seen = seen | {entry.ctename}
    return scopes, everything


def _row_types(function: Any) -> Iterator[tuple[QualifiedName, int | None]]:
    """Give the types of a signature: each may be a table's row type (`RETURNS SETOF patients`)."""
    listed = [parameter.arg_type for parameter in unwrapped(function.parameters)]
    listed += [function.return_type] if function.HasField("return_type") else []
    for one in listed:
        name = type_name(one)
        if one.pct_type:  # table.column%TYPE
            yield QualifiedName(None, name.schema or ""), one.location
        elif name.schema != "pg_catalog":
            yield name, one.location


def _named_by_string(call: Any) -> Iterator[tuple[QualifiedName, int | None]]:
    """Give the sequence of nextval('…') and setval('…'), which PostgreSQL takes as a string."""
    function = [part.sval for part in unwrapped(call.funcname)][-1]
    if function in {"nextval", "setval", "currval"} and call.args:
        for node in descend(call.args[0]):
            if message(node) == "A_Const" and node.HasField("sval"):
                yield QualifiedName.read(node.sval.sval), node.location


def _bodies(node: Any) -> Iterator[str]:
    """Give the code that stands in strings: of DO, and of a function in any language."""
    for inner in descend(node):
        if message(inner) == "DoStmt":
            code = option(inner.args, "as")
        elif message(inner) == "CreateFunctionStmt":
            code = option(inner.options, "as")
        else:
            continue
        for part in descend(code) if code is not None else ():
            if message(part) == "String":
                yield part.sval
