"""Which existing objects a statement changes, drops, comments on or grants on: what a list of tables misses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.syntax.nodes import (
    QualifiedName,
    input_types,
    message,
    qualified,
    relation,
    strings,
    type_name,
    type_text,
    unwrap,
    unwrapped,
)
from sql_migrations.syntax.objects import RELATIONS, ROUTINES, Created, Key
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An address is a Key whose kind is a family: tables, views and indexes share one name space, so do types and domains.
Address = Key
ANY_ARGUMENTS = "*"
ON_TABLE = frozenset({"column", "constraint", "trigger", "policy", "rule"})
HANGING = ON_TABLE | {"attribute", "domain constraint", "enum value"}

_FAMILIES = {
    "OBJECT_COLUMN": "column",
    "OBJECT_TABCONSTRAINT": "constraint",
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy",
    "OBJECT_RULE": "rule",
    "OBJECT_ATTRIBUTE": "attribute",
    "OBJECT_DOMCONSTRAINT": "domain constraint",
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "type",
    "OBJECT_FUNCTION": "routine",
    "OBJECT_PROCEDURE": "routine",
    "OBJECT_ROUTINE": "routine",
    "OBJECT_AGGREGATE": "routine",
    "OBJECT_OPERATOR": "operator",
    "OBJECT_OPCLASS": "operator class",
    "OBJECT_OPFAMILY": "operator family",
    "OBJECT_STATISTIC_EXT": "statistics",
    "OBJECT_TSCONFIGURATION": "text search configuration",
    "OBJECT_TSDICTIONARY": "text search dictionary",
    "OBJECT_TSPARSER": "text search parser",
    "OBJECT_TSTEMPLATE": "text search template",
    "OBJECT_FOREIGN_SERVER": "server",
    "OBJECT_FDW": "foreign data wrapper",
}
_RELATIONS = {f"OBJECT_{kind}" for kind in ("TABLE", "FOREIGN_TABLE", "VIEW", "MATVIEW", "SEQUENCE", "INDEX")}


def family(kind: str) -> str:
    if kind in RELATIONS:
        return "relation"
    if kind in ROUTINES:
        return "routine"
    return "type" if kind in {"domain", "base type"} else kind


def address(found: Created) -> Address:
    """Tell how later statements of the file would address a created object."""
    detail = str(found.on) if found.kind in HANGING else ", ".join(found.arguments)
    return Address(family(found.kind), *found.name, detail)


def addressed(node: Any) -> list[Address]:
    """List what a statement addresses; the tables that its queries merely read are not among them."""
    reader = _READERS.get(message(node))
    return list(reader(node)) if reader else []


def table_of(place: Address) -> QualifiedName | None:
    """Give the relation that an address lies in: itself, or the table of a column, trigger or policy."""
    if place.kind == "relation":
        return QualifiedName(place.schema, place.name)
    return QualifiedName.read(place.detail) if place.kind in ON_TABLE else None


def spoken(place: Address) -> str:
    """Name an address in a sentence."""
    name = str(QualifiedName(place.schema, place.name))
    if place.kind in HANGING:
        return f"{place.kind} {name} on {place.detail}"
    signed = place.detail and place.detail != ANY_ARGUMENTS
    return f"{place.kind} {name}({place.detail})" if signed else f"{place.kind} {name}"


def of_relation(name: QualifiedName) -> Address:
    return Address("relation", *name, "")


def _hanging(kind: str, table: QualifiedName, name: str) -> Address:
    return Address(kind, None, name, str(table))


def _read(objtype: str, node: Any) -> Address:
    """Read the `object` of DROP, COMMENT, GRANT, ALTER: a name, a list of names, a type or a signature."""
    kind = "relation" if objtype in _RELATIONS else _FAMILIES.get(objtype, "")
    kind = kind or _spelt(objtype)
    what = message(node)
    if what == "RangeVar":
        return of_relation(relation(node))
    if what == "ObjectWithArgs":
        return Address(kind, *qualified(strings(node.objname)), _signature(node, kind))
    if what == "TypeName":
        return Address(kind, *type_name(node), "")
    if what == "String":
        return Address(kind, None, node.sval, "")
    return _read_list(kind, node)


def _spelt(objtype: str) -> str:
    return objtype.removeprefix("OBJECT_").replace("_", " ").lower()


def _signature(node: Any, kind: str) -> str:
    if node.args_unspecified:
        return ANY_ARGUMENTS
    if kind == "operator":
        return ", ".join("NONE" if (side := unwrap(arg)) is None else type_text(side) for arg in node.objargs)
    if node.objfuncargs:
        return ", ".join(input_types(node.objfuncargs))
    return ", ".join(type_text(arg) for arg in unwrapped(node.objargs))


def _read_list(kind: str, node: Any) -> Address:
    items = unwrapped(getattr(node, "items", []))
    types = [item for item in items if message(item) == "TypeName"]
    parts = [item.sval for item in items if message(item) == "String"]
    if kind in ON_TABLE:
        return _hanging(kind, qualified(parts[:-1]), parts[-1])
    if kind == "domain constraint":
        return _hanging(kind, type_name(types[0]), parts[-1])
    if kind in {"operator class", "operator family"}:
        return Address(kind, *qualified(parts[1:]), parts[0])
    if kind in {"cast", "transform"}:
        return Address(kind, None, "".join(parts), ", ".join(type_text(one) for one in types))
    return Address(kind, *qualified(parts), "")


def _objects(type_field: str) -> Callable[[Any], Iterator[Address]]:
    def reader(node: Any) -> Iterator[Address]:
        objtype = enum_name(node, type_field)
        if message(node) == "GrantStmt" and enum_name(node, "targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
            objtype = "OBJECT_SCHEMA"
        for one in unwrapped(node.objects):
            yield _read(objtype, one)

    return reader


def _object(type_field: str) -> Callable[[Any], Iterator[Address]]:
    def reader(node: Any) -> Iterator[Address]:
        objtype = enum_name(node, type_field)
        if message(node) == "RenameStmt" and node.subname:
            yield _renamed_part(objtype, node)
        elif message(node) not in {"CommentStmt", "SecLabelStmt"} and node.HasField("relation"):
            yield of_relation(relation(node.relation))
        elif (one := unwrap(node.object)) is not None:
            yield _read(objtype, one)

    return reader


def _renamed_part(objtype: str, node: Any) -> Address:
    """Read what RENAME names by a word of its own: a part of something, or what lies in no schema."""
    kind = _FAMILIES.get(objtype, "")
    if node.HasField("relation"):
        return _hanging(kind, relation(node.relation), node.subname)
    if (domain := unwrap(node.object)) is not None:
        return _hanging(kind, qualified(strings(domain.items)), node.subname)
    return Address(_spelt(objtype), None, node.subname, "")


def _relations(*fields: str) -> Callable[[Any], Iterator[Address]]:
    def reader(node: Any) -> Iterator[Address]:
        for field in fields:
            value = getattr(node, field)
            for one in [value] if hasattr(value, "DESCRIPTOR") else unwrapped(value):
                found = one.relation if message(one) == "VacuumRelation" else one
                if message(found) == "RangeVar" and found.relname:
                    yield of_relation(relation(found))

    return reader


def _alter_type(node: Any) -> Iterator[Address]:
    yield Address("type", *qualified(strings(node.type_name)), "")


def _alter_table(node: Any) -> Iterator[Address]:
    """ALTER TYPE … ADD ATTRIBUTE comes as ALTER TABLE too."""
    kind = "type" if enum_name(node, "objtype") == "OBJECT_TYPE" else "relation"
    yield Address(kind, *relation(node.relation), "")


def _alter_function(node: Any) -> Iterator[Address]:
    yield _read("OBJECT_FUNCTION", node.func)


def _alter_policy(node: Any) -> Iterator[Address]:
    yield _hanging("policy", relation(node.table), node.policy_name)


def _names(kind: str, field: str) -> Callable[[Any], Iterator[Address]]:
    def reader(node: Any) -> Iterator[Address]:
        yield Address(kind, *qualified(strings(getattr(node, field))), "")

    return reader


_READERS: dict[str, Callable[[Any], Iterator[Address]]] = {
    "DropStmt": _objects("remove_type"),
    "GrantStmt": _objects("objtype"),
    "CommentStmt": _object("objtype"),
    "SecLabelStmt": _object("objtype"),
    "RenameStmt": _object("rename_type"),
    "AlterObjectSchemaStmt": _object("object_type"),
    "AlterOwnerStmt": _object("object_type"),
    "AlterObjectDependsStmt": _object("object_type"),
    "AlterTableStmt": _alter_table,
    "AlterSeqStmt": _relations("sequence"),
    "AlterDomainStmt": _alter_type,
    "AlterTypeStmt": _alter_type,
    "AlterEnumStmt": _alter_type,
    "AlterTSConfigurationStmt": _names("text search configuration", "cfgname"),
    "AlterTSDictionaryStmt": _names("text search dictionary", "dictname"),
    "AlterFunctionStmt": _alter_function,
    "AlterPolicyStmt": _alter_policy,
    "AlterStatsStmt": _names("statistics", "defnames"),
    "InsertStmt": _relations("relation"),
    "UpdateStmt": _relations("relation"),
    "DeleteStmt": _relations("relation"),
    "MergeStmt": _relations("relation"),
    "CopyStmt": _relations("relation"),
    "TruncateStmt": _relations("relations"),
    "RefreshMatViewStmt": _relations("relation"),
    "ReindexStmt": _relations("relation"),
    "ClusterStmt": _relations("relation"),
    "LockStmt": _relations("relations"),
    "VacuumStmt": _relations("rels"),
}
