"""Records what the database cannot see: reads, searches, exports, logins, denials.

An entry is committed on a connection of its own: what was looked at was looked at, also when the request that showed it
rolls back afterwards. It is written before anything is shown, and what cannot be recorded is not shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
from typing import TYPE_CHECKING, Any

from auditlog.models import AbstractLogEntry
from auditlog.signals import accessed
from django.conf import settings
from django.db import Error

from compliance.audit.errors import NotRecorded
from compliance.audit.models import AuditLog, EventType
from compliance.audit.registry import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

logger = logging.getLogger(__name__)


def read(row: Model) -> None:
    """Record that a row was looked at. Raises NotRecorded when that cannot be done."""
    with or_refused():
        accessed.send(sender=type(row), instance=row)


def listed(model: type[Model], rows: Iterable[Model], *, searched: str = "") -> None:
    """Record that a list was shown: of how many rows, about which patients, and a digest of what was searched for."""
    shown = list(rows)
    column = DECLARED[model].patient if model in DECLARED else ""
    record(
        EventType.QUERY,
        table_name=model._meta.db_table,  # noqa: SLF001 - Django's API
        object_repr=f"list of {model._meta.verbose_name_plural}",  # noqa: SLF001
        patient_ids=sorted({getattr(row, column) for row in shown}) if column else None,
        result_count=len(shown),
        query_digest=digest(searched) if searched else None,
    )


def record(event: EventType, **facts: Any) -> None:
    """Record an event with what is known of it, as fields of AuditLog. Raises NotRecorded when that cannot be done."""
    with or_refused():
        AuditLog(action=AbstractLogEntry.Action.ACCESS, event_type=event, **facts).save()


def digest(text: str) -> str:
    """Hash search terms with the key of this installation: the same terms look the same, and tell nothing."""
    return hmac.new(settings.SECRET_KEY.encode(), f"audit query\0{text}".encode(), hashlib.sha256).hexdigest()


@contextlib.contextmanager
def or_refused() -> Iterator[None]:
    """Turn a failure to record into NotRecorded, and tell whoever runs the system."""
    try:
        yield
    except Error as error:
        logger.critical("The audit trail could not record an event: %s", type(error).__name__)
        raise NotRecorded from error
