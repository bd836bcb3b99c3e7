"""Write a person's chart as a FHIR Bundle, entry by entry, all of it as it stood at one moment."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from compliance.access import require
from compliance.access.rights import rights_of, viewing
from compliance.audit import context, recording
from compliance.audit.models import EventType, Outcome
from compliance.audit.subjects import about, consents_of
from compliance.errors import AccessDenied
from compliance.models import User
from compliance.whole_files import whole_file
from patients.models import Patient
from records.fhir import bundle
from records.fhir.elements import moment

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.db.models import Model

    from records.fhir.elements import Element

_STEP = "  "


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: how many entries, how many records of the person; whether the one asked for was merged."""

    entries: int
    patients: int
    was_merged: bool


def write(uid: uuid.UUID, put: Callable[[str], object], *, indented: bool = False) -> Exported:
    """Put out the Bundle of the person whom a patient's uid is about, piece by piece.

    The trail has an entry for each of the person's records before anything is put out, and another for each when it
    then fails. Raises NoSuchPatient, NotRecorded, AccessDenied, and NotFhir when only a part has been put out.
    """
    with _one_moment():
        people = bundle.person(uid)
        account = _permitted(people[0])
        with _recorded(people):
            count = _put(bundle.entries(people, account), put, indented=indented)
    return Exported(count, len(people), people[0].uid != uid)


def _permitted(patient: Patient) -> User | None:
    """Let an account export a chart that it may see all of: a Bundle with parts left out would look like a whole one.

    Only what a consent or a rule withholds is left out, since to say so would tell that it is there. Gives the account.
    Where nobody is said to act, the database decides: it shows charts to the owner, who operates it, and to no other.
    """
    said = context.current()
    if said is None or said.actor is None:
        return None
    account = User.objects.get(pk=said.actor)
    seen = rights_of(account)
    models: list[type[Model]] = [Patient, *bundle.TABLES]
    for model in models:
        require(account, viewing(model), patient)
        if seen.hidden(model):
            recording.denied("A chart is exported by who is shown all columns of it.", **about(patient))
            raise AccessDenied(f"to see every column of {model._meta.db_table}")  # noqa: SLF001 - Django's API
    return account


def _put(entries: Iterator[Element], put: Callable[[str], object], *, indented: bool) -> int:
    head = {"resourceType": "Bundle", "type": "collection", "timestamp": moment(timezone.now())}
    line, end = (f"\n{_STEP}", "\n}") if indented else ("\n", "}")
    # The head without its closing brace, since its last element, the list of entries, is yet to come.
    put(json.dumps(head, indent=_STEP if indented else None)[:-1].rstrip() + f',{line}"entry": [')
    count = 0
    for count, entry in enumerate(entries, start=1):
        put(("," if count > 1 else "") + "\n" + _text(entry, indented=indented))
    put(f"{line}]{end}\n")
    return count


def write_file(uid: uuid.UUID, path: Path, *, indented: bool = False) -> Exported:
    """Write the Bundle to a file that only its owner may read, and that has its name once it is whole.

    A file of that name is replaced then. Raises FileRefused too.
    """
    with whole_file(path, replacing=True) as out:
        return write(uid, out.write, indented=indented)


@contextlib.contextmanager
def _recorded(people: list[Patient]) -> Iterator[None]:
    """Record an export of each of these records: that it was begun and, if it does not end well, that too.

    The consents that let parts of them out, or keep parts back, stand beside it.
    """
    consents = consents_of(one.pk for one in people)

    def record(**outcome: Any) -> None:
        known = {"additional_data": {"format": "FHIR R4"}, "consent_ids": consents, **outcome}
        for one in people:
            recording.record(EventType.EXPORT, **about(one), **known)

    record()
    try:
        yield
    except BaseException as error:
        record(outcome=Outcome.SERIOUS_FAILURE, outcome_reason=f"It was not finished: {type(error).__name__}.")
        raise


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as it stood when the first row was read. Within a transaction of the caller's, that decides."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _text(entry: object, *, indented: bool) -> str:
    """Write an entry, in ASCII: it passes any terminal and pipe unchanged."""
    return indent(json.dumps(entry, indent=_STEP), 2 * _STEP) if indented else json.dumps(entry)
