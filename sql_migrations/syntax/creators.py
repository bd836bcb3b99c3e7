"""How each CREATE statement names its object: one small reader per message of PostgreSQL's grammar. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.syntax.nodes import (
    QualifiedName,
    descend,
    input_types,
    is_temporary,
    message,
    option,
    qualified,
    relation,
    strings,
    type_text,
    unwrap,
    unwrapped,
)
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# (kind, name, the other fields of objects.Created)
Found = tuple[str, QualifiedName, dict[str, Any]]


def _plain(name: str) -> QualifiedName:
    return QualifiedName(None, name)


def _table(node: Any) -> Iterator[Found]:
    yield (
        "table",
        relation(node.relation),
        {"conditional": node.if_not_exists, "temporary": is_temporary(node.relation)},
    )


def _foreign_table(node: Any) -> Iterator[Found]:
    yield "foreign table", relation(node.base_stmt.relation), {"conditional": node.base_stmt.if_not_exists}


def _table_as(node: Any) -> Iterator[Found]:
    kind = "materialized view" if enum_name(node, "objtype") == "OBJECT_MATVIEW" else "table"
    facts = {"conditional": node.if_not_exists, "temporary": is_temporary(node.into.rel)}
    yield kind, relation(node.into.rel), facts


def _select_into(node: Any) -> Iterator[Found]:
    into = next((n for n in descend(node) if message(n) == "IntoClause"), None)
    if into is not None:
        yield "table", relation(into.rel), {"temporary": is_temporary(into.rel)}


def _index(node: Any) -> Iterator[Found]:
    on = relation(node.relation)
    facts = {"on": on, "conditional": node.if_not_exists, "temporary": is_temporary(node.relation)}
    yield "index", QualifiedName(on.schema, node.idxname), facts


def _view(node: Any) -> Iterator[Found]:
    yield "view", relation(node.view), {"replaces": node.replace, "temporary": is_temporary(node.view)}


def _sequence(node: Any) -> Iterator[Found]:
    facts = {"conditional": node.if_not_exists, "temporary": is_temporary(node.sequence)}
    yield "sequence", relation(node.sequence), facts


def _schema(node: Any) -> Iterator[Found]:
    yield "schema", _plain(node.schemaname or node.authrole.rolename), {"conditional": node.if_not_exists}


def _composite(node: Any) -> Iterator[Found]:
    yield "type", relation(node.typevar), {}


def _type(node: Any) -> Iterator[Found]:
    yield "type", qualified(strings(node.type_name)), {}


def _domain(node: Any) -> Iterator[Found]:
    yield "domain", qualified(strings(node.domainname)), {}


def _routine(node: Any) -> Iterator[Found]:
    kind = "procedure" if node.is_procedure else "function"
    facts = {"arguments": input_types(node.parameters), "replaces": node.replace}
    yield kind, qualified(strings(node.funcname)), facts


_DEFINED = {
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_OPERATOR": "operator",
    "OBJECT_TYPE": "base type",
    "OBJECT_COLLATION": "collation",
    "OBJECT_TSCONFIGURATION": "text search configuration",
    "OBJECT_TSDICTIONARY": "text search dictionary",
    "OBJECT_TSPARSER": "text search parser",
    "OBJECT_TSTEMPLATE": "text search template",
}


def _define(node: Any) -> Iterator[Found]:
    kind = _DEFINED[enum_name(node, "kind")]
    facts = {"conditional": node.if_not_exists, "replaces": node.replace}
    if kind == "aggregate":
        base = option(node.definition, "basetype")
        listed = node.args[0].list.items if node.args else []
        facts["arguments"] = input_types(listed) if base is None else (type_text(base),)
    if kind == "operator":
        sides = [option(node.definition, side) for side in ("leftarg", "rightarg")]
        facts["arguments"] = tuple("NONE" if side is None else type_text(side) for side in sides)
    yield kind, qualified(strings(node.defnames)), facts


def _on_table(kind: str, name_field: str, table_field: str) -> Callable[[Any], Iterator[Found]]:
    def maker(node: Any) -> Iterator[Found]:
        replaces = bool(getattr(node, "replace", False))
        on = relation(getattr(node, table_field))
        yield kind, _plain(getattr(node, name_field)), {"on": on, "replaces": replaces}

    return maker


def _global(kind: str, name_field: str) -> Callable[[Any], Iterator[Found]]:
    def maker(node: Any) -> Iterator[Found]:
        facts = {
            "conditional": bool(getattr(node, "if_not_exists", False)),
            "replaces": bool(getattr(node, "replace", False)),
        }
        yield kind, _plain(getattr(node, name_field)), facts

    return maker


def _statistics(node: Any) -> Iterator[Found]:
    tables = [relation(table) for table in unwrapped(node.relations) if message(table) == "RangeVar"]
    facts = {"on": tables[0] if tables else None, "conditional": node.if_not_exists}
    yield "statistics", qualified(strings(node.defnames)), facts


def _conversion(node: Any) -> Iterator[Found]:
    yield "conversion", qualified(strings(node.conversion_name)), {}


def _cast(node: Any) -> Iterator[Found]:
    yield "cast", _plain(""), {"arguments": (type_text(node.sourcetype), type_text(node.targettype))}


def _transform(node: Any) -> Iterator[Found]:
    yield "transform", _plain(node.lang), {"arguments": (type_text(node.type_name),), "replaces": node.replace}


def _operator_class(node: Any) -> Iterator[Found]:
    yield "operator class", qualified(strings(node.opclassname)), {"arguments": (node.amname,)}


def _operator_family(node: Any) -> Iterator[Found]:
    yield "operator family", qualified(strings(node.opfamilyname)), {"arguments": (node.amname,)}


def _user_mapping(node: Any) -> Iterator[Found]:
    role = node.user.rolename or enum_name(node.user, "roletype")
    yield "user mapping", _plain(node.servername), {"arguments": (role,), "conditional": node.if_not_exists}


def _alter_table(node: Any) -> Iterator[Found]:
    """`IF EXISTS` makes what is added conditional as well: without the table nothing was added."""
    on, attribute = relation(node.relation), enum_name(node, "objtype") == "OBJECT_TYPE"
    for command in unwrapped(node.cmds):
        what = enum_name(command, "subtype")
        facts = {"on": on, "node": command, "conditional": command.missing_ok or node.missing_ok}
        if what == "AT_AddColumn":
            column = unwrap(getattr(command, "def"))
            yield "attribute" if attribute else "column", _plain(column.colname), facts
        elif what == "AT_AddConstraint":
            yield "constraint", _plain(unwrap(getattr(command, "def")).conname), facts


def _alter_domain(node: Any) -> Iterator[Found]:
    if node.subtype == "C":
        constraint = unwrap(getattr(node, "def"))
        yield "domain constraint", _plain(constraint.conname), {"on": qualified(strings(node.type_name))}


def _alter_enum(node: Any) -> Iterator[Found]:
    if not node.old_val:
        facts = {"on": qualified(strings(node.type_name)), "conditional": node.skip_if_new_val_exists}
        yield "enum value", _plain(node.new_val), facts


MAKERS: dict[str, Callable[[Any], Iterator[Found]]] = {
    "CreateStmt": _table,
    "CreateForeignTableStmt": _foreign_table,
    "CreateTableAsStmt": _table_as,
    "SelectStmt": _select_into,
    "IndexStmt": _index,
    "ViewStmt": _view,
    "CreateSeqStmt": _sequence,
    "CreateSchemaStmt": _schema,
    "CompositeTypeStmt": _composite,
    "CreateEnumStmt": _type,
    "CreateRangeStmt": _type,
    "CreateDomainStmt": _domain,
    "CreateFunctionStmt": _routine,
    "DefineStmt": _define,
    "CreateTrigStmt": _on_table("trigger", "trigname", "relation"),
    "CreatePolicyStmt": _on_table("policy", "policy_name", "table"),
    "RuleStmt": _on_table("rule", "rulename", "relation"),
    "CreateStatsStmt": _statistics,
    "CreateConversionStmt": _conversion,
    "CreateCastStmt": _cast,
    "CreateTransformStmt": _transform,
    "CreateOpClassStmt": _operator_class,
    "CreateOpFamilyStmt": _operator_family,
    "CreateUserMappingStmt": _user_mapping,
    "CreateExtensionStmt": _global("extension", "extname"),
    "CreateForeignServerStmt": _global("server", "servername"),
    "CreateFdwStmt": _global("foreign data wrapper", "fdwname"),
    "CreateEventTrigStmt": _global("event trigger", "trigname"),
    "CreatePublicationStmt": _global("publication", "pubname"),
    "CreateSubscriptionStmt": _global("subscription", "subname"),
    "CreateAmStmt": _global("access method", "amname"),
    "CreatePLangStmt": _global("language", "plname"),
    "CreateRoleStmt": _global("role", "role"),
    "CreatedbStmt": _global("database", "dbname"),
    "CreateTableSpaceStmt": _global("tablespace", "tablespacename"),
    "AlterTableStmt": _alter_table,
    "AlterDomainStmt": _alter_domain,
    "AlterEnumStmt": _alter_enum,
}
