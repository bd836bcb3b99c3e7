"""Appointments: a provider's time is given once, and what else PostgreSQL refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from appointments.models import Appointment
from appointments.value_sets import LIVE

if TYPE_CHECKING:
    from appointments.models import Location
    from patients.models import Patient
    from providers.models import Provider

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
        cancellation_reason="pat" if status == "cancelled" else None,
        checked_in_at=first.starts_at + after if status == "checked-in" else None,
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


def test_two_appointments_without_a_room_may_be_at_one_time(
    appointment: Appointment, other_patient: Patient, other_provider: Provider
) -> None:
    second = beside(appointment, after=timedelta())
    second.patient, second.provider = other_patient, other_provider

    second.full_clean()
    second.save()


def test_an_appointment_in_a_room_that_closed_since_goes_on(appointment: Appointment, room: Location) -> None:
    appointment.room = room
    appointment.save()
    room.status = "inactive"
    room.save()

    appointment.service_type = "Follow-up"
    appointment.save()


def test_a_list_of_a_day_has_what_begins_in_it(appointment: Appointment) -> None:
    start, end = appointment.starts_at, appointment.ends_at

    assert list(Appointment.objects.starting(start, end)) == [appointment]
    assert not Appointment.objects.starting(start - HALF, start)
    assert not Appointment.objects.starting(start + timedelta(minutes=1), end)
