"""What a SQL file creates: every object with its kind, its name and whether it may have been there before. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sql_migrations.syntax.creators import MAKERS
from sql_migrations.syntax.nodes import QualifiedName, message, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sql_migrations.statements import Script, Statement


class Key(NamedTuple):
    """Tells one object of a file from every other; a JSON array of four in the history.

    `detail` is the table of what hangs on one (column, trigger, index), or the argument types of a routine.
    """

    kind: str
    schema: str | None
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Created:
    """One object that a statement creates. An empty `name.name` means that PostgreSQL chooses the name."""

    kind: str
    name: QualifiedName
    statement: Statement
    node: Any
    on: QualifiedName | None = None
    arguments: tuple[str, ...] = ()
    conditional: bool = False
    replaces: bool = False
    temporary: bool = False

    @property
    def key(self) -> Key:
        return Key(self.kind, self.name.schema, self.name.name, str(self.on or ", ".join(self.arguments)))

    def __str__(self) -> str:
        name = str(self.name) if self.name.name else "without a name"
        arguments = f"({', '.join(self.arguments)})" if self.kind in ROUTINES else ""
        return f"{self.kind} {name}{arguments}" + (f" on {self.on}" if self.on else "")


ROUTINES = frozenset({"function", "procedure", "aggregate"})
RELATIONS = frozenset({"table", "foreign table", "view", "materialized view", "sequence", "index"})


def created(script: Script) -> list[Created]:
    """List what the file creates, in its order; what a function body or DO block creates cannot be seen."""
    return [found for statement in script.statements for found in created_by(statement)]


def created_by(statement: Statement) -> list[Created]:
    return list(_from_node(statement, statement.node))


def from_json(value: Sequence[Any]) -> Key:
    """Read a key back from the history, where it is an array."""
    return Key(*value)


def proven(objects: Sequence[Created], existed: Sequence[bool]) -> list[Key]:
    """Name what an apply truly created: all but what `existing.existing_query` found before the file ran.

    Temporary objects are no part of it: a temporary table may bear the name of one that was there before.
    """
    there = {found.key for found, before in zip(objects, existed, strict=True) if before}
    return list(dict.fromkeys(found.key for found in objects if not found.temporary and found.key not in there))


def _from_node(statement: Statement, node: Any) -> Iterator[Created]:
    maker = MAKERS.get(message(node))
    if maker is not None:
        for kind, name, facts in maker(node):
            yield Created(kind, name, statement, facts.pop("node", node), **facts)
    if message(node) == "CreateSchemaStmt":
        schema = node.schemaname or node.authrole.rolename
        for element in unwrapped(node.schema_elts):
            for found in _from_node(statement, element):
                yield _inside(found, schema)


def _inside(found: Created, schema: str) -> Created:
    """Give an unqualified element of CREATE SCHEMA the schema that it is created in."""
    name, on = found.name, found.on
    name = name if name.schema or found.kind == "trigger" else QualifiedName(schema, name.name)
    return replace(found, name=name, on=on and QualifiedName(on.schema or schema, on.name))
