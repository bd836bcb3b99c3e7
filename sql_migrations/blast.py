"""How far going back reaches: every node that would be undone, and every table that would go, with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import SqlMigration
from sql_migrations.infer import ormtables
from sql_migrations.session import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sql_migrations.executor import Executor, Plan
    from sql_migrations.statements import Script

# Beyond this many rows the exact number helps nobody, and counting would take long.
_COUNTED = 10_000


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
        tables = f" and drop {len(radius.tables)} tables" if radius.tables else ""
        super().__init__(
            f"Nothing was changed. This would undo {len(radius.nodes)} migrations{tables}, as listed above. "
            "If that is what you want, add --yes."
        )


def radius(executor: Executor, plan: Plan) -> Radius:
    """Work out what a backwards plan undoes. Raises NotReversible for a file that has no way back."""
    nodes = tuple(str(node) for node, _ in plan)
    lines = [f"Going back undoes {len(nodes)} migrations:"]
    owners = ormtables(executor.loader)
    tables: list[str] = []
    for node, _ in plan:
        lines.append(f"  {node}")
        if isinstance(node, SqlMigration):
            back = executor.runner.way_back(node.file)
            lines += [f"      {line}" for line in back.lines]
            tables += _dropped(back.script)
        else:
            made_by = (node.app_label, node.name)
            tables += [identifier(table) for table, owner in owners.items() if (owner.app, owner.migration) == made_by]
    counted = [(table, _rows(executor, table)) for table in dict.fromkeys(tables)]
    going = [(table, rows) for table, rows in counted if rows is not None]
    if going:
        lines.append("These tables go, with their rows:")
        lines += [f"  {table}: {rows}" for table, rows in going]
    return Radius(nodes, tuple(table for table, _ in going), tuple(lines))


def _dropped(script: Script) -> Iterator[str]:
    for statement in script.statements:
        if statement.kind == "drop_stmt" and script.sql(statement).upper().startswith("DROP TABLE"):
            for item in statement.node.objects:
                yield identifier(*(part.string.sval for part in item.list.items))


def _rows(executor: Executor, table: str) -> str | None:
    session = executor.runner.session
    ((exists,),) = session.rows(f"SELECT to_regclass('{table.replace(chr(39), chr(39) * 2)}') IS NOT NULL")
    if exists != "t":
        return None
    ((count,),) = session.rows(f"SELECT count(*) FROM (SELECT FROM {table} LIMIT {_COUNTED + 1}) AS counted")
    number = int(count or 0)
    if number > _COUNTED:
        return f"more than {_COUNTED:,} rows"
    return "1 row" if number == 1 else f"{number:,} rows"
