"""An officer edits rules.toml: whatever it says then, lists, row-level security and capabilities say the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from compliance.access import permits, visible_to
from compliance.audit.context import acting
from compliance.models import BreakGlassGrant, CareRelationship, ConsentRule, User
from patients.models import Patient
from tests.logins import as_app
from tests.people import may

if TYPE_CHECKING:
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db


def edit(purpose: str, *, decision: str, in_emergency: str = "deny", instead_of: str | None = None) -> None:
    """Let a rule about whatever has none of its own stand in the place of another."""
    now = timezone.now()
    ConsentRule.objects.filter(purpose=instead_of or purpose, label="*").update(ends_at=now)
    ConsentRule.objects.create(
        purpose=purpose, label="*", decision=decision, in_emergency=in_emergency, unless_author=False,
        citation="State law", reason="As the officer says.", starts_at=now,
    )  # fmt: skip


def seen(account: User, purpose: str) -> set[int]:
    """The patients whom an account is shown, which each way of asking tells alike."""
    everybody = list(Patient.objects.all())
    opened = {one.pk for one in everybody if permits(account, "patients.view_patient", one, purpose=purpose)}
    assert {one.pk for one in visible_to(Patient.objects.all(), account, purpose)} == opened
    with acting(account, purpose=purpose), as_app():
        assert {one.pk for one in Patient.objects.all()} == opened
    return opened


def test_where_treatment_takes_a_consent_an_emergency_opens_the_chart_without_one(
    patient: Patient, other_patient: Patient, physician: User, gives: Gives
) -> None:
    now = timezone.now()
    for one in (patient, other_patient):
        CareRelationship.objects.create(patient=one, user=physician, starts_at=now - timedelta(days=1))
    edit("TREAT", decision="deny", in_emergency="permit")
    assert seen(physician, "TREAT") == set()

    gives(consent_type="treatment", purposes=["TREAT"])
    assert seen(physician, "TREAT") == {patient.pk}

    BreakGlassGrant.objects.create(
        patient=other_patient,
        user=physician,
        reason="Unconscious",
        opened_at=now,
        ends_at=now + timedelta(hours=1),
        proved_at=now,
    )
    assert seen(physician, "TREAT") == {patient.pk, other_patient.pk}


def test_a_rule_for_any_purpose_is_that_of_a_purpose_without_one(patient: Patient, physician: User) -> None:
    may(physician, "patients.view_patient")
    assert seen(physician, "HLEGAL") == set()

    edit("*", decision="permit", instead_of="HLEGAL")

    assert seen(physician, "HLEGAL") == {patient.pk}
    assert seen(physician, "HMARKT") == set(), "which has one of its own"
