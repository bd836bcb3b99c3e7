"""Take an appointment from one status to another."""

from __future__ import annotations

from appointments.appointment import Appointment
from appointments.errors import WrongStatus
from appointments.value_sets import TRANSITIONS, AppointmentStatus


def lock_for(appointment: Appointment, status: AppointmentStatus) -> Appointment:
    """Lock an appointment that is to get a status, and return it as it is now. Raises WrongStatus if it cannot."""
    locked = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
    old = AppointmentStatus(locked.status)
    if status not in TRANSITIONS[old]:
        raise WrongStatus("appointment", old, status)
    locked.status = status
    return locked
