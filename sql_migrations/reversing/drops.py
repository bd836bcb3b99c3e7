"""The SQL that takes one object away again, or gives it back its old name. Never CASCADE. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.syntax.addresses import ANY_ARGUMENTS, addressed
from sql_migrations.syntax.nodes import QualifiedName, message, quote, relation
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from sql_migrations.syntax.objects import Created

_SIMPLE = frozenset(
    {
        *("table", "foreign table", "view", "materialized view", "sequence", "schema", "type", "domain"),
        *("extension", "statistics", "collation", "conversion", "server", "foreign data wrapper", "event trigger"),
        *("publication", "access method", "language", "text search configuration", "text search dictionary"),
        *("text search parser", "text search template"),
    }
)
_ON_TABLE = frozenset({"trigger", "policy", "rule"})


def drop_sql(found: Created) -> str:
    """Give the DROP of a created object, or "" for a kind that has none."""
    kind, name = found.kind.upper(), found.name.sql
    if found.kind in _SIMPLE:
        return f"DROP {kind} {name}"
    if found.kind in _ON_TABLE:
        return f"DROP {kind} {name} ON {_on(found)}"
    if found.kind == "index":
        return f"DROP INDEX {'CONCURRENTLY ' if found.node.concurrent else ''}{name}"
    if found.kind in {"column", "constraint", "attribute", "domain constraint"}:
        return _drop_part(found)
    return _drop_by_signature(found)


def _on(found: Created) -> str:
    return found.on.sql if found.on else ""


def _drop_part(found: Created) -> str:
    owner = {"attribute": "TYPE", "domain constraint": "DOMAIN"}.get(found.kind, "TABLE")
    part = {"domain constraint": "CONSTRAINT"}.get(found.kind, found.kind.upper())
    # After ALTER TABLE IF EXISTS the table may not be there; nothing was added then.
    perhaps = "IF EXISTS " if found.conditional and found.statement.node.missing_ok else ""
    return f"ALTER {owner} {perhaps}{_on(found)} DROP {part} {perhaps}{found.name.sql}"


def _drop_by_signature(found: Created) -> str:
    kind, name, arguments = found.kind.upper(), found.name.sql, ", ".join(found.arguments)
    if found.kind == "procedure":
        # With its mode each argument is an input; without, PostgreSQL may take the list to include OUT arguments.
        arguments = ", ".join(f"IN {one}" for one in found.arguments)
    match found.kind:
        case "function" | "procedure" | "operator":
            return f"DROP {kind} {_operator(found.name) if found.kind == 'operator' else name}({arguments})"
        case "aggregate":
            return f"DROP AGGREGATE {name}({arguments or '*'})"
        case "cast":
            return f"DROP CAST ({' AS '.join(found.arguments)})"
        case "transform":
            return f"DROP TRANSFORM FOR {arguments} LANGUAGE {name}"
        case "operator class" | "operator family":
            return f"DROP {kind} {name} USING {quote(arguments)}"
    return ""


def _operator(name: QualifiedName) -> str:
    """Write an operator's name: the one kind of name that is not quoted."""
    return name.name if name.schema is None else f"{quote(name.schema)}.{name.name}"


_RENAMED_PARTS = {
    "OBJECT_COLUMN": "ALTER TABLE {on} RENAME COLUMN {new} TO {old}",
    "OBJECT_TABCONSTRAINT": "ALTER TABLE {on} RENAME CONSTRAINT {new} TO {old}",
    "OBJECT_ATTRIBUTE": "ALTER TYPE {on} RENAME ATTRIBUTE {new} TO {old}",
    "OBJECT_TRIGGER": "ALTER TRIGGER {new} ON {on} RENAME TO {old}",
    "OBJECT_POLICY": "ALTER POLICY {new} ON {on} RENAME TO {old}",
    "OBJECT_RULE": "ALTER RULE {new} ON {on} RENAME TO {old}",
}
_RENAMED = {
    **{f"OBJECT_{kind}": kind for kind in ("TABLE", "VIEW", "SEQUENCE", "INDEX", "SCHEMA", "TYPE", "DOMAIN")},
    **{f"OBJECT_{kind}": kind for kind in ("FUNCTION", "PROCEDURE", "AGGREGATE", "ROUTINE", "COLLATION")},
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE",
}


def rename_back_sql(node: Any) -> str:
    """Give the statement that undoes a RENAME, or "" for a kind that is not undone or was perhaps not carried out."""
    if node.missing_ok:
        return ""
    if message(node) == "AlterEnumStmt":
        return ""
    what = enum_name(node, "rename_type")
    if what in _RENAMED_PARTS:
        on = relation(node.relation).sql
        return _RENAMED_PARTS[what].format(on=on, new=quote(node.newname), old=quote(node.subname))
    if what not in _RENAMED:
        return ""
    place = addressed(node)[0]
    new, signature = QualifiedName(place.schema, node.newname), ""
    if place.kind == "routine" and place.detail != ANY_ARGUMENTS:
        signature = f"({place.detail})" if place.detail or what != "OBJECT_AGGREGATE" else "(*)"
    return f"ALTER {_RENAMED[what]} {new.sql}{signature} RENAME TO {quote(place.name)}"
