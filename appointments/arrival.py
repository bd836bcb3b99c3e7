"""Say that a patient came, or did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from appointments.errors import TooEarly
from appointments.statuses import lock_for
from appointments.value_sets import AppointmentStatus
from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried

if TYPE_CHECKING:
    from appointments.appointment import Appointment
    from compliance.models import User

PERMISSION = "appointments.check_in_appointment"


@retried
@transaction.atomic
def arrive(appointment: Appointment, *, by: User) -> Appointment:
    """Say that the patient is here, in time or, after a no-show, late.

    Raises WrongStatus, RuleBroken when the time of a no-show has been given to another, and AccessDenied.
    """
    require(by, PERMISSION, appointment)
    locked = lock_for(appointment, AppointmentStatus.ARRIVED)
    keep(locked, "status")
    return locked


@retried
@transaction.atomic
def check_in(appointment: Appointment, *, by: User) -> Appointment:
    """Say that the patient's papers are done, and when. Raises WrongStatus and AccessDenied."""
    require(by, PERMISSION, appointment)
    locked = lock_for(appointment, AppointmentStatus.CHECKED_IN)
    locked.checked_in_at = timezone.now()
    keep(locked, "status", "checked_in_at")
    return locked


@retried
@transaction.atomic
def mark_no_show(appointment: Appointment, *, by: User) -> Appointment:
    """Say that the patient did not come. The time is free again. Raises TooEarly, WrongStatus and AccessDenied."""
    require(by, PERMISSION, appointment)
    locked = lock_for(appointment, AppointmentStatus.NOSHOW)
    if locked.starts_at is not None and locked.starts_at > timezone.now():
        raise TooEarly
    keep(locked, "status")
    return locked
