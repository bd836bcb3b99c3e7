"""Entries of the trail as a file, any number of them in little memory: CSV for people, JSON lines for programs.

That they were exported is an entry too, written before the first of them goes out.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections

from compliance.audit import recording
from compliance.audit.models import AuditLog, EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.db.models import QuerySet

_UNUSED = {"serialized_data", "changes_text"}  # django-auditlog's, always empty here
COLUMNS = [field.attname for field in AuditLog._meta.concrete_fields if field.attname not in _UNUSED]  # noqa: SLF001
ROWS_AT_A_TIME = 2000
# What a spreadsheet takes for a formula, when a cell begins so: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(entries: QuerySet[AuditLog], form: str, *, asked: dict[str, Any], patients: Iterable[int]) -> Iterator[str]:
    """Record that these entries are exported, and return them in a form of FORMS, line by line.

    `asked` says by what they were chosen, `patients` whom they are about, when that was asked. What is written from now
    on is left out, the entry about this export too. Raises NotRecorded.
    """
    with connections[entries.db].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    kept = entries.filter(timestamp__lte=now)
    said = json.dumps(asked, cls=DjangoJSONEncoder, sort_keys=True)
    recording.record(
        EventType.EXPORT,
        table_name=AuditLog._meta.db_table,  # noqa: SLF001
        object_repr=f"list of {AuditLog._meta.db_table}",  # noqa: SLF001
        patient_ids=sorted(patients) or None,
        result_count=kept.count(),
        query_digest=recording.digest(said),
        additional_data={"format": form, "asked": json.loads(said)},
    )
    return FORMS[form](kept.values_list(*COLUMNS).iterator(chunk_size=ROWS_AT_A_TIME))


class _Line:
    """What csv writes a line to; writerow() gives back what this does."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """Write a value so that a spreadsheet shows it and does not compute it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = json.dumps(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(dict(zip(COLUMNS, row, strict=True)), cls=DjangoJSONEncoder) + "\n"


FORMS: dict[str, Callable[[Iterable[tuple[Any, ...]]], Iterator[str]]] = {"csv": _csv, "jsonl": _json_lines}
