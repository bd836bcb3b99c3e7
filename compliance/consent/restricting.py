"""A restriction that a patient asked for, and that was agreed to: 45 CFR 164.522(a)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from compliance.consent.consent_record import ConsentRecord
from compliance.consent.giving import record
from compliance.consent.value_sets import ConsentDecision, ConsentStatus, ConsentType
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

    from compliance.accounts.models import User


def restrict(
    patient: Model,
    *,
    by: User,
    purposes: Iterable[Purpose],
    exceptions: Iterable[Mapping[str, Any]] = (),
    **facts: Any,
) -> ConsentRecord:
    """Agree not to use or disclose something for these purposes, from now on or from `starts_at`.

    What is meant, `sensitivity_labels`, `resource_types`, days or an `encounter` say; without any of them it is all
    that has no rule of its own. An emergency goes before it where a rule says so. Raises as `give` does.
    """
    facts.setdefault("starts_at", timezone.now())
    return record(_restriction(patient), by=by, exceptions=exceptions, facts={**facts, "purposes": list(purposes)})


def restrict_self_paid(patient: Model, encounter: Model, *, by: User, **facts: Any) -> ConsentRecord:
    """Keep a visit that the patient paid for in full from the health plan, which has to be agreed to: (a)(1)(vi)."""
    facts.setdefault("starts_at", timezone.now())
    facts.update(purposes=[Purpose.HPAYMT], encounter=encounter, self_paid=True)
    return record(_restriction(patient), by=by, exceptions=(), facts=facts)


def _restriction(patient: Model) -> ConsentRecord:
    return ConsentRecord(
        patient_id=patient.pk,
        consent_type=ConsentType.RESTRICTION,
        decision=ConsentDecision.DENY,
        status=ConsentStatus.ACTIVE,
    )
