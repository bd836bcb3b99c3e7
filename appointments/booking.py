"""Book an appointment, and move one to another time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from appointments.appointment import Appointment
from appointments.cancelling import end
from appointments.errors import (
    InThePast,
    NotAccepting,
    NotARoom,
    OutsideHours,
    PatientDeceased,
    ProviderAway,
    SlotTaken,
)
from appointments.location import Location
from appointments.slots import next_free, within_hours
from appointments.value_sets import CancellationReason
from compliance.access import require
from compliance.errors import RuleBroken
from compliance.keeping import check_fields, refuse_others
from compliance.retrying import retried
from compliance.rules import explained
from patients.models import Patient
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from compliance.models import User

PERMISSION = "appointments.book_appointment"
PATIENT_TAKEN = "appointments_patient_booked_once"
TAKEN = ("appointments_provider_booked_once", "appointments_room_booked_once", PATIENT_TAKEN)


class Details(TypedDict, total=False):
    """What else can be said of an appointment: the fields of the model of these names."""

    appointment_type: str
    service_type: str | None
    reason_system: str | None
    reason_code: str | None
    reason_text: str | None
    telehealth_url: str | None
    confidentiality: str
    sensitivity: list[str]


@retried
def book(
    patient: Patient,
    *,
    by: User,
    provider: Provider,
    starts_at: datetime,
    ends_at: datetime,
    room: Location | None = None,
    outside_hours: bool = False,
    **details: Unpack[Details],
) -> Appointment:
    """Give a patient a provider's time, and a room for it, and return the appointment.

    Raises SlotTaken with the next free slots, another AppointmentError, RuleBroken (such as for a merged patient),
    FieldsRefused and AccessDenied.
    """
    require(by, PERMISSION, patient)
    refuse_others(details, Details.__annotations__)
    wanted = Appointment(patient=patient, provider=provider, room=room, starts_at=starts_at, ends_at=ends_at, **details)
    check_fields(wanted, *Details.__annotations__)
    with _offering_others(wanted.provider, starts_at):
        _lock_and_check(wanted, starts_at, ends_at, outside_hours=outside_hours)
        wanted.save()
    return wanted


@retried
def reschedule(
    appointment: Appointment,
    *,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    provider: Provider | None = None,
    room: Location | Literal["same"] | None = "same",
    outside_hours: bool = False,
    reason: CancellationReason = CancellationReason.OTHER,
) -> Appointment:
    """Cancel an appointment and book another in its place, both or neither; return the new one.

    Provider and room stay unless others are given. Raises what `book` does, and WrongStatus.
    """
    require(by, PERMISSION, appointment)
    wanted = Appointment(
        patient=appointment.patient,
        provider=provider or appointment.provider,
        room=appointment.room if room == "same" else room,
        starts_at=starts_at,
        ends_at=ends_at,
        rescheduled_from=appointment,
        **{name: getattr(appointment, name) for name in Details.__annotations__},
    )
    check_fields(wanted, *Details.__annotations__)
    with _offering_others(wanted.provider, starts_at):
        _lock_and_check(wanted, starts_at, ends_at, outside_hours=outside_hours)
        end(appointment, reason=reason)
        wanted.save()
    return wanted


def _lock_and_check(wanted: Appointment, starts_at: datetime, ends_at: datetime, *, outside_hours: bool) -> None:
    """Lock the provider, the room and the patient, everywhere in this order, and see whether they can be had.

    The order is what keeps two bookings from a deadlock. The locks leave keys alone (FOR NO KEY UPDATE), so that who
    only refers to a provider or a room does not wait. Whose time is taken, the database says when it writes.
    """
    # The day on the clock that the caller reads: what zone the clinic is in is known nowhere else.
    active = Provider.objects.active_on(starts_at.date())
    provider = active.select_for_update(no_key=True).filter(pk=wanted.provider_id).first()
    room = wanted.room and Location.objects.rooms().select_for_update(no_key=True).filter(pk=wanted.room.pk).first()
    patient = Patient.objects.select_for_update(no_key=True).get(pk=wanted.patient_id)
    if provider is None:
        raise ProviderAway
    if wanted.room and not room:
        raise NotARoom
    if starts_at < timezone.now():
        raise InThePast
    if patient.is_deceased:
        raise PatientDeceased
    if not (provider.accepting_patients or _knows(provider, patient)):
        raise NotAccepting
    if not (outside_hours or within_hours(provider, starts_at, ends_at)):
        raise OutsideHours


def _knows(provider: Provider, patient: Patient) -> bool:
    """Say whether a patient is not new to a provider, in any record of the same person."""
    records = Patient.objects.same_person_as(patient)
    return (
        patient.general_practitioner_id == provider.pk
        or Appointment.objects.live().filter(patient__in=records, provider=provider).exists()
    )


@contextmanager
def _offering_others(provider: Provider, moment: datetime) -> Iterator[None]:
    """Book within, in one transaction; when the time is taken, say so once that is rolled back, and what is free."""
    try:
        with explained(), transaction.atomic():
            yield
    except RuleBroken as broken:
        if broken.rule not in TAKEN:
            raise
        free = [] if broken.rule == PATIENT_TAKEN else next_free(provider, moment)
        raise SlotTaken(broken.rule, broken.message, free=free) from broken
