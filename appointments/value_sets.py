"""The value sets of appointments, places and encounters. The database holds each of them as a CHECK."""

from __future__ import annotations

from django.db import models


class AppointmentStatus(models.TextChoices):
    """FHIR appointmentstatus."""

    PROPOSED = "proposed", "Proposed"
    PENDING = "pending", "Pending"
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FULFILLED = "fulfilled", "Fulfilled"
    CANCELLED = "cancelled", "Cancelled"
    NOSHOW = "noshow", "No show"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"
    CHECKED_IN = "checked-in", "Checked in"
    WAITLIST = "waitlist", "On the waiting list"


_S = AppointmentStatus

# In these the time of the provider, the room and the patient is taken.
LIVE = (_S.BOOKED, _S.ARRIVED, _S.CHECKED_IN, _S.FULFILLED)
# In these a time need not be agreed yet (FHIR app-3).
UNTIMED = (_S.PROPOSED, _S.CANCELLED, _S.WAITLIST)
# These can have been cancelled, and these checked in, at some time.
CANCELLED_ONCE = (_S.CANCELLED, _S.ENTERED_IN_ERROR)
CHECKED_IN_ONCE = (_S.CHECKED_IN, _S.FULFILLED, _S.CANCELLED, _S.ENTERED_IN_ERROR)
# What may follow what. The SQL function appointment_may_become says the same, and is the one that decides.
TRANSITIONS: dict[AppointmentStatus, tuple[AppointmentStatus, ...]] = {
    _S.PROPOSED: (_S.PENDING, _S.WAITLIST, _S.BOOKED, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.WAITLIST: (_S.PROPOSED, _S.PENDING, _S.BOOKED, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.PENDING: (_S.WAITLIST, _S.BOOKED, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.BOOKED: (_S.ARRIVED, _S.CHECKED_IN, _S.NOSHOW, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.ARRIVED: (_S.CHECKED_IN, _S.FULFILLED, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.CHECKED_IN: (_S.FULFILLED, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    # The patient came late after all.
    _S.NOSHOW: (_S.ARRIVED, _S.ENTERED_IN_ERROR),
    _S.FULFILLED: (_S.ENTERED_IN_ERROR,),
    _S.CANCELLED: (_S.ENTERED_IN_ERROR,),
    _S.ENTERED_IN_ERROR: (),
}


class AppointmentType(models.TextChoices):
    """HL7 v2 table 0276, the codes that FHIR prefers for appointmentType."""

    CHECKUP = "CHECKUP", "Routine check-up"
    EMERGENCY = "EMERGENCY", "Emergency"
    FOLLOWUP = "FOLLOWUP", "Follow-up"
    ROUTINE = "ROUTINE", "Routine"
    WALKIN = "WALKIN", "Walk-in"


class CancellationReason(models.TextChoices):
    """FHIR appointment-cancellation-reason, its groups and what a front desk picks most."""

    PATIENT = "pat", "Patient"
    PATIENT_FEELING_BETTER = "pat-fb", "Patient: feeling better"
    PATIENT_MOVED = "pat-mv", "Patient: moved"
    PATIENT_TRANSPORT = "pat-lt", "Patient: lack of transportation"
    PATIENT_DECEASED = "pat-dec", "Patient: deceased"
    PROVIDER = "prov", "Provider"
    PROVIDER_PERSONAL = "prov-pers", "Provider: personal"
    EQUIPMENT = "maint", "Equipment maintenance or repair"
    OTHER = "other", "Other"


class LocationKind(models.TextChoices):
    """FHIR location-physical-type, those that a clinic has."""

    SITE = "si", "Site"
    BUILDING = "bu", "Building"
    WARD = "wa", "Ward"
    LEVEL = "lvl", "Level"
    ROOM = "ro", "Room"
    BED = "bd", "Bed"
    VEHICLE = "ve", "Vehicle"
    HOUSE = "ho", "House"
    VIRTUAL = "vi", "Virtual"


# What one appointment at a time can have to itself. The trigger appointments_room_is_a_room names the same.
ROOMS = (LocationKind.ROOM, LocationKind.BED)


class LocationStatus(models.TextChoices):
    """FHIR location-status."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    INACTIVE = "inactive", "Inactive"


class EncounterStatus(models.TextChoices):
    """FHIR R4 encounter-status."""

    PLANNED = "planned", "Planned"
    ARRIVED = "arrived", "Arrived"
    TRIAGED = "triaged", "Triaged"
    IN_PROGRESS = "in-progress", "In progress"
    ONLEAVE = "onleave", "On leave"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"
    UNKNOWN = "unknown", "Unknown"


class EncounterClass(models.TextChoices):
    """HL7 v3 ActEncounterCode."""

    AMBULATORY = "AMB", "Ambulatory"
    EMERGENCY = "EMER", "Emergency"
    FIELD = "FLD", "Field"
    HOME = "HH", "Home health"
    INPATIENT = "IMP", "Inpatient"
    OBSERVATION = "OBSENC", "Observation"
    SHORT_STAY = "SS", "Short stay"
    VIRTUAL = "VR", "Virtual"


class DischargeDisposition(models.TextChoices):
    """FHIR encounter-discharge-disposition."""

    HOME = "home", "Home"
    ALTERNATIVE_HOME = "alt-home", "Alternative home"
    OTHER_FACILITY = "other-hcf", "Other healthcare facility"
    HOSPICE = "hosp", "Hospice"
    LONG_TERM = "long", "Long-term care"
    AGAINST_ADVICE = "aadvice", "Left against advice"
    EXPIRED = "exp", "Expired"
    PSYCHIATRIC = "psy", "Psychiatric hospital"
    REHABILITATION = "rehab", "Rehabilitation"
    SKILLED_NURSING = "snf", "Skilled nursing facility"
    OTHER = "oth", "Other"
