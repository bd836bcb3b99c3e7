"""Read PostgreSQL's parse tree, as protobuf messages, without the parser itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterator


def constant(node: Any) -> str:
    """Give the text of a constant in the tree: 'off' and off are the same. "" for any other expression."""
    value = node.a_const
    match value.WhichOneof("val"):
        case "sval":
            return str(value.sval.sval)
        case "ival":
            return str(value.ival.ival)
        case "boolval":
            return "true" if value.boolval.boolval else "false"
        case "fval":
            return str(value.fval.fval)
    return ""


def enum_name(node: Any, field: str) -> str:
    """Give the name of an enumerated field's value: `TRANS_STMT_BEGIN`."""
    values = node.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(values[getattr(node, field)].name)


def walk(node: Any, name: str = "") -> Iterator[Any]:
    """Yield a node and all below it, without recursion; with a name, only messages of that type (`FuncCall`)."""
    stack = [node]
    while stack:
        current = stack.pop()
        if not name or current.DESCRIPTOR.name == name:
            yield current
        below: list[Any] = []
        for _, value in current.ListFields():
            below.extend([value] if isinstance(value, Message) else value if not isinstance(value, str | int) else ())
        stack.extend(one for one in reversed(below) if isinstance(one, Message))
