"""A patient's yes or no is written down: as a draft, or as it holds from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.audit import context
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.errors import NotADraft
from compliance.consent.grantors import check_grantor, patient_of
from compliance.consent.value_sets import ConsentDecision, ConsentStatus, ConsentType
from compliance.consent.versions import exceptions_of, successor, write
from compliance.keeping import refuse_others, typed_in
from compliance.retrying import retried

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

    from compliance.accounts.models import User

GIVE = "compliance.give_consentrecord"
RESTRICT = "compliance.restrict_consentrecord"
# What another step says.
_NOT_TYPED_IN = {
    "patient",
    "patient_id",
    "consent_type",
    "decision",
    "status",
    "withdrawal_channel",
    "withdrawal_received_at",
}


def give(
    patient: Model,
    *,
    by: User,
    consent_type: ConsentType,
    decision: ConsentDecision = ConsentDecision.PERMIT,
    exceptions: Iterable[Mapping[str, Any]] = (),
    **facts: Any,
) -> ConsentRecord:
    """Record what a patient said, and let it hold: from now on, or from `starts_at` if that is later.

    `facts` are fields of ConsentRecord, `exceptions` fields of ConsentProvision, both as people type them in. A
    restriction is agreed to by `restrict`. Raises AccessDenied, ConsentRefused, FieldsRefused or RuleBroken.
    """
    facts.setdefault("starts_at", timezone.now())
    consent = ConsentRecord(
        patient_id=patient.pk, consent_type=consent_type, decision=decision, status=ConsentStatus.ACTIVE
    )
    return record(consent, by=by, exceptions=exceptions, facts=facts)


def draft(
    patient: Model,
    *,
    by: User,
    consent_type: ConsentType,
    decision: ConsentDecision = ConsentDecision.PERMIT,
    exceptions: Iterable[Mapping[str, Any]] = (),
    **facts: Any,
) -> ConsentRecord:
    """Write down what is to be signed. It permits and denies nothing yet, and may lack what it needs to hold."""
    consent = ConsentRecord(
        patient_id=patient.pk, consent_type=consent_type, decision=decision, status=ConsentStatus.DRAFT
    )
    return record(consent, by=by, exceptions=exceptions, facts=facts)


@retried
@transaction.atomic
def activate(
    consent: ConsentRecord, *, by: User, exceptions: Iterable[Mapping[str, Any]] | None = None, **facts: Any
) -> ConsentRecord:
    """Let a draft hold, with what was missing, such as the signature. Raises NotADraft or ConsentChanged.

    `exceptions` take the place of those of the draft; they stay when none are given, None.
    """
    require(by, _needed(consent), consent)
    refuse_others(facts, typed_in(ConsentRecord) - _NOT_TYPED_IN)
    if consent.status != ConsentStatus.DRAFT:
        raise NotADraft
    facts.setdefault("starts_at", consent.starts_at or timezone.now())
    return _follow(consent, by, exceptions, status=ConsentStatus.ACTIVE, **facts)


@retried
@transaction.atomic
def decline(consent: ConsentRecord, *, by: User) -> ConsentRecord:
    """Record that what was to be signed was not. Raises NotADraft or ConsentChanged."""
    require(by, _needed(consent), consent)
    if consent.status != ConsentStatus.DRAFT:
        raise NotADraft
    with context.acting(by):
        return write(successor(consent, status=ConsentStatus.NOT_DONE), exceptions_of(consent), by=by)


@retried
@transaction.atomic
def revise(
    consent: ConsentRecord, *, by: User, exceptions: Iterable[Mapping[str, Any]] | None = None, **facts: Any
) -> ConsentRecord:
    """Supersede a version by one with other facts, in the same status. What it said before ends now.

    `exceptions` take the place of those that there are; they stay when none are given, None. A verification does not
    go over to what is said anew.
    """
    require(by, _needed(consent), consent)
    refuse_others(facts, typed_in(ConsentRecord) - _NOT_TYPED_IN)
    return _follow(consent, by, exceptions, **facts)


@retried
@transaction.atomic
def mark_entered_in_error(consent: ConsentRecord, *, by: User) -> ConsentRecord:
    """Take back what should never have been written. It ends now; what was decided by it stays explained."""
    require(by, _needed(consent), consent)
    with context.acting(by):
        return write(successor(consent, status=ConsentStatus.ENTERED_IN_ERROR), exceptions_of(consent), by=by)


@retried
@transaction.atomic
def record(
    consent: ConsentRecord, *, by: User, exceptions: Iterable[Mapping[str, Any]], facts: Mapping[str, Any]
) -> ConsentRecord:
    """Write a first version, which has its patient, type, status and decision, with what people type in."""
    require(by, _needed(consent), consent)
    refuse_others(facts, typed_in(ConsentRecord) - _NOT_TYPED_IN)
    for name, value in facts.items():
        setattr(consent, name, value)
    with context.acting(by):
        check_grantor(consent, patient_of(consent.patient_id))
        return write(consent, exceptions, by=by)


def _needed(consent: ConsentRecord) -> str:
    """Give the permission that a step takes: whoever may not agree to a restriction does not change one either."""
    return RESTRICT if consent.consent_type == ConsentType.RESTRICTION else GIVE


def _follow(
    consent: ConsentRecord, by: User, exceptions: Iterable[Mapping[str, Any]] | None = None, **changes: Any
) -> ConsentRecord:
    with context.acting(by):
        following = successor(consent, **changes)
        check_grantor(following, patient_of(consent.patient_id))
        return write(following, exceptions_of(consent) if exceptions is None else exceptions, by=by)
