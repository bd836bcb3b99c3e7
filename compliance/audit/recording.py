"""Records what the database cannot see: reads, searches, exports, logins, denials.

An entry is committed on a connection of its own: what was looked at was looked at, also when the request that showed it
rolls back afterwards. It is written before anything is shown, and what cannot be recorded is not shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from auditlog.models import AbstractLogEntry
from auditlog.signals import accessed, post_log
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import Error
from django.dispatch import receiver

from compliance.audit.errors import NotRecorded
from compliance.audit.models import AuditLog, EventType, Outcome
from compliance.audit.registry import DECLARED
from compliance.audit.subjects import about, consents_behind, patients_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

logger = logging.getLogger(__name__)
REASON_LENGTH = 200
_heard: ContextVar[bool] = ContextVar("audit_heard", default=False)


def read(row: Model) -> None:
    """Record that a row was looked at. Raises NotRecorded when that cannot be done.

    django-auditlog hears of it through its signal. A receiver of `pre_log` can veto its entry, without a word to
    anybody: then there is none, and the row is not shown.
    """
    model: Any = row._meta.concrete_model  # noqa: SLF001 - Django's API
    if model not in DECLARED:
        record(EventType.READ, **about(row))
        return
    _heard.set(False)
    with or_refused():
        accessed.send(sender=model, instance=row)
    if not _heard.get():
        logger.critical("The audit trail has no entry of a read: a receiver of auditlog's pre_log vetoed it.")
        raise NotRecorded


@receiver(post_log, dispatch_uid="compliance.audit.recording")
def _hear(*, log_created: bool, **_: Any) -> None:
    _heard.set(log_created)


def listed(model: type[Model], rows: Iterable[Model], *, searched: str = "", patients: Iterable[int] = ()) -> None:
    """Record that a list was shown: of how many rows, about which patients, and a digest of what was searched for.

    `patients` are keys of others whom the list is about, beside those whose rows it shows.
    """
    shown = list(rows)
    found(model, count=len(shown), searched=searched, patients=patients_of(model, shown).union(patients))


def found(model: type[Model], *, count: int, patients: Iterable[int], searched: str = "") -> None:
    """Record that so many rows were found, about these patients. Case and outer spaces of the search do not count."""
    table, term = model._meta.db_table, searched.strip().lower()  # noqa: SLF001 - Django's API
    whose = sorted(patients)
    with or_refused():
        kind = ContentType.objects.get_for_model(model)
        consents = consents_behind(model, whose)
    record(
        EventType.QUERY,
        content_type=kind,
        consent_ids=consents,
        table_name=table,
        object_repr=f"list of {table}",
        patient_ids=whose or None,
        result_count=count,
        query_digest=digest(term) if term else None,
    )


def denied(reason: str, **facts: Any) -> None:
    """Record that something was asked for and refused. The reason is a sentence without health information."""
    record(EventType.DENIED, outcome=Outcome.SERIOUS_FAILURE, outcome_reason=reason[:REASON_LENGTH], **facts)


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
