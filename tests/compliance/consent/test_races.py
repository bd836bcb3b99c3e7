"""Two officers at the same moment, each with a connection of their own: one holds, the other is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compliance.consent.deciding import decide
from compliance.consent.errors import ConsentChanged, ConsentRefused
from compliance.consent.giving import activate, draft, give, revise
from compliance.consent.verifying import verify
from compliance.consent.withdrawing import withdraw
from compliance.errors import ComplianceError, RuleBroken
from compliance.models import AuditLog, ConsentRecord, User
from tests.compliance.consent.conftest import WHOLE
from tests.sessions import behind, in_sessions

if TYPE_CHECKING:
    from patients.models import Patient


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


@pytest.fixture
def second(db: None) -> User:
    return User.objects.create_user("second@clinic.example", role="compliance_officer")


def given(patient: Patient, by: User, **otherwise: Any) -> ConsentRecord:
    return give(patient, by=by, **{"consent_type": "hipaa_authorization", "purposes": ["HRESCH"], **WHOLE, **otherwise})  # type: ignore[arg-type]


def is_told(outcome: object) -> bool:
    """Whether it says in a sentence that somebody was quicker: before writing, or at the key of the version."""
    return isinstance(outcome, ConsentChanged | RuleBroken) and "Somebody else has changed this consent" in str(outcome)


def test_of_two_who_revoke_at_once_one_does_and_the_other_is_told(
    patient: Patient, reviewer: User, second: User
) -> None:
    consent = given(patient, reviewer)

    outcome = behind(
        lambda: withdraw(consent, by=reviewer, channel="letter"),  # type: ignore[arg-type]
        lambda: withdraw(consent, by=second, channel="electronic"),  # type: ignore[arg-type]
    )

    assert is_told(outcome)
    ended = ConsentRecord.objects.newest().get()
    assert (ended.recorded_by, ended.version_no) == (reviewer, 2)
    assert not decide(patient, reviewer, "HRESCH").permits


def test_a_revocation_and_a_verification_at_once_leave_one_newest_version(
    patient: Patient, reviewer: User, second: User
) -> None:
    consent = given(patient, reviewer)

    outcome = behind(
        lambda: verify(consent, by=second),
        lambda: withdraw(consent, by=reviewer, channel="letter"),  # type: ignore[arg-type]
    )

    assert is_told(outcome)
    assert ConsentRecord.objects.newest().get().verified_by == second


def test_of_two_who_sign_a_draft_at_once_one_does(patient: Patient, reviewer: User, second: User) -> None:
    unsigned = draft(patient, by=reviewer, consent_type="hipaa_authorization", purposes=["HRESCH"])  # type: ignore[arg-type]

    outcome = behind(lambda: activate(unsigned, by=reviewer, **WHOLE), lambda: activate(unsigned, by=second, **WHOLE))

    assert is_told(outcome)
    assert [one.recorded_by for one in ConsentRecord.objects.filter(status="active")] == [reviewer]


def test_of_two_consents_of_one_kind_at_once_one_holds(patient: Patient, reviewer: User, second: User) -> None:
    outcome = behind(lambda: given(patient, reviewer), lambda: given(patient, second))

    assert isinstance(outcome, RuleBroken)
    assert outcome.rule == "consent_effects_once"
    assert ConsentRecord.objects.get().recorded_by == reviewer


def test_of_many_who_change_one_consent_at_once_one_does_and_each_other_is_told(
    patient: Patient, reviewer: User, second: User
) -> None:
    consent = given(patient, reviewer)

    outcomes = in_sessions(
        lambda: withdraw(consent, by=reviewer, channel="letter"),  # type: ignore[arg-type]
        lambda: withdraw(consent, by=second, channel="letter"),  # type: ignore[arg-type]
        lambda: revise(consent, by=reviewer, purposes=["HMARKT"]),
        lambda: verify(consent, by=second),
    )

    assert sum(isinstance(outcome, ConsentRecord) for outcome in outcomes) == 1
    assert sum(is_told(outcome) or isinstance(outcome, ConsentRefused) for outcome in outcomes) == 3
    assert ConsentRecord.objects.count() == 2


def test_a_refusal_stands_in_the_trail_though_what_was_begun_is_rolled_back(patient: Patient, reviewer: User) -> None:
    consent = given(patient, reviewer)
    auditor = User.objects.create_user("auditor@clinic.example", role="auditor")

    with pytest.raises(ComplianceError, match="does not have the permission"):
        withdraw(consent, by=auditor, channel="letter")  # type: ignore[arg-type]

    entry = AuditLog.objects.get(event_type="denied")
    assert (entry.actor_id, entry.patient_id) == (auditor.pk, patient.pk)
