"""Booking: who can be booked, when, and what the person at the desk is told when not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from appointments import errors
from appointments.models import Appointment
from appointments.slots import free_slots
from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User

if TYPE_CHECKING:
    from appointments.models import Location
    from patients.models import Patient
    from providers.models import Provider, ProviderAvailability

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("availability")]
HALF = timedelta(minutes=30)
NEW_YORK = ZoneInfo("America/New_York")


def test_a_free_slot_is_booked(book_at: Any, room: Location, ten: datetime) -> None:
    made = book_at(ten, room=room, reason_text="Sore throat", sensitivity=["STD"])

    stored = Appointment.objects.get(pk=made.pk)
    assert (stored.status, stored.starts_at, stored.room) == ("booked", ten, room)
    assert (stored.reason_text, stored.sensitivity) == ("Sore throat", ["STD"])


def test_nobody_books_without_the_permission(book_at: Any, ten: datetime) -> None:
    nobody = User.objects.create_user("desk@clinic.example")

    with pytest.raises(AccessDenied, match="book_appointment"):
        book_at(ten, by=nobody)


def test_a_taken_provider_is_refused_with_the_next_free_slots(
    book_at: Any, somebody_else: Patient, ten: datetime
) -> None:
    book_at(ten)
    book_at(ten + 2 * HALF)

    with pytest.raises(errors.SlotTaken, match="provider has another appointment") as refused:
        book_at(ten, patient=somebody_else)
    assert [slot.starts_at for slot in refused.value.free] == [ten + HALF, ten + 3 * HALF, ten + 4 * HALF]
    assert f"Free next: {(ten + HALF).astimezone(UTC):%Y-%m-%d %H:%M} UTC, " in str(refused.value)
    assert refused.value.rule == "appointments_provider_booked_once"


def test_a_taken_room_is_refused(
    book_at: Any, room: Location, somebody_else: Patient, provider: Provider, ten: datetime
) -> None:
    book_at(ten, room=room)
    colleague = type(provider).objects.create(
        npi="1245319599", family_name="Mossworth", given_name="Ida", active_from=date(2020, 1, 1)
    )

    with pytest.raises(errors.SlotTaken, match="room is taken"):
        book_at(ten, room=room, patient=somebody_else, provider=colleague, outside_hours=True)


def test_a_patient_is_in_one_place_at_a_time(book_at: Any, provider: Provider, ten: datetime) -> None:
    book_at(ten)
    colleague = type(provider).objects.create(
        npi="1245319599", family_name="Mossworth", given_name="Ida", active_from=date(2020, 1, 1)
    )

    with pytest.raises(errors.SlotTaken, match="patient has another appointment") as refused:
        book_at(ten, provider=colleague, outside_hours=True)
    assert refused.value.free == ()


@pytest.mark.parametrize("by", [timedelta(hours=-1, minutes=-1), timedelta(hours=6, minutes=31), timedelta(days=1)])
def test_outside_the_hours_is_booked_only_on_purpose(book_at: Any, ten: datetime, by: timedelta) -> None:
    with pytest.raises(errors.OutsideHours, match="on purpose"):
        book_at(ten + by)
    book_at(ten + by, outside_hours=True)


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=6, minutes=30)])
def test_the_first_and_the_last_half_hour_lie_within_the_hours(book_at: Any, ten: datetime, by: timedelta) -> None:
    book_at(ten + by)


@pytest.mark.parametrize(("zone", "clock"), [("America/New_York", time(21)), ("Pacific/Auckland", time(9))])
def test_hours_count_on_the_day_of_their_own_zone(
    book_at: Any, provider: Provider, ten: datetime, zone: str, clock: time
) -> None:
    """Monday evening in New York is Tuesday in UTC, and Monday morning in Auckland is Sunday."""
    hours = provider.availability.get()
    hours.time_zone, hours.starts_at, hours.ends_at = zone, clock, time(clock.hour + 2)
    hours.save()
    monday = datetime.combine(ten.date(), clock, ZoneInfo(zone))

    book_at(monday)
    with pytest.raises(errors.OutsideHours):
        book_at(monday + timedelta(days=1))


def test_hours_that_touch_are_one_time(book_at: Any, provider: Provider, ten: datetime) -> None:
    hours: ProviderAvailability = provider.availability.get()
    hours.ends_at = time(10, 15)
    hours.save()
    hours.pk, hours._state.adding = None, True
    hours.uid = type(hours)().uid
    hours.starts_at, hours.ends_at = time(10, 15), time(12)
    hours.save()

    book_at(ten)


def test_the_past_is_not_booked(book_at: Any) -> None:
    with pytest.raises(errors.InThePast, match="has passed"):
        book_at(timezone.now() - timedelta(seconds=1), outside_hours=True)


def test_a_provider_who_has_left_is_not_booked(book_at: Any, provider: Provider, ten: datetime) -> None:
    provider.active_to = ten.date() - timedelta(days=1)
    provider.save()

    with pytest.raises(errors.ProviderAway, match="not see patients here"):
        book_at(ten, outside_hours=True)


def test_a_provider_who_takes_no_new_patients_keeps_the_known_ones(
    book_at: Any, provider: Provider, somebody_else: Patient, ten: datetime
) -> None:
    book_at(ten)
    provider.accepting_patients = False
    provider.save()

    with pytest.raises(errors.NotAccepting, match="no new patients"):
        book_at(ten + HALF, patient=somebody_else)
    book_at(ten + HALF)
    somebody_else.general_practitioner = provider
    somebody_else.save()
    book_at(ten + 2 * HALF, patient=somebody_else)


def test_the_dead_are_not_booked(book_at: Any, patient: Patient, ten: datetime) -> None:
    patient.is_deceased = True
    patient.save()

    with pytest.raises(errors.PatientDeceased, match="has died"):
        book_at(ten)


def test_a_merged_patient_is_booked_under_the_record_that_goes_on(
    book_at: Any, patient: Patient, somebody_else: Patient, ten: datetime
) -> None:
    patient.merged_into, patient.merged_at = somebody_else, timezone.now()
    patient.save()

    with pytest.raises(RuleBroken, match="use the one that goes on"):
        book_at(ten)


@pytest.mark.parametrize(
    ("details", "error", "sentence"),
    [
        ({"ends_at": datetime(2024, 1, 1, tzinfo=UTC)}, RuleBroken, "ends before it begins"),
        ({"reason_code": "J02.9"}, RuleBroken, "needs its code system"),
        ({"appointment_type": "SOCIAL"}, FieldsRefused, "appointment_type: This cannot be taken"),
        ({"telehealth_url": "http://meet.example/1"}, FieldsRefused, "valid URL"),
    ],
)
def test_what_breaks_a_rule_is_said_in_a_sentence(
    book_at: Any, ten: datetime, details: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        book_at(ten, **details)
    assert not Appointment.objects.exists()


def test_a_corridor_cannot_be_had(book_at: Any, room: Location, ten: datetime) -> None:
    room.kind = "lvl"
    room.save()

    with pytest.raises(errors.NotARoom, match="active room or bed"):
        book_at(ten, room=room)


def test_free_slots_are_the_hours_less_what_is_live(
    book_at: Any, provider: Provider, ten: datetime, django_assert_num_queries: Any
) -> None:
    book_at(ten + HALF / 2)  # touches the slots of 10:00 and of 10:30
    gone = book_at(ten + 4 * HALF)
    gone.status, gone.cancellation_reason = "cancelled", "pat"
    gone.save()

    with django_assert_num_queries(2):
        free = free_slots(provider, ten.date())

    assert len(free) == 14
    assert [slot.starts_at for slot in free[:3]] == [ten - 2 * HALF, ten - HALF, ten + 2 * HALF]
    assert all(slot.ends_at - slot.starts_at == HALF for slot in free)


def test_a_day_without_hours_has_no_slots(provider: Provider, ten: datetime) -> None:
    assert free_slots(provider, ten.date() + timedelta(days=1)) == []


def test_slots_that_have_begun_are_not_offered(provider: Provider) -> None:
    assert free_slots(provider, date(2024, 5, 6)) == []
