"""Several people book the same time at the same moment, each in a session of their own."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from appointments.booking import book, reschedule
from appointments.errors import SlotTaken, WrongStatus
from appointments.models import Appointment
from tests.sessions import behind, in_sessions

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.usefixtures("availability")
HALF = timedelta(minutes=30)


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


@pytest.fixture
def crowd(patient: Patient) -> list[Patient]:
    """Six patients who want the same."""
    Patient = type(patient)  # noqa: N806 - the model, which cannot be imported before the settings
    return [
        Patient.objects.create(
            mrn=f"B-{number}",
            assigning_authority="Example Clinic",
            given_name=f"Patient {number}",
            birth_date=patient.birth_date,
            administrative_gender="unknown",
        )
        for number in range(6)
    ]


def test_of_those_who_want_one_slot_one_gets_it_and_the_others_are_told(
    crowd: list[Patient], provider: Provider, administrator: User, ten: datetime
) -> None:
    ready = threading.Barrier(len(crowd))

    def want(patient: Patient) -> Appointment:
        ready.wait(timeout=30)
        return book(patient, by=administrator, provider=provider, starts_at=ten, ends_at=ten + HALF)

    outcomes = in_sessions(*(partial(want, patient) for patient in crowd))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appointment"] + ["SlotTaken"] * 5
    assert Appointment.objects.live().count() == 1
    for refused in (outcome for outcome in outcomes if isinstance(outcome, SlotTaken)):
        assert refused.free[0].starts_at == ten + HALF


def test_who_comes_second_waits_for_one_who_writes_past_the_capability(
    crowd: list[Patient], provider: Provider, administrator: User, ten: datetime
) -> None:
    """The other one has no lock but its row, as from psql."""
    first, second = crowd[:2]

    outcome = behind(
        lambda: Appointment.objects.create(patient=first, provider=provider, starts_at=ten, ends_at=ten + HALF),
        lambda: book(second, by=administrator, provider=provider, starts_at=ten, ends_at=ten + HALF),
    )

    assert isinstance(outcome, SlotTaken)
    assert "provider has another appointment" in str(outcome)


def test_an_appointment_that_two_people_move_goes_to_one_place(
    patient: Patient, provider: Provider, administrator: User, ten: datetime
) -> None:
    old = book(patient, by=administrator, provider=provider, starts_at=ten, ends_at=ten + HALF)
    ready = threading.Barrier(2)

    def move(by: timedelta) -> Appointment:
        ready.wait(timeout=30)
        return reschedule(old, by=administrator, starts_at=ten + by, ends_at=ten + by + HALF)

    outcomes = in_sessions(partial(move, HALF), partial(move, 2 * HALF))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appointment", WrongStatus.__name__]
    assert Appointment.objects.live().get().rescheduled_from == old
