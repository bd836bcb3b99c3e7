"""Where and when: locations as FHIR Location, appointments as Appointment, encounters as Encounter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appointments.value_sets import (
    AppointmentStatus,
    AppointmentType,
    CancellationReason,
    DischargeDisposition,
    EncounterClass,
    LocationKind,
)
from records.fhir import systems
from records.fhir.elements import (
    Element,
    choice,
    coding,
    concept,
    extension,
    filled,
    labelled,
    moment,
    own,
    period,
    reference,
    resource,
    telecom,
)

if TYPE_CHECKING:
    from appointments.models import Appointment, Encounter, Location

# Nobody has agreed to these yet.
_ASKED = {AppointmentStatus.PROPOSED, AppointmentStatus.PENDING, AppointmentStatus.WAITLIST}


def location(row: Location) -> Element:
    """Make the Location."""
    address = filled({"line": [row.address_line], "city": row.city, "state": row.state, "postalCode": row.postal_code})
    return resource(
        "Location",
        row,
        status=row.status,
        name=row.name,
        mode="instance",
        telecom=[telecom("phone", row.phone, "work")],
        address={"use": "work", **address, "country": "US"} if address else None,
        physicalType=choice(f"{systems.HL7}/location-physical-type", LocationKind, row.kind),
        partOf=reference(row.part_of),
    )


def appointment(row: Appointment) -> Element:
    """Make the Appointment. Its participants are the patient, the provider and the room."""
    reason = concept(
        choice(f"{systems.HL7}/appointment-cancellation-reason", CancellationReason, row.cancellation_reason).get(
            "coding", [{}]
        )[0],
        text=row.cancellation_note,
    )
    # app-4: the element is for what is cancelled; what was, and turned out a mistake, keeps its reason beside it.
    cancelled = row.status == AppointmentStatus.CANCELLED
    answer = "needs-action" if row.status in _ASKED else "accepted"
    return resource(
        "Appointment",
        row,
        security=labelled(row),
        extension=[
            own("telehealth-url", valueUrl=row.telehealth_url),
            own("checked-in-at", valueDateTime=moment(row.checked_in_at)),
            own("cancellation-reason", valueCodeableConcept=None if cancelled else reason),
            extension(systems.from_r5("Appointment.replaces"), valueReference=reference(row.rescheduled_from)),
        ],
        status=row.status,
        cancelationReason=reason if cancelled else None,
        serviceType=[concept(text=row.service_type)],
        appointmentType=choice(f"{systems.HL7}/v2-0276", AppointmentType, row.appointment_type),
        reasonCode=[concept(coding(row.reason_system, row.reason_code), text=row.reason_text)],
        start=moment(row.starts_at),
        end=moment(row.ends_at),
        created=moment(row.created_at),
        participant=[
            {"actor": reference(actor), "status": answer} for actor in (row.patient, row.provider, row.room) if actor
        ],
    )


def encounter(row: Encounter) -> Element:
    """Make the Encounter."""
    kind = EncounterClass(row.encounter_class)
    disposition = choice(f"{systems.HL7}/discharge-disposition", DischargeDisposition, row.discharge_disposition)
    return resource(
        "Encounter",
        row,
        security=labelled(row),
        status=row.status,
        **{"class": coding(systems.ACT_CODE, kind.value, str(kind.label))},
        subject=reference(row.patient),
        participant=[{"individual": reference(row.provider)}],
        appointment=[reference(row.appointment)],
        period=period(moment(row.starts_at), moment(row.ends_at)),
        reasonCode=[concept(coding(row.reason_system, row.reason_code), text=row.reason_text)],
        hospitalization={"dischargeDisposition": disposition},
        location=[{"location": reference(row.location)}] if row.location else None,
    )
