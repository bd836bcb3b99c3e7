"""Begin an encounter from an appointment, and finish it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from appointments.encounter import Encounter
from appointments.errors import WrongStatus
from appointments.statuses import lock_for
from appointments.value_sets import AppointmentStatus, DischargeDisposition, EncounterClass, EncounterStatus
from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried
from patients.models import Patient

if TYPE_CHECKING:
    from appointments.appointment import Appointment
    from compliance.models import User

# What goes over from the appointment as it is; also how it is labelled, so that protection does not end at the door.
CARRIED = ("patient", "provider", "reason_system", "reason_code", "reason_text", "confidentiality", "sensitivity")
_OPEN = (EncounterStatus.ARRIVED, EncounterStatus.TRIAGED, EncounterStatus.IN_PROGRESS, EncounterStatus.ONLEAVE)


@retried
@transaction.atomic
def start_encounter(appointment: Appointment, *, by: User, encounter_class: EncounterClass | None = None) -> Encounter:
    """Begin the encounter that was planned as an appointment, which is fulfilled thereby (FHIR appointmentstatus).

    The class is virtual for an appointment on line, or else ambulatory, unless another is given. Raises WrongStatus
    before the patient has come, RuleBroken (such as for a merged patient), and AccessDenied.
    """
    require(by, "appointments.add_encounter", appointment)
    # As in booking, the patient comes before the appointment.
    Patient.objects.select_for_update(no_key=True).get(pk=appointment.patient_id)
    locked = lock_for(appointment, AppointmentStatus.FULFILLED)
    keep(locked, "status")
    started = Encounter(
        appointment=locked,
        location=locked.room,
        status=EncounterStatus.IN_PROGRESS,
        encounter_class=encounter_class
        or (EncounterClass.VIRTUAL if locked.telehealth_url else EncounterClass.AMBULATORY),
        starts_at=timezone.now(),
        **{name: getattr(locked, name) for name in CARRIED},
    )
    keep(started)
    return started


@retried
@transaction.atomic
def finish_encounter(encounter: Encounter, *, by: User, disposition: DischargeDisposition | None = None) -> Encounter:
    """Say that an encounter is over, and where the patient went after a stay; return it as it is now.

    Raises WrongStatus for one that has not begun or is over already, FieldsRefused and AccessDenied.
    """
    require(by, "appointments.change_encounter", encounter)
    locked = Encounter.objects.select_for_update(no_key=True).get(pk=encounter.pk)
    old = EncounterStatus(locked.status)
    if old not in _OPEN:
        raise WrongStatus("encounter", old, EncounterStatus.FINISHED)
    locked.status, locked.ends_at, locked.discharge_disposition = EncounterStatus.FINISHED, timezone.now(), disposition
    keep(locked, "status", "ends_at", "discharge_disposition")
    return locked
