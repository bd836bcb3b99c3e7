"""Examples of what the rules refuse: one row that is taken, and the change that breaks one rule and no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import JSONField
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest
    from django.db.models import Field, Model

# The first moment of the year 10000: a Python datetime has it only in a zone to the west of UTC.
BEYOND = datetime(9999, 12, 31, 23, 0, tzinfo=timezone(-timedelta(hours=1)))
MAY_6 = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Of:
    """A value that a fixture makes."""

    fixture: str


@dataclass(frozen=True)
class Break:
    """How one rule is broken: a row that a fixture makes is changed, or another like it is added.

    `given` is saved on the row first. `unsayable`: no value of Python's type says it, so that only SQL can.
    """

    rule: str
    row: str
    values: Mapping[str, Any]
    added: bool = False
    unsayable: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    def attempt(self, request: pytest.FixtureRequest) -> Model:
        """Return the row with the breaking values, not yet written."""
        row: Model = request.getfixturevalue(self.row)
        if self.given:
            _set(row, self.given, request)
            row.save()
        if self.added:
            row = beside(row)
        _set(row, self.values, request)
        return row


def change(rule: str, row: str, *, given: Mapping[str, Any] | None = None, **values: Any) -> Break:
    """Break a rule by a change of a row."""
    return Break(rule, row, values, given=given or {})


def add(rule: str, row: str, *, given: Mapping[str, Any] | None = None, **values: Any) -> Break:
    """Break a rule by another row that is the same but for its key and these values."""
    return Break(rule, row, values, added=True, given=given or {})


def write(rule: str, row: str, **values: Any) -> Break:
    """Break a rule by a value, in PostgreSQL's own words, that Python does not have."""
    return Break(rule, row, values, unsayable=True)


def beside(row: Model) -> Model:
    """Return an unsaved row like this one, with a key of its own."""
    own = {"id", "uid", "version", "created_at", "updated_at"}
    fields = [one for one in type(row)._meta.concrete_fields if one.name not in own]
    return type(row)(**{one.attname: getattr(row, one.attname) for one in fields})


def insert(row: Model) -> None:
    """Write a new row as psql would."""
    said = {one.column: _raw(one, getattr(row, one.attname)) for one in type(row)._meta.concrete_fields}
    said = {name: value for name, value in said.items() if name != "id" and not isinstance(value, DatabaseDefault)}
    names, places = ", ".join(f'"{name}"' for name in said), ", ".join(["%s"] * len(said))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({places})", list(said.values()))


def update(row: Model, names: Mapping[str, Any]) -> None:
    """Change these fields of a row as psql would."""
    fields = [row._meta.get_field(name) for name in names]
    places = ", ".join(f'"{one.column}" = %s' for one in fields)
    values = [_raw(one, getattr(row, one.attname)) for one in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {places} WHERE id = %s", [*values, row.pk])


def _raw(column: Field[Any, Any], value: Any) -> Any:
    """Return what psycopg is given. Django would refuse or round what it knows to be wrong: these go as they are."""
    if value is None or (isinstance(value, (str, Decimal, DatabaseDefault)) and not isinstance(column, JSONField)):
        return value
    return column.get_db_prep_save(value, connection)


def _set(row: Model, values: Mapping[str, Any], request: pytest.FixtureRequest) -> None:
    for name, value in values.items():
        setattr(row, name, request.getfixturevalue(value.fixture) if isinstance(value, Of) else value)
