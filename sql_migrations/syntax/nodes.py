"""Names and types out of PostgreSQL's parse tree, as a file writes them.

`Any` stands for a protobuf message throughout, taken out of the grammar's `Node` union. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_PLAIN = re.compile(r"[^.\"]+")
_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')


class QualifiedName(NamedTuple):
    """A name as the file writes it; `schema` is None where PostgreSQL would follow the search path."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return ".".join(part if _PLAIN.fullmatch(part) else quote(part) for part in self if part is not None)

    @classmethod
    def read(cls, text: str) -> QualifiedName:
        """Read back what `str` wrote, or a name in a string such as nextval's."""
        parts = [quoted.replace('""', '"') if quoted else plain for quoted, plain in _PART.findall(text)]
        return qualified(parts)

    @property
    def sql(self) -> str:
        """Write the name as SQL, each part quoted."""
        return ".".join(quote(part) for part in self if part is not None)


def quote(identifier: str) -> str:
    """Quote always: the list of reserved words differs between PostgreSQL's versions."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Write a string constant that means the same under either standard_conforming_strings."""
    text = value.replace("'", "''")
    return "E'{}'".format(text.replace("\\", "\\\\")) if "\\" in text else f"'{text}'"


def message(node: Any) -> str:
    """Name the message type: "CreateStmt", "RangeVar"."""
    return str(node.DESCRIPTOR.name)


def unwrap(node: Any) -> Any:
    """Take the message out of a `Node`; an empty one gives None."""
    if message(node) != "Node":
        return node
    which = node.WhichOneof("node")
    return getattr(node, which) if which else None


def unwrapped(nodes: Iterable[Any]) -> list[Any]:
    """Take the messages out of a list of `Node`, leaving out empty ones."""
    return [inner for node in nodes if (inner := unwrap(node)) is not None]


def children(node: Any) -> Iterator[tuple[str, Any]]:
    """Give the (field name, message) pairs under a node, in the grammar's order; scalar fields are left out."""
    for field, value in node.ListFields():
        if field.message_type is None:
            continue
        for child in [value] if hasattr(value, "DESCRIPTOR") else value:
            if (inner := unwrap(child)) is not None:
                yield field.name, inner


def descend(node: Any) -> Iterator[Any]:
    """Give the node and everything under it, parents first, but not into constants: their text names nothing."""
    stack = [unwrap(node)]
    while stack:
        current = stack.pop()
        yield current
        if message(current) != "A_Const":
            stack.extend(reversed([child for _, child in children(current)]))


def strings(nodes: Iterable[Any]) -> list[str]:
    """Give the texts of a list of String messages; `*` and other messages are left out."""
    return [inner.sval for inner in unwrapped(nodes) if message(inner) == "String"]


def qualified(parts: list[str]) -> QualifiedName:
    """Read ["schema", "name"]; a leading database name can only be the current one and is dropped."""
    return QualifiedName(parts[-2] if len(parts) > 1 else None, parts[-1] if parts else "")


def relation(range_var: Any) -> QualifiedName:
    """Read a RangeVar's name."""
    return QualifiedName(range_var.schemaname or None, range_var.relname)


def is_temporary(range_var: Any) -> bool:
    """Tell whether a relation lives only as long as its session."""
    return bool(range_var.relpersistence == "t" or range_var.schemaname == "pg_temp")


def type_name(node: Any) -> QualifiedName:
    """Read a TypeName's name, without its modifiers."""
    return qualified(strings(node.names))


def type_text(node: Any) -> str:
    """Write a TypeName as SQL that names the same type: modifiers such as varchar(20) are no part of a signature."""
    text = ".".join(quote(part) for part in strings(node.names))
    return text + ("%TYPE" if node.pct_type else "") + "[]" * bool(node.array_bounds)


def option(options: Iterable[Any], name: str) -> Any:
    """Find a DefElem's argument by the option's name, or None where the option or its argument is missing."""
    for element in unwrapped(options):
        if message(element) == "DefElem" and element.defname == name:
            return unwrap(element.arg) if element.HasField("arg") else None
    return None


def input_types(parameters: Iterable[Any]) -> tuple[str, ...]:
    """Give the types that tell one overloaded routine from another: IN, INOUT and VARIADIC parameters."""
    return tuple(
        type_text(parameter.arg_type)
        for parameter in unwrapped(parameters)
        if message(parameter) == "FunctionParameter"
        and enum_name(parameter, "mode") not in {"FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"}
    )
