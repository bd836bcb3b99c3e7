"""Fill both tables with many patients by COPY: rows alone, with the values that are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from benchmarks.encryption.clinic import MODELS, facts

if TYPE_CHECKING:
    from collections.abc import Iterator

FILLED = ("ssn", "family_name", "birth_date")


def fill(size: int) -> None:
    """Write so many rows, with the triggers of the tables at rest."""
    for name, model in MODELS.items():
        table = model._meta.db_table  # noqa: SLF001
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            columns = [*FILLED, *(_indexes(model) if name == "encrypted" else ())]
            with cursor.copy(f"COPY {table} (uid, {', '.join(columns)}) FROM STDIN") as copy:
                for row in _rows(model, size, sealed=name == "encrypted"):
                    copy.write_row(row)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _indexes(model: Any) -> list[str]:
    fields = model._meta.concrete_fields  # noqa: SLF001
    return [field.name for field in fields if getattr(field, "of", None) and {*field.of} <= {*FILLED}]


def _rows(model: Any, size: int, *, sealed: bool) -> Iterator[list[Any]]:
    fields = [model._meta.get_field(name) for name in [*FILLED, *(_indexes(model) if sealed else ())]]  # noqa: SLF001
    for number in range(size):
        made = facts(number)
        row = model(uid=UUID(int=number + (4 << 76) + (2 << 62)), **{name: made[name] for name in FILLED})
        yield [row.uid, *(field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields)]
