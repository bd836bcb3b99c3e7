"""What became of a statement that ran outside a transaction when its session died? The catalogue often knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations.session import identifier, literal
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from sql_migrations.session import Session
    from sql_migrations.statements import Statement

Verdict = Literal["done", "again", "unknown"]


@dataclass(frozen=True, slots=True)
class Heal:
    """A statement that clears away what a failed one left half made."""

    sql: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the catalogue says, and what has to be cleared away first."""

    verdict: Verdict
    heal: tuple[Heal, ...] = ()


_AGAIN = Found("again")


def can_tell(statement: Statement) -> bool:
    """Say whether the catalogue shows what became of such a statement; it does not for a DO that commits."""
    return statement.kind == "index_stmt" or statement.kind in _PROBES


def look(session: Session, statement: Statement, *, in_flight: bool) -> Found:
    """Say whether a statement has taken effect. Not in flight means that it has never run: only leftovers matter."""
    if statement.kind == "index_stmt":
        return _index(session, statement.node, in_flight=in_flight)
    if not in_flight:
        return _AGAIN
    probe = _PROBES.get(statement.kind)
    return probe(session, statement.node) if probe else Found("unknown")


def _index(session: Session, node: Any, *, in_flight: bool) -> Found:
    """An interrupted CREATE INDEX CONCURRENTLY leaves an INVALID index, which IF NOT EXISTS would silently keep."""
    if not node.idxname:
        return Found("unknown") if in_flight else _AGAIN
    table = _relation(node.relation)
    rows = session.rows(
        "SELECT n.nspname, i.indisvalid AND i.indisready FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
        "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        f"WHERE i.indrelid = to_regclass({literal(table)}) AND c.relname = {literal(node.idxname)}"
    )
    if not rows:
        return _AGAIN
    ((schema, valid),) = rows
    if valid == "t":
        return Found("done") if in_flight else _AGAIN
    drop = f"DROP INDEX CONCURRENTLY {identifier(schema or '', node.idxname)}"
    return Found("again", (Heal(drop, f"clearing the INVALID index {node.idxname} that an earlier attempt left"),))


def _reindex(session: Session, node: Any) -> Found:
    """REINDEX CONCURRENTLY can run again; an interrupted one leaves INVALID copies named …_ccnew on its tables."""
    mine = "true"  # a whole database
    if node.relation.relname:
        name = literal(_relation(node.relation))
        mine = (
            f"i.indrelid IN (to_regclass({name}), "
            f"(SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass({name})))"
        )
    elif enum_name(node, "kind") == "REINDEX_OBJECT_SCHEMA":
        mine = f"n.nspname = {literal(node.name)}"
    rows = session.rows(
        "SELECT n.nspname, c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
        "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        f"WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND {mine}"
    )
    return Found(
        "again",
        tuple(
            Heal(
                f"DROP INDEX CONCURRENTLY {identifier(schema or '', name or '')}",
                f"clearing the INVALID index {name} that an interrupted REINDEX left",
            )
            for schema, name in rows
        ),
    )


def _drop(session: Session, node: Any) -> Found:
    names = [_qualified(item.list.items) for item in node.objects]
    there = session.rows("SELECT " + ", ".join(f"to_regclass({literal(name)}) IS NOT NULL" for name in names))[0]
    return _AGAIN if "t" in there else Found("done")


def _database(made: bool) -> Callable[[Session, Any], Found]:
    def probe(session: Session, node: Any) -> Found:
        rows = session.rows(f"SELECT FROM pg_database WHERE datname = {literal(node.dbname)}")
        return Found("done") if bool(rows) == made else _AGAIN

    return probe


def _tablespace(made: bool) -> Callable[[Session, Any], Found]:
    def probe(session: Session, node: Any) -> Found:
        rows = session.rows(f"SELECT FROM pg_tablespace WHERE spcname = {literal(node.tablespacename)}")
        return Found("done") if bool(rows) == made else _AGAIN

    return probe


def _can_run_again(_session: Session, _node: Any) -> Found:
    return _AGAIN


def _relation(node: Any) -> str:
    return identifier(*(part for part in (node.schemaname, node.relname) if part))


def _qualified(items: Any) -> str:
    return identifier(*(item.string.sval for item in items))


_PROBES: dict[str, Callable[[Session, Any], Found]] = {
    "reindex_stmt": _reindex,
    "drop_stmt": _drop,
    "createdb_stmt": _database(made=True),
    "dropdb_stmt": _database(made=False),
    "create_table_space_stmt": _tablespace(made=True),
    "drop_table_space_stmt": _tablespace(made=False),
    "vacuum_stmt": _can_run_again,
    "cluster_stmt": _can_run_again,
    "alter_system_stmt": _can_run_again,
    "discard_stmt": _can_run_again,
}
