"""Appointments: a provider's time is given once, and what else PostgreSQL refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from appointments.models import LIVE, Appointment

pytestmark = pytest.mark.django_db
HALF = timedelta(minutes=30)


def beside(first: Appointment, *, after: timedelta, status: str = "booked") -> Appointment:
    """Return an unsaved appointment of the same length that begins so long after the first one begins."""
    return Appointment(
        patient=first.patient,
        provider=first.provider,
        starts_at=first.starts_at + after,
        ends_at=first.ends_at + after,
        status=status,
        cancellation_reason="patient asked" if status == "cancelled" else "",
    )


@pytest.mark.parametrize("after", [-HALF + timedelta(seconds=1), timedelta(), HALF - timedelta(seconds=1)])
def test_a_provider_is_not_booked_twice(appointment: Appointment, after: timedelta) -> None:
    second = beside(appointment, after=after)

    with pytest.raises(ValidationError, match="another appointment at this time"):
        second.full_clean()
    with pytest.raises(IntegrityError, match="appointments_provider_booked_once"), transaction.atomic():
        second.save()


@pytest.mark.parametrize("after", [-HALF, HALF])
def test_one_appointment_begins_when_another_ends(appointment: Appointment, after: timedelta) -> None:
    second = beside(appointment, after=after)

    second.full_clean()
    second.save()


@pytest.mark.parametrize("status", Appointment.Status.values)
def test_the_statuses_that_take_time_are_the_same_in_python_and_postgresql(
    appointment: Appointment, status: str
) -> None:
    second = beside(appointment, after=timedelta(), status=status)

    if status in LIVE:
        with pytest.raises(IntegrityError, match="appointments_provider_booked_once"), transaction.atomic():
            second.save()
    else:
        second.full_clean()
        second.save()


def test_an_appointment_does_not_stand_in_its_own_way(appointment: Appointment) -> None:
    appointment.ends_at += HALF

    appointment.full_clean()
    appointment.save()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("appointments_status_known", {"status": "maybe"}),
        ("appointments_type_known", {"appointment_type": "SOCIAL"}),
        ("appointments_end_after_start", {"ends_at": datetime(2024, 5, 6, 9, 0, tzinfo=UTC)}),
        ("appointments_cancelled_with_reason", {"status": "cancelled"}),
    ],
)
def test_an_appointment_that_breaks_a_rule_is_refused(
    appointment: Appointment, rule: str, changes: dict[str, str | datetime]
) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Appointment.objects.filter(pk=appointment.pk).update(**changes)
    for name, value in changes.items():
        setattr(appointment, name, value)
    with pytest.raises(ValidationError):
        appointment.full_clean()


def test_an_appointment_does_not_replace_itself(appointment: Appointment) -> None:
    appointment.rescheduled_from = appointment

    with pytest.raises(IntegrityError, match="appointments_not_rescheduled_from_itself"):
        appointment.save()
