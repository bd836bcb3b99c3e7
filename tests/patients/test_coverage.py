"""Who pays for a patient's care: attached, confirmed, ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from patients.coverage import attach, end, verify
from patients.errors import ConfirmedLater, EndedEarlier, NotInForce
from patients.merging import merge
from patients.models import InsuranceInfo, Patient

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
MUTUAL = {"payer_name": "Example Mutual", "member_id": "M-77", "period_start": date(2024, 1, 1)}


def test_insurance_is_attached(patient: Patient, administrator: User) -> None:
    coverage = attach(patient, by=administrator, **MUTUAL, group_number="")

    kept = InsuranceInfo.objects.get()
    assert kept == coverage
    assert (kept.patient, kept.payer_name, kept.group_number) == (patient, "Example Mutual", None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The patient has another active coverage with this place in the order at this time."),
        ({"coverage_order": 2, "member_id": None}, "Insurance needs its payer and the member number."),
        ({"coverage_order": 2, "period_end": date(2023, 1, 1)}, "The coverage ends before it begins."),
    ],
)
def test_a_rule_that_is_broken_is_said_in_its_sentence(
    insurance: InsuranceInfo, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RuleBroken) as broken:
        attach(insurance.patient, by=administrator, **{**MUTUAL, **changes})

    assert str(broken.value) == sentence


def test_what_a_field_refuses_is_said_by_its_name(patient: Patient, administrator: User) -> None:
    with pytest.raises(FieldsRefused, match="subscriber_birth_date: A date of birth lies"):
        attach(patient, by=administrator, **MUTUAL, subscriber_birth_date=date(1066, 1, 1))


def test_a_merged_record_takes_no_coverage(patient: Patient, administrator: User) -> None:
    duplicate = Patient.objects.create(
        mrn="A-2",
        assigning_authority="Example Clinic",
        family_name="Quillfeather",
        birth_date=patient.birth_date,
        administrative_gender="female",
    )
    merge(duplicate, into=patient, by=administrator)

    with pytest.raises(RuleBroken, match="has been merged: use the one that goes on"):
        attach(duplicate, by=administrator, **MUTUAL)


def test_the_payer_confirms_a_coverage(insurance: InsuranceInfo, administrator: User) -> None:
    asked = timezone.now() - timedelta(hours=1)

    verify(insurance, by=administrator, at=asked)
    insurance.refresh_from_db()
    assert (insurance.verified_at, insurance.verified_by) == (asked, administrator)

    verify(insurance, by=administrator)
    insurance.refresh_from_db()
    assert insurance.verified_at is not None
    assert insurance.verified_at > asked


def test_a_confirmation_lies_in_the_past_and_does_not_take_the_place_of_a_later_one(
    insurance: InsuranceInfo, administrator: User
) -> None:
    now = timezone.now()
    with pytest.raises(ConfirmedLater):
        verify(insurance, by=administrator, at=now + timedelta(minutes=5))
    verify(insurance, by=administrator, at=now)
    with pytest.raises(ConfirmedLater):
        verify(insurance, by=administrator, at=now - timedelta(days=1))

    insurance.refresh_from_db()
    assert insurance.verified_at == now


def test_when_a_coverage_ends_another_takes_its_place(insurance: InsuranceInfo, administrator: User) -> None:
    end(insurance, by=administrator, last_day=date(2024, 6, 30))

    following = attach(insurance.patient, by=administrator, **{**MUTUAL, "period_start": date(2024, 7, 1)})

    insurance.refresh_from_db()
    assert insurance.period_end == date(2024, 6, 30)
    assert following.coverage_order == insurance.coverage_order


def test_to_end_a_coverage_never_prolongs_it(insurance: InsuranceInfo, administrator: User) -> None:
    end(insurance, by=administrator, last_day=date(2024, 6, 30))

    with pytest.raises(EndedEarlier, match="attach a new one"):
        end(insurance, by=administrator, last_day=date(2024, 7, 1))
    with pytest.raises(RuleBroken, match="ends before it begins"):
        end(insurance, by=administrator, last_day=date(2023, 12, 31))

    insurance.refresh_from_db()
    assert insurance.period_end == date(2024, 6, 30)


def test_a_coverage_that_is_not_active_is_neither_confirmed_nor_ended(
    insurance: InsuranceInfo, administrator: User
) -> None:
    insurance.status = InsuranceInfo.Status.ENTERED_IN_ERROR
    insurance.save()

    with pytest.raises(NotInForce, match="This coverage is entered in error"):
        verify(insurance, by=administrator)
    with pytest.raises(NotInForce, match="This coverage is entered in error"):
        end(insurance, by=administrator, last_day=date(2024, 6, 30))


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        (lambda insurance, by: attach(insurance.patient, by=by, **MUTUAL, coverage_order=2), "add_insuranceinfo"),
        (lambda insurance, by: verify(insurance, by=by), "verify_insuranceinfo"),
        (lambda insurance, by: end(insurance, by=by, last_day=date(2024, 6, 30)), "change_insuranceinfo"),
    ],
)
def test_each_verb_asks_for_its_permission(
    insurance: InsuranceInfo, verb: Callable[[InsuranceInfo, User], object], permission: str
) -> None:
    nobody = User.objects.create_user("desk@clinic.example")

    with pytest.raises(AccessDenied, match=permission):
        verb(insurance, nobody)
