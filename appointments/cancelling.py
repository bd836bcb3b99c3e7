"""Cancel an appointment: the time of its provider, room and patient is free again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from appointments.statuses import lock_for
from appointments.value_sets import AppointmentStatus, CancellationReason
from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried

if TYPE_CHECKING:
    from appointments.appointment import Appointment
    from compliance.models import User


@retried
@transaction.atomic
def cancel(appointment: Appointment, *, by: User, reason: CancellationReason, note: str | None = None) -> Appointment:
    """Free the time, and return the appointment as it is now.

    Cancelling twice is an error: the second caller believes something false. Raises WrongStatus, RuleBroken,
    FieldsRefused and AccessDenied.
    """
    require(by, "appointments.cancel_appointment", appointment)
    return end(appointment, reason=reason, note=note)


def end(appointment: Appointment, *, reason: CancellationReason, note: str | None = None) -> Appointment:
    """Cancel it within the transaction, and under the permission, of whoever calls."""
    locked = lock_for(appointment, AppointmentStatus.CANCELLED)
    locked.cancellation_reason, locked.cancellation_note = reason, note
    keep(locked, "status", "cancellation_reason", "cancellation_note")
    return locked
