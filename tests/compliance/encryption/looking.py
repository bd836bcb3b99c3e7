"""What stands in the table itself, and in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from django.db.models import Model


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def cell(row: Model, column: str) -> bytes | None:
    """Give the bytes that stand in a column of a row."""
    ((found,),) = sql(f"SELECT {column} FROM probes WHERE id = %s", row.pk)
    return None if found is None else bytes(found)


def put(row: Model, column: str, value: bytes | None) -> None:
    """Write bytes into a column as whoever has the table can, with none of its rules in the way."""
    sql("ALTER TABLE probes DROP CONSTRAINT IF EXISTS " + f"probes_{column}_sealed")
    sql(f"UPDATE probes SET {column} = %s WHERE id = %s", value, row.pk)


def entries(row: Model) -> int:
    """Count the entries of the trail about a row."""
    return int(sql("SELECT count(*) FROM audit_logs WHERE object_uid = %s", row.uid)[0][0])  # type: ignore[attr-defined]
