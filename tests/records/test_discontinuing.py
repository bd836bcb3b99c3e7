"""Holding, resuming and stopping prescriptions, and the permissions of all that is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compliance.errors import AccessDenied
from compliance.models import User
from records import errors
from records.discontinuing import discontinue, hold, resume
from records.models import Prescription
from records.prescribing import prescribe, renew
from records.value_sets import PRESCRIPTION_TRANSITIONS, StatusReason

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def test_a_prescription_is_held_resumed_and_stopped(ordered: Any, clinician: User) -> None:
    order = ordered()

    held = hold(order, by=clinician, reason=StatusReason.SURGERY)
    assert (held.status, held.status_reason, held.ended_at) == ("on-hold", "surg", None)
    resumed = resume(order, by=clinician)
    assert (resumed.status, resumed.status_reason) == ("active", None)
    stopped = discontinue(order, by=clinician, reason=StatusReason.ALLERGY)
    assert (stopped.status, stopped.status_reason) == ("stopped", "salg")
    assert stopped.ended_at is not None


@pytest.mark.parametrize(
    ("status", "verb", "sentence"),
    [
        ("stopped", discontinue, "already in the status: stopped"),
        ("completed", discontinue, "cannot go from the status “completed” to “stopped”"),
        ("stopped", hold, "cannot go from the status “stopped” to “on hold”"),
        ("stopped", resume, "cannot go from the status “stopped” to “active”"),
        ("active", resume, "already in the status: active"),
    ],
)
def test_a_step_that_does_not_follow_is_refused_in_words(
    ordered: Any, clinician: User, status: str, verb: Callable[..., Any], sentence: str
) -> None:
    order = ordered()
    Prescription.objects.filter(pk=order.pk).update(status=status)

    with pytest.raises(errors.WrongStatus, match=sentence):
        verb(order, by=clinician, **({} if verb is resume else {"reason": StatusReason.ALLERGY}))


def test_a_draft_does_not_become_active_by_being_resumed(prescription: Prescription, administrator: User) -> None:
    with pytest.raises(errors.WrongStatus, match="from the status “draft” to “active”"):
        resume(prescription, by=administrator)


def test_every_status_says_what_may_follow_it() -> None:
    assert set(PRESCRIPTION_TRANSITIONS) == set(Prescription.Status)
    assert all(old not in after for old, after in PRESCRIPTION_TRANSITIONS.items())


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        (lambda row, by: prescribe(row.patient, by=by, drug_name="Amoxicillin"), "prescribe_prescription"),
        (renew, "prescribe_prescription"),
        (lambda row, by: discontinue(row, by=by, reason=StatusReason.ALLERGY), "discontinue_prescription"),
        (lambda row, by: hold(row, by=by, reason=StatusReason.ALLERGY), "discontinue_prescription"),
        (resume, "discontinue_prescription"),
    ],
)
def test_each_step_needs_its_permission(prescription: Prescription, verb: Callable[..., Any], permission: str) -> None:
    with pytest.raises(AccessDenied, match=permission):
        verb(prescription, by=User.objects.create_user("desk@clinic.example"))
