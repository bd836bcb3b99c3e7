"""Two sessions at the same moment: one opens, acknowledges or reviews, the other is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from compliance.access.break_glass import open_chart
from compliance.access.errors import ReviewedAlready
from compliance.access.reviewing import review
from compliance.accounts.stepping_up import Proof
from compliance.errors import RuleBroken
from compliance.models import AuditLog, BreakGlassGrant, Notice, User
from tests.compliance.access.conftest import REASON
from tests.sessions import behind

if TYPE_CHECKING:
    from patients.models import Patient


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


def test_of_two_openings_at_once_one_holds(patient: Patient, physician: User, reviewer: User) -> None:
    proof = Proof(physician.pk, timezone.now())

    outcome = behind(
        lambda: open_chart(patient, by=physician, reason=REASON, minutes=60, proof=proof),
        lambda: open_chart(patient, by=physician, reason=REASON, minutes=60, proof=proof),
    )

    assert isinstance(outcome, RuleBroken)
    assert "already" in str(outcome)
    assert BreakGlassGrant.objects.count() == Notice.objects.count() == 1


def test_of_two_reviewers_at_once_the_second_is_told(break_glass_grant: BreakGlassGrant, reviewer: User) -> None:
    second = User.objects.create_user("second@clinic.example", role="compliance_officer")

    outcome = behind(
        lambda: review(break_glass_grant, by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED),
        lambda: review(break_glass_grant, by=second, outcome=BreakGlassGrant.ReviewOutcome.NOT_JUSTIFIED, note="No"),
    )

    assert isinstance(outcome, ReviewedAlready)
    assert BreakGlassGrant.objects.get().reviewed_by == reviewer


def test_what_is_refused_stands_in_the_trail_when_all_is_rolled_back(patient: Patient, physician: User) -> None:
    with pytest.raises(Exception, match="few words"):
        open_chart(patient, by=physician, reason="urgent", minutes=60, proof=Proof(physician.pk, timezone.now()))

    assert AuditLog.objects.filter(event_type="denied", patient_id=patient.pk).count() == 1
