"""Say why something of a patient was shown or not, as of any moment, and what would change it. It is recorded first."""

from __future__ import annotations

from argparse import ArgumentTypeError
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist

from compliance.accounts.subcommands.finding import found
from compliance.audit.errors import UnknownPatient
from compliance.commanding import moment, uid
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.explaining import document, explain, written
from compliance.consent.value_sets import ANY_LABEL, ConsentLabel, ResourceType
from compliance.consent.voices import WEIGHTS
from compliance.purposes import Purpose
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    import uuid
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from django.db.models import TextChoices

    from compliance.consent.explaining import Explanation, Reason


def _one_of(values: type[TextChoices], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values.values:
            raise ArgumentTypeError(f"this is not a known {what}; there are {', '.join(values.values)}.")
        return text

    return read


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--patient", type=uid, required=True, metavar="UID", help="It stands on the patient's page.")
    parser.add_argument(
        "--purpose", type=_one_of(Purpose, "purpose"), required=True, metavar="CODE", help=", ".join(Purpose.values)
    )
    parser.add_argument(
        "--as", dest="account", metavar="USER", help="The e-mail address of whom it would be shown to; any, if unsaid."
    )
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="As of then: 2024-06-01T08:30, in UTC, or with a zone: …-05:00."
    )
    parser.add_argument(
        "--label",
        type=_one_of(ConsentLabel, "label"),
        nargs="+",
        action="extend",
        default=[],
        metavar="CODE",
        help=", ".join(ConsentLabel.values),
    )
    parser.add_argument(
        "--resource",
        type=_one_of(ResourceType, "resource type"),
        metavar="TYPE",
        help=f"A part of the chart: {', '.join(ResourceType.values)}",
    )
    add_json(parser)


def run(
    console: Console,
    *,
    patient: uuid.UUID,
    purpose: str,
    account: str | None,
    at: datetime | None,
    label: list[str],
    resource: str | None,
    **_: Any,
) -> int:
    """Exit code 0, also for a no; 1 for a patient or an account that is not there, or when it cannot be recorded."""
    actor = None if account is None else found(account)
    explanation = explain(_patient(patient), actor, purpose, label, at, resource=resource)
    console.document(document(explanation))
    for line in _lines(explanation, account):
        console.line(line)
    return OK


def _patient(asked: uuid.UUID) -> Any:
    model: Any = ConsentRecord._meta.get_field("patient").related_model  # noqa: SLF001 - Django's API
    try:
        return model.objects.only("pk").get(uid=asked)
    except ObjectDoesNotExist:
        raise UnknownPatient from None


def _lines(told: Explanation, account: str | None) -> Iterator[str]:
    decision = told.decision
    what = " with ".join(filter(None, [told.resource or "the chart", ", ".join(told.labels)]))
    yield f"{'Permitted' if decision.permits else 'Denied'}: {what}, for {told.purpose}, to {account or 'any account'}."
    yield f"As of {written(told.at)}. {decision.why}"
    if decision.citation:
        yield f"Citation: {decision.citation}"
    for label, those in groupby(told.reasons, key=attrgetter("about")):
        yield ""
        yield "What spoke:" if label == ANY_LABEL else f"What spoke about {label}:"
        yield from map(_line, those)
    if told.silent:
        yield ""
        yield f"Did not speak, being about other information, days, a visit or accounts: {_consents(told.silent)}."
    if told.otherwise:
        yield ""
        yield "What would change it:"
        yield from (f"  {one}" for one in told.otherwise)


def _consents(keys: Sequence[int]) -> str:
    return f"consent{'s' * (len(keys) > 1)} {', '.join(map(str, keys))}"


def _line(reason: Reason) -> str:
    said = "permits" if reason.permits else "denies"
    cited = f" [{reason.citation}]" if reason.citation else ""
    mark = "  <- decided" if reason.decided else ""
    return f"  {reason.weight}  {reason.what} {said}: {reason.why}{cited} ({WEIGHTS[reason.weight]}){mark}"
