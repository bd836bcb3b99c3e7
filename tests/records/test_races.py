"""Two clinicians at one chart at the same moment, each in a session of their own."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from records.amending import amend
from records.charting import chart
from records.discontinuing import discontinue
from records.errors import AlreadyAmended, NotRenewable
from records.models import MedicalRecord, Prescription
from records.prescribing import prescribe, renew
from records.signing import sign
from records.value_sets import StatusReason
from tests.sessions import behind, in_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.models import User
    from patients.models import Patient


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


def at_once(*verbs: Callable[[], Any]) -> list[str]:
    """Run each in a session of its own, and name what came of it."""
    ready = threading.Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        ready.wait(timeout=30)
        return verb()

    return sorted(type(outcome).__name__ for outcome in in_sessions(*(partial(run, verb) for verb in verbs)))


def test_of_two_amendments_of_one_record_one_is_made(patient: Patient, clinician: User) -> None:
    draft = chart(patient, by=clinician, record_type="progress_note", title="Sore throat", body="Red.")
    signed = sign(draft, by=clinician)

    outcome = behind(partial(amend, signed, by=clinician, body="Pale."), partial(amend, signed, by=clinician))

    assert isinstance(outcome, AlreadyAmended)
    assert MedicalRecord.objects.count() == 2


def test_of_two_signatures_one_counts(patient: Patient, clinician: User) -> None:
    draft = chart(patient, by=clinician, record_type="progress_note", title="Sore throat", body="Red.")

    assert at_once(*[partial(sign, draft, by=clinician)] * 2) == ["AlreadySigned", "MedicalRecord"]


def test_a_prescription_that_is_renewed_twice_at_once_is_renewed_once(patient: Patient, clinician: User) -> None:
    order = {"drug_name": "Amoxicillin", "sig": "One a day", "quantity": 7, "quantity_unit": "capsule"}
    old = prescribe(patient, by=clinician, **order)  # type: ignore[arg-type]

    assert at_once(*[partial(renew, old, by=clinician)] * 2) == ["AlreadyRenewed", "Prescription"]
    assert Prescription.objects.count() == 2


def test_a_prescription_that_is_stopped_at_that_moment_is_not_renewed(patient: Patient, clinician: User) -> None:
    order = {"drug_name": "Amoxicillin", "sig": "One a day", "quantity": 7, "quantity_unit": "capsule"}
    old = prescribe(patient, by=clinician, **order)  # type: ignore[arg-type]

    outcome = behind(
        partial(discontinue, old, by=clinician, reason=StatusReason.ALLERGY), partial(renew, old, by=clinician)
    )

    assert isinstance(outcome, NotRenewable)
