"""What a write path is tried on: rows of one table, those that stand and those that may be added.

Nothing here knows this project's tables, so that the benchmark tries the same paths on other tools.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync
from django.db import connection
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import Model
    from django.http import HttpResponse


@dataclass(frozen=True, slots=True)
class Relation:
    """A many-to-many relation: `owner.name` has the first two targets, and may get the others."""

    owner: Any
    name: str
    targets: Sequence[Any]
    target: Mapping[str, Any]
    target_is_audited: bool = True

    @property
    def manager(self) -> Any:
        """Give the owner's manager of the relation."""
        return getattr(self.owner, self.name)


@dataclass(frozen=True, slots=True)
class Button:
    """A button on a row's page, what is answered to its question, and what the row must have before."""

    verb: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """Rows of one table. `row` stands and may be referred to; `spare` stands and nothing refers to it.

    `new(n)` gives an unsaved row that is accepted beside the others, for n from 2; `change(n)` gives new values for
    some fields, by attname, others for another n.
    """

    model: type[Model]
    row: Model
    spare: Model
    new: Callable[[int], Model]
    change: Callable[[int], Mapping[str, Any]]
    relation: Relation | None = None
    # The manager of the rows that point to another through a foreign key that may be NULL.
    referrers: Any = None
    # Who else goes when the spare goes.
    cascade: int = 0
    stamped: bool = False  # save() writes a time of its own, also when nothing else has changed
    typed: Mapping[str, Any] = field(default_factory=dict)  # what the form of a new row asks for besides
    button: Button | None = None
    # A new row that refers to the first one, so that this one cannot go.
    holder: Callable[[], Model] | None = None
    signed: Mapping[str, Any] = field(default_factory=dict)  # what signs a row, as update() takes it
    psql: Callable[[str], object] | None = None
    deploy: Callable[[str], object] | None = None
    post: Callable[[str, Model | None, Mapping[str, Any]], HttpResponse] | None = None

    @property
    def rows(self) -> Any:
        """Give the manager of the table's rows."""
        return self.model._default_manager

    def fresh(self, which: str = "row") -> Any:
        """Read a row anew, as somebody does who is about to change it."""
        return self.rows.get(pk=getattr(self, which).pk)

    def changed(self, number: int = 1, which: str = "row") -> Any:
        """Read a row anew and change it, unsaved."""
        row = self.fresh(which)
        for name, value in self.change(number).items():
            setattr(row, name, value)
        return row


def columns(row: Model, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give a row's columns as psycopg takes them, those that the database fills left out."""
    fields = [one for one in row._meta.concrete_fields if names is None or one.attname in names]
    values = {one.column: getattr(row, one.attname) for one in fields}
    return {
        str(one.column): one.get_db_prep_save(values[one.column], connection)
        for one in fields
        if not isinstance(values[one.column], DatabaseDefault) and (not one.primary_key or row.pk is not None)
    }


def insert(row: Model) -> tuple[str, list[Any]]:
    """Write the INSERT of a row."""
    said = columns(row)
    names, places = ", ".join(f'"{name}"' for name in said), ", ".join(["%s"] * len(said))
    return f'INSERT INTO "{row._meta.db_table}" ({names}) VALUES ({places})', list(said.values())


def update(row: Model, names: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Write the UPDATE of these fields of a row."""
    said = columns(row, names)
    places = ", ".join(f'"{name}" = %s' for name in said)
    return f'UPDATE "{row._meta.db_table}" SET {places} WHERE id = %s', [*said.values(), row.pk]


def delete(row: Model) -> tuple[str, list[Any]]:
    """Write the DELETE of a row."""
    return f'DELETE FROM "{row._meta.db_table}" WHERE id = %s', [row.pk]


def typed(statement: tuple[str, list[Any]]) -> str:
    """Give a statement as somebody types it, values and all."""
    from psycopg import ClientCursor  # noqa: PLC0415 - the settings choose the driver

    connection.ensure_connection()
    return f"{ClientCursor(connection.connection).mogrify(*statement)};\n"


def waited(method: Callable[..., Any]) -> Callable[..., Any]:
    """Call an asynchronous method and wait for it, on the connection of this thread."""

    async def call(*args: Any, **named: Any) -> Any:
        return await method(*args, **named)

    return async_to_sync(call)
