"""Write what the trail has of a patient, of a time, or all of it, to standard output. That is recorded first."""

from __future__ import annotations

import uuid
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from compliance.audit import exporting
from compliance.audit.errors import UnknownPatient
from compliance.audit.models import AuditLog
from compliance.audit.trail_filter import PATIENT
from sql_migrations.subcommands.console import OK, Console

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--patient", type=_uid, metavar="UID", help="Only what is about the record of this uid.")
    parser.add_argument("--from", dest="since", type=_moment, metavar="TIME", help="As 2024-06-01 or 2024-06-01T08:30.")
    parser.add_argument("--to", dest="until", type=_moment, metavar="TIME", help="Up to this time; UTC, as the other.")
    parser.add_argument("--format", dest="form", choices=exporting.FORMS, default="csv", help="csv if nothing is said.")


def run(
    console: Console, *, patient: uuid.UUID | None, since: datetime | None, until: datetime | None, form: str, **_: Any
) -> int:
    """Exit code 0; 1 when no patient has this uid or the export cannot be recorded."""
    whose = [_key(patient)] if patient else []
    entries: Any = AuditLog.objects.about(*whose) if whose else AuditLog.objects.all()
    if since is not None:
        entries = entries.filter(timestamp__gte=since)
    if until is not None:
        entries = entries.filter(timestamp__lte=until)
    asked = {"patient": whose, "since": since, "until": until}
    for line in exporting.export(entries.order_by("-timestamp", "-id"), form, asked=asked, patients=whose):
        console.line(line.rstrip("\r\n"))
    return OK


def _key(uid: uuid.UUID) -> int:
    found = PATIENT.related_model.objects.filter(uid=uid).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownPatient
    return int(found)


def _uid(text: str) -> uuid.UUID:
    """Read a uid. What was typed may be a name, and is not repeated."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ArgumentTypeError(
            "this is no uid; no name and no record number is taken, since commands are logged."
        ) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write the time as 2024-06-01 or 2024-06-01T08:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
