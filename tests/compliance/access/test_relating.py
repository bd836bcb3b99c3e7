"""Care begins and ends at a moment, and what an account reaches follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from compliance.access import visible_to
from compliance.access.errors import CareEnded
from compliance.access.relating import begin_care, end_care
from compliance.errors import AccessDenied, RuleBroken
from compliance.models import CareRelationship, User
from patients.models import Patient
from tests.compliance.screens import page

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def desk(db: None) -> User:
    return User.objects.create_user("desk@care.example", role="front_desk", is_staff=True)


@pytest.fixture
def nurse(db: None) -> User:
    return User.objects.create_user("nurse@care.example", role="nurse", is_staff=True)


def test_care_that_begins_is_reached_and_that_ends_is_not(desk: User, nurse: User, patient: Patient) -> None:
    began = begin_care(patient, nurse, by=desk, starts_at=datetime.now(UTC) - timedelta(hours=1))
    assert list(visible_to(Patient.objects.all(), nurse)) == [patient]

    end_care(began, by=desk, at=datetime.now(UTC) - timedelta(seconds=1))

    assert list(visible_to(Patient.objects.all(), nurse)) == []
    with pytest.raises(CareEnded):
        end_care(began, by=desk)


def test_care_that_ends_today_elsewhere_ends_at_that_moment(desk: User, nurse: User, patient: Patient) -> None:
    began = begin_care(patient, nurse, by=desk, starts_at=datetime(2024, 1, 1, tzinfo=UTC))
    west = timezone(timedelta(hours=-10))

    ended = end_care(began, by=desk, at=datetime(2030, 1, 1, 23, 0, tzinfo=west))

    ended.refresh_from_db()
    assert ended.ends_at == datetime(2030, 1, 2, 9, 0, tzinfo=UTC)


def test_who_may_not_relate_does_not(nurse: User, patient: Patient) -> None:
    with pytest.raises(AccessDenied):
        begin_care(patient, nurse, by=nurse)


def test_care_does_not_begin_twice(desk: User, nurse: User, patient: Patient) -> None:
    begin_care(patient, nurse, by=desk)

    with pytest.raises(RuleBroken, match="cares for this patient already"):
        begin_care(patient, nurse, by=desk)


def test_the_front_desk_begins_care_on_screen_where_the_times_are_said_to_be_utc(
    client: Client, desk: User, nurse: User, patient: Patient
) -> None:
    client.force_login(desk)
    assert "Times are UTC." in client.get(page(CareRelationship, "add")).content.decode()

    sent = {
        "patient": patient.pk,
        "user": nurse.pk,
        "role": "nursing",
        "starts_at_0": "2024-01-01",
        "starts_at_1": "08:00",
    }
    client.post(page(CareRelationship, "add"), sent)

    made = CareRelationship.objects.get()
    assert (made.user, made.starts_at) == (nurse, datetime(2024, 1, 1, 8, tzinfo=UTC))
