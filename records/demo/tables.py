"""Rows on their way into their tables: keys given here, so that rows can refer to each other, and COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import sql

from appointments.models import Appointment, Encounter, Location
from compliance.models import CareRelationship, ConsentRecord, User
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider, ProviderAvailability
from records.models import MedicalRecord, Prescription

if TYPE_CHECKING:
    from django.db.models import Field, Model

    from records.demo.plan import Dice

Row = dict[str, Any]

# What is referred to comes before what refers to it.
MODELS: tuple[type[Model], ...] = (
    User,
    Location,
    Provider,
    ProviderAvailability,
    Patient,
    InsuranceInfo,
    Allergy,
    CareRelationship,
    ConsentRecord,
    Appointment,
    Encounter,
    MedicalRecord,
    Prescription,
)


class Table:
    """The rows of one table that are not written yet. A column that a row does not name has the model's default."""

    def __init__(self, model: type[Model], first_key: int) -> None:
        self.name, self.next_key = model._meta.db_table, first_key  # noqa: SLF001 - Django's API
        # version, created_at and updated_at have no default but the database's, which keeps them.
        fields = [field for field in model._meta.concrete_fields if _is_ours(field)]  # noqa: SLF001
        self.columns = [str(field.column) for field in fields]
        self.defaults = [(field.attname, _default(field)) for field in fields]
        self.has_uid = "uid" in self.columns
        self.rows: list[Row] = []

    def add(self, dice: Dice, row: Row) -> Row:
        """Give a row its keys. It may be changed until it is written."""
        row["id"] = self.next_key
        self.next_key += 1
        if self.has_uid:
            row["uid"] = dice.uid()
        self.rows.append(row)
        return row

    def copy(self, cursor: Any) -> int:
        """Write the rows, forget them, and return how many there were. Raises what Django raises."""
        columns = sql.SQL(", ").join([sql.Identifier(name) for name in self.columns])
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.name), columns)
        with connection.wrap_database_errors, cursor.copy(statement) as stream:
            for row in self.rows:
                stream.write_row([row.get(name, default) for name, default in self.defaults])
        written = len(self.rows)
        self.rows.clear()
        return written


class Tables:
    """All tables of the demo data, in one transaction that alone writes to them."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.written = 0
        self._of: dict[type[Model], Table] = {model: Table(model, self._key(model)) for model in MODELS}

    def add(self, model: type[Model], dice: Dice, /, **row: Any) -> Row:
        """Add a row: its fields by the names that the model's constructor takes. Returns it with its id."""
        return self._of[model].add(dice, row)

    def copy(self) -> None:
        """Write what was added."""
        self.written += sum(table.copy(self.cursor) for table in self._of.values() if table.rows)

    def leave_keys(self) -> None:
        """Let the next writer's keys begin after the last one that was given here."""
        for model, table in self._of.items():
            self.cursor.execute("SELECT setval(%s::regclass, %s, false)", [self._sequence(model), table.next_key])

    def _key(self, model: type[Model]) -> int:
        self.cursor.execute("SELECT nextval(%s::regclass)", [self._sequence(model)])
        return int(self.cursor.fetchone()[0])

    def _sequence(self, model: type[Model]) -> str:
        self.cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])  # noqa: SLF001
        return str(self.cursor.fetchone()[0])


def _is_ours(field: Field[Any, Any]) -> bool:
    return field.has_default() or not field.has_db_default()


def _default(field: Field[Any, Any]) -> Any:
    """The default as COPY takes it. Keys are given to each row."""
    default = field.get_default() if field.attname != "uid" else None
    return "{}" if default == [] else default
