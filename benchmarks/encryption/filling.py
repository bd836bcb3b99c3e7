"""Fill both tables with many patients by COPY: rows alone, with the values that are looked up.

The indexes are real, and the cells are not: they have a cell's length and form, which is all that a look-up depends on.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from benchmarks.encryption.clinic import MODELS, facts

if TYPE_CHECKING:
    from collections.abc import Iterator

FILLED = ("ssn", "family_name", "birth_date")
INDEXES = ("ssn_index_0", "family_name_index", "family_name_start", "name_and_birth")
LIKE_A_CELL = b"\1" + bytes(64)  # behind the uid


def fill(size: int) -> None:
    """Write so many rows, with the triggers of the tables at rest."""
    for name, model in MODELS.items():
        table = model._meta.db_table  # noqa: SLF001
        sealed = name == "encrypted"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            columns = ", ".join(("uid", *FILLED, *(INDEXES if sealed else ())))
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in _sealed(size) if sealed else _plain(size):
                    copy.write_row(row)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _plain(size: int) -> Iterator[list[Any]]:
    for number in range(size):
        made = facts(number)
        yield [UUID(int=number), *(made[name] for name in FILLED)]


def _sealed(size: int) -> Iterator[list[Any]]:
    ssn, family_name, start, both = (_index(name) for name in INDEXES)
    of_name = functools.cache(lambda name: (family_name.of_value(name)[0], start.of_value(name)[0]))
    for number in range(size):
        made, uid = facts(number), UUID(int=number)
        name, born = made["family_name"], made["birth_date"]
        cells = [uid.bytes + LIKE_A_CELL] * len(FILLED)
        yield [uid, *cells, ssn.of_value(made["ssn"])[0], *of_name(name), both.of_value((name, born))[0]]


def _index(name: str) -> Any:
    return MODELS["encrypted"]._meta.get_field(name)  # noqa: SLF001
