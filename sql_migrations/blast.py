"""How far going back reaches: every node that would be undone, and every table that would go, with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import SqlMigration
from sql_migrations.infer import ormtables
from sql_migrations.progress import counted
from sql_migrations.session import ServerError, identifier
from sql_migrations.syntax.tree import enum_name, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sql_migrations.executor import Executor, Plan
    from sql_migrations.session import Session
    from sql_migrations.statements import Script

# Beyond this many rows the exact number helps nobody, and counting would take long.
_COUNTED = 10_000
# Someone's lock on the table, or a column that is empty in most of its rows, may take longer than this.
_COUNTING_MS = 5_000
# No such table, column or schema, or not a table at all (a composite type's attribute).
_NOT_THERE = frozenset({"42P01", "42703", "3F000", "42809"})


@dataclass(frozen=True, slots=True)
class Radius:
    """What a rollback would undo, in words. `nodes` are labels in the order in which they are undone."""

    nodes: tuple[str, ...]
    tables: tuple[str, ...]
    lines: tuple[str, ...]


class NeedsConsent(SqlMigrationsError):
    """A rollback was not confirmed."""

    def __init__(self, radius: Radius) -> None:
        self.radius = radius
        tables = f" and drop {counted(len(radius.tables), 'table')}" if radius.tables else ""
        super().__init__(
            f"Nothing was changed. This would undo {counted(len(radius.nodes), 'migration')}{tables}, as listed above. "
            "If that is what you want, add --yes."
        )


def radius(executor: Executor, plan: Plan) -> Radius:
    """Work out what a backwards plan undoes. Raises NotReversible for a file that has no way back."""
    nodes = tuple(str(node) for node, _ in plan)
    lines = [f"Going back undoes {counted(len(nodes), 'migration')}:"]
    owners = ormtables(executor.loader)
    tables: list[str] = []
    columns: list[tuple[str, str]] = []
    for node, _ in plan:
        lines.append(f"  {node}")
        if isinstance(node, SqlMigration):
            back = executor.runner.way_back(node.file)
            lines += [f"      {line}" for line in back.lines or [f"by {back.script.file}"]]
            tables += _dropped(back.script)
            columns += _dropped_columns(back.script)
        else:
            made_by = (node.app_label, node.name)
            tables += [identifier(table) for table, owner in owners.items() if (owner.app, owner.migration) == made_by]
    session = executor.runner.session
    going = {table: rows for table in tables if (rows := _count(session, table)) is not None}
    if going:
        lines += ["These tables go, with their rows:", *(f"  {table}: {rows}" for table, rows in going.items())]
    emptied = {
        f"{table}.{column}": rows
        for table, column in columns
        if table not in going and (rows := _count(session, table, column)) is not None
    }
    if emptied:
        lines += ["These columns go, with their values:", *(f"  {name}: {rows}" for name, rows in emptied.items())]
    return Radius(nodes, tuple(going), tuple(lines))


def _dropped(script: Script) -> Iterator[str]:
    for statement in script.statements:
        if statement.kind == "drop_stmt" and enum_name(statement.node, "remove_type") == "OBJECT_TABLE":
            for item in statement.node.objects:
                yield identifier(*(part.string.sval for part in item.list.items))


def _dropped_columns(script: Script) -> Iterator[tuple[str, str]]:
    for statement in script.statements:
        if statement.kind == "alter_table_stmt":
            relation = statement.node.relation
            table = identifier(*(part for part in (relation.schemaname, relation.relname) if part))
            for command in walk(statement.node, "AlterTableCmd"):
                if enum_name(command, "subtype") == "AT_DropColumn":
                    yield table, identifier(command.name)


def _count(session: Session, table: str, column: str = "") -> str | None:
    """Count the rows of a table, or those with a value in a column; None when there is no such table or column."""
    having = f"WHERE {column} IS NOT NULL" if column else ""
    limit = f"SELECT pg_catalog.set_config('statement_timeout', '{_COUNTING_MS}', true)"
    try:
        # One message is one transaction, so that the limit ends with it.
        ((count,),) = session.rows(
            f"{limit}; SELECT count(*) FROM (SELECT FROM {table} {having} LIMIT {_COUNTED + 1}) AS counted"
        )
    except ServerError as error:
        return None if error.sqlstate in _NOT_THERE else f"an unknown number of rows ({error.message})"
    number = int(count or 0)
    return f"more than {_COUNTED:,} rows" if number > _COUNTED else counted(number, "row")
