"""Write what the trail has of a person, of a time, or all of it, to a file or standard output. It is recorded first."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance.audit import exporting
from compliance.audit.errors import UnknownPatient
from compliance.audit.models import AuditLog
from compliance.audit.subjects import with_other_records
from compliance.audit.trail_filter import PATIENT
from compliance.commanding import moment, uid
from compliance.whole_files import whole_file
from sql_migrations.subcommands.console import OK, Console

if TYPE_CHECKING:
    import uuid
    from argparse import ArgumentParser
    from datetime import datetime


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument(
        "--patient", type=uid, metavar="UID", help="Only the person of this record, with all their records."
    )
    parser.add_argument("--from", dest="since", type=moment, metavar="TIME", help="As 2024-06-01 or 2024-06-01T08:30.")
    parser.add_argument("--to", dest="until", type=moment, metavar="TIME", help="Up to this time; UTC, as the other.")
    parser.add_argument("--format", dest="form", choices=exporting.FORMS, default="csv", help="csv if nothing is said.")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="A new file that only you may read; it is there once it is whole."
    )


def run(
    console: Console,
    *,
    patient: uuid.UUID | None,
    since: datetime | None,
    until: datetime | None,
    form: str,
    output: Path | None = None,
    **_: Any,
) -> int:
    """Exit code 0; 1 when no patient has this uid, the file cannot be written, or the export cannot be recorded."""
    whose = with_other_records([_key(patient)]) if patient else []
    entries: Any = AuditLog.objects.about(*whose) if whose else AuditLog.objects.all()
    if since is not None:
        entries = entries.filter(timestamp__gte=since)
    if until is not None:
        entries = entries.filter(timestamp__lte=until)
    asked = {"patient": whose, "since": since, "until": until}
    lines = partial(exporting.export, entries.order_by("-timestamp", "-id"), form, asked=asked, patients=whose)
    if output is None:
        for line in lines():
            console.line(line.rstrip("\r\n"))
        return OK
    with whole_file(output, replacing=False) as file:
        file.writelines(lines())
    console.aside(f"Wrote {output}, which only you may read.")
    return OK


def _key(asked: uuid.UUID) -> int:
    found = PATIENT.related_model.objects.filter(uid=asked).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownPatient
    return int(found)
