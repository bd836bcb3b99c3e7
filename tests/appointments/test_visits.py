"""From the door to the doctor: arriving, checking in, missing, cancelling, and the encounter that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from appointments.arrival import arrive, check_in, mark_no_show
from appointments.cancelling import cancel
from appointments.encounters import finish_encounter, start_encounter
from appointments.errors import TooEarly, WrongStatus
from appointments.models import Appointment
from appointments.value_sets import CancellationReason, DischargeDisposition
from compliance.errors import AccessDenied, RuleBroken
from compliance.models import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from appointments.models import Encounter, Location
    from patients.models import Patient

pytestmark = pytest.mark.django_db
NOT_NEEDED = CancellationReason.PATIENT_FEELING_BETTER


def test_a_visit_goes_from_the_door_to_its_end(appointment: Appointment, administrator: User, room: Location) -> None:
    appointment.room, appointment.reason_text, appointment.sensitivity = room, "Sore throat", ["STD"]
    appointment.save()
    began = timezone.now()

    assert arrive(appointment, by=administrator).status == "arrived"
    checked_in = check_in(appointment, by=administrator)
    assert checked_in.status == "checked-in"
    assert checked_in.checked_in_at is not None
    assert checked_in.checked_in_at >= began
    visit = start_encounter(appointment, by=administrator)
    appointment.refresh_from_db()
    assert appointment.status == "fulfilled"
    assert (visit.status, visit.encounter_class, visit.ends_at) == ("in-progress", "AMB", None)
    assert (visit.patient, visit.provider, visit.location) == (appointment.patient, appointment.provider, room)
    assert (visit.reason_text, visit.sensitivity) == ("Sore throat", ["STD"])
    finished = finish_encounter(visit, by=administrator, disposition=DischargeDisposition.HOME)
    assert finished.ends_at is not None
    assert finished.ends_at >= visit.starts_at >= began
    assert (finished.status, finished.discharge_disposition) == ("finished", "home")


def test_an_appointment_on_line_becomes_a_virtual_encounter(appointment: Appointment, administrator: User) -> None:
    appointment.telehealth_url = "https://meet.example/1"
    appointment.save()
    arrive(appointment, by=administrator)

    assert start_encounter(appointment, by=administrator).encounter_class == "VR"


def test_cancelling_frees_the_time_and_says_why(appointment: Appointment, administrator: User) -> None:
    cancelled = cancel(appointment, by=administrator, reason=NOT_NEEDED, note="Called this morning")

    assert (cancelled.status, cancelled.cancellation_reason) == ("cancelled", "pat-fb")
    assert cancelled.cancellation_note == "Called this morning"
    assert not Appointment.objects.live().exists()


def test_a_visit_that_did_not_happen_is_a_no_show_and_may_still_come_late(
    appointment: Appointment, administrator: User
) -> None:
    assert mark_no_show(appointment, by=administrator).status == "noshow"
    assert arrive(appointment, by=administrator).status == "arrived"


def test_who_comes_late_may_find_the_time_given_to_another(appointment: Appointment, administrator: User) -> None:
    mark_no_show(appointment, by=administrator)
    taken = Appointment.objects.get(pk=appointment.pk)
    taken.pk, taken._state.adding = None, True
    taken.uid, taken.status = Appointment().uid, "booked"
    taken.save()

    with pytest.raises(RuleBroken, match="another appointment at this time"):
        arrive(appointment, by=administrator)


def test_nobody_misses_an_appointment_before_it_begins(appointment: Appointment, administrator: User) -> None:
    appointment.starts_at = timezone.now() + timedelta(minutes=1)
    appointment.ends_at = appointment.starts_at + timedelta(minutes=30)
    appointment.save()

    with pytest.raises(TooEarly, match="not begun yet"):
        mark_no_show(appointment, by=administrator)


@pytest.mark.parametrize(
    ("status", "verb", "sentence"),
    [
        ("fulfilled", check_in, "cannot go from the status “fulfilled” to “checked in”"),
        ("checked-in", arrive, "cannot go from the status “checked in” to “arrived”"),
        ("arrived", arrive, "already in the status: arrived"),
        ("checked-in", mark_no_show, "cannot go from the status “checked in” to “no show”"),
        ("booked", start_encounter, "cannot go from the status “booked” to “fulfilled”"),
        ("fulfilled", start_encounter, "already in the status: fulfilled"),
    ],
)
def test_a_step_that_does_not_follow_is_refused_in_words(
    appointment: Appointment, administrator: User, status: str, verb: Callable[..., Any], sentence: str
) -> None:
    if status == "fulfilled":
        arrive(appointment, by=administrator)
    if status != "booked":
        came = None if status == "arrived" else timezone.now()
        Appointment.objects.filter(pk=appointment.pk).update(status=status, checked_in_at=came)

    with pytest.raises(WrongStatus, match=sentence):
        verb(appointment, by=administrator)
    assert Appointment.objects.get().status == status


def test_cancelling_twice_is_an_error(appointment: Appointment, administrator: User) -> None:
    cancel(appointment, by=administrator, reason=NOT_NEEDED)

    with pytest.raises(WrongStatus, match="already in the status: cancelled"):
        cancel(appointment, by=administrator, reason=NOT_NEEDED)


def test_an_encounter_is_finished_once(encounter: Encounter, administrator: User) -> None:
    finish_encounter(encounter, by=administrator)

    with pytest.raises(WrongStatus, match="encounter is already in the status: finished"):
        finish_encounter(encounter, by=administrator)


def test_a_planned_encounter_is_not_finished(encounter: Encounter, administrator: User) -> None:
    encounter.status = "planned"
    encounter.save()

    with pytest.raises(WrongStatus, match="from the status “planned” to “finished”"):
        finish_encounter(encounter, by=administrator)


def test_a_merged_patient_gets_no_new_encounter(
    appointment: Appointment, patient: Patient, administrator: User
) -> None:
    survivor = type(patient).objects.get(pk=patient.pk)
    survivor.pk, survivor._state.adding = None, True
    survivor.uid, survivor.mrn = type(patient)().uid, "A-1002"
    survivor.save()
    arrive(appointment, by=administrator)
    patient.merged_into, patient.merged_at = survivor, timezone.now()
    patient.save()

    with pytest.raises(RuleBroken, match="use the one that goes on"):
        start_encounter(appointment, by=administrator)
    appointment.refresh_from_db()
    assert appointment.status == "arrived"


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        (arrive, "check_in_appointment"),
        (check_in, "check_in_appointment"),
        (mark_no_show, "check_in_appointment"),
        (start_encounter, "add_encounter"),
        (lambda row, by: cancel(row, by=by, reason=NOT_NEEDED), "cancel_appointment"),
        (lambda row, by: finish_encounter(row, by=by), "change_encounter"),
    ],
)
def test_each_step_needs_its_permission(
    appointment: Appointment, verb: Callable[..., Any], permission: str, db: None
) -> None:
    nobody = User.objects.create_user("desk@clinic.example")

    with pytest.raises(AccessDenied, match=permission):
        verb(appointment, by=nobody)
