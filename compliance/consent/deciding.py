"""The decision: may this be used or disclosed, and what says so? PostgreSQL decides; any error is a no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DatabaseError, connection
from django.utils import timezone

from compliance.consent.value_sets import ANY_LABEL, ConsentLabel
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import Model

    from compliance.accounts.models import User

_WHAT = "d.permits, d.label, d.consent_id, d.provision_id, d.emergency, r.citation, r.reason"
_RULE = "LEFT JOIN consent_rules AS r ON r.id = d.rule_id"
_ABOUT_PATIENT = f"""
SELECT {_WHAT}
  FROM consent_decision(%s, %s, %s, %s, %s, NULL, NULL, NULL, coalesce(%s, statement_timestamp())) AS d {_RULE}
"""
_ABOUT_ROW = f"""
SELECT {_WHAT} FROM consent_about(%s, %s, %s, %s, coalesce(%s, statement_timestamp())) AS d {_RULE}
 WHERE d.permits IS NOT NULL
"""
_NOBODY = "Nobody is said to act."


class Basis(StrEnum):
    """What decided."""

    CONSENT = "consent"
    EXCEPTION = "exception"
    RULE = "rule"
    EMERGENCY = "emergency"
    ERROR = "error"  # nothing could be found out, so the answer is no


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes or a no, and why.

    `label` is the kind of information that decided, * for any. `consent` is the key of the version that decided, None
    for a rule; `provision` that of its exception. `why` is a sentence, `citation` where it is written. Neither says
    anything about the patient but that there is a consent.
    """

    permits: bool
    basis: Basis
    why: str
    citation: str = ""
    label: str = ANY_LABEL
    consent: int | None = None
    provision: int | None = None


class _Found(NamedTuple):
    """A row of the questions above."""

    permits: bool | None
    label: str | None
    consent: int | None
    provision: int | None
    emergency: bool | None
    citation: str | None
    reason: str | None


def decide(
    patient: Model,
    actor: User | None,
    purpose: str,
    labels: Collection[str] = (),
    at: datetime | None = None,
    *,
    resource: str | None = None,
) -> Decision:
    """Decide about what a patient's chart holds with these labels; with none, about what has no rule of its own.

    `purpose` is a PurposeOfUse code, `resource` a FHIR resource type, `at` a moment with a zone, now if none is given.
    What a consent says of parts of the chart, of a visit or of days counts for the rows themselves: see `about`.
    """
    if actor is None or actor.pk is None:
        return _undecided(_NOBODY)
    return decide_for(patient.pk, actor.pk, purpose, labels, at=at, resource=resource)


def about(row: Model, actor: User | None, purpose: str, at: datetime | None = None) -> Decision | None:
    """Decide about one row, as the database has it; None for a row that no consent is about, or that is not there."""
    if actor is None or actor.pk is None:
        return _undecided(_NOBODY)
    if (problem := _misasked(purpose, (), at)) is not None:
        return _undecided(problem)
    table = row._meta.db_table  # noqa: SLF001 - Django's API
    return _asked(_ABOUT_ROW, [table, row.pk, actor.pk, purpose, at])


def decide_for(
    patient: int,
    account: int | None,
    purpose: str,
    labels: Collection[str],
    *,
    at: datetime | None,
    resource: str | None,
) -> Decision:
    """Decide by keys; for no account, None, what holds for whoever has no role: that lets nobody in, and explains."""
    if (problem := _misasked(purpose, labels, at)) is not None:
        return _undecided(problem)
    found = _asked(_ABOUT_PATIENT, [patient, account, purpose, sorted(set(labels)), resource, at])
    return _undecided("PostgreSQL gave no answer.") if found is None else found


def _misasked(purpose: str, labels: Collection[str], at: datetime | None) -> str | None:
    """Say in a sentence what is wrong with a question; None for one that can be answered."""
    if purpose not in Purpose.values:
        return f"The purpose is not known: there are {', '.join(Purpose.values)}."
    if set(labels) - set(ConsentLabel.values):
        return f"A label is not known: there are {', '.join(ConsentLabel.values)}."
    if at is not None and timezone.is_naive(at):
        return "The moment has no time zone."
    return None


def _undecided(why: str) -> Decision:
    return Decision(permits=False, basis=Basis.ERROR, why=f"Denied, since it could not be decided. {why}")


def _asked(question: str, asked: list[Any]) -> Decision | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(question, asked)
            found = cursor.fetchone()
    except DatabaseError as error:
        return _undecided(f"PostgreSQL refused the question ({type(error).__name__}).")
    return None if found is None else _said(_Found(*found))


def _said(found: _Found) -> Decision:
    answer = bool(found.permits)
    if found.consent is not None:
        basis = Basis.CONSENT if found.provision is None else Basis.EXCEPTION
        what = "A consent" if found.provision is None else "An exception to a consent"
        why = f"{what} of the patient {'permits' if answer else 'denies'} this."
    elif found.emergency:
        basis, why = Basis.EMERGENCY, "An emergency is open, which goes before a refusal here."
    else:
        basis, why = Basis.RULE, found.reason or "No rule and no consent permits this purpose."
    label = found.label or ANY_LABEL
    return Decision(answer, basis, why, found.citation or "", label, found.consent, found.provision)
