"""Moving an appointment: both the old and the new one change, or neither."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from appointments import errors
from appointments.booking import reschedule

if TYPE_CHECKING:
    from datetime import datetime

    from appointments.models import Location
    from compliance.models import User
    from patients.models import Patient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("availability")]
HALF = timedelta(minutes=30)


def test_moving_an_appointment_cancels_the_old_one(
    book_at: Any, room: Location, administrator: User, ten: datetime
) -> None:
    old = book_at(ten, room=room, reason_text="Sore throat", confidentiality="R")

    new = reschedule(old, by=administrator, starts_at=ten + HALF / 2, ends_at=ten + 2 * HALF)

    old.refresh_from_db()
    assert (old.status, old.cancellation_reason) == ("cancelled", "other")
    assert (new.rescheduled_from, new.room, new.reason_text, new.confidentiality) == (old, room, "Sore throat", "R")
    assert (new.starts_at, new.ends_at, new.status) == (ten + HALF / 2, ten + 2 * HALF, "booked")


def test_an_appointment_can_be_moved_out_of_its_room(
    book_at: Any, room: Location, administrator: User, ten: datetime
) -> None:
    old = book_at(ten, room=room)

    assert reschedule(old, by=administrator, starts_at=ten, ends_at=ten + HALF, room=None).room is None


def test_what_cannot_be_moved_stays_as_it_was(
    book_at: Any, somebody_else: Patient, administrator: User, ten: datetime
) -> None:
    old = book_at(ten)
    book_at(ten + HALF, patient=somebody_else)

    with pytest.raises(errors.SlotTaken):
        reschedule(old, by=administrator, starts_at=ten + HALF, ends_at=ten + 2 * HALF)
    old.refresh_from_db()
    assert old.status == "booked"


def test_an_appointment_is_moved_once(book_at: Any, administrator: User, ten: datetime) -> None:
    old = book_at(ten)
    reschedule(old, by=administrator, starts_at=ten + HALF, ends_at=ten + 2 * HALF)

    with pytest.raises(errors.WrongStatus, match="already in the status: cancelled"):
        reschedule(old, by=administrator, starts_at=ten + 3 * HALF, ends_at=ten + 4 * HALF)
