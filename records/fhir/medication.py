"""prescriptions as FHIR MedicationRequest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.codes import CodeSystem
from records.fhir import systems
from records.fhir.elements import (
    UNKNOWN,
    Element,
    choice,
    coding,
    concept,
    day,
    identifier,
    labelled,
    moment,
    number,
    own,
    period,
    reference,
    resource,
)
from records.value_sets import StatusReason

if TYPE_CHECKING:
    from records.models import Prescription


def medication_request(row: Prescription) -> Element:
    """Make the MedicationRequest."""
    return resource(
        "MedicationRequest",
        row,
        security=labelled(row),
        extension=[
            own("dea-schedule", valueCode=row.dea_schedule),
            own("signed-at", valueInstant=moment(row.signed_at)),
            own("ended-at", valueInstant=moment(row.ended_at)),
        ],
        status=row.status,
        statusReason=choice(f"{systems.HL7}/medicationrequest-status-reason", StatusReason, row.status_reason),
        intent=row.intent,
        priority=row.priority,
        medicationCodeableConcept=_medication(row),
        subject=reference(row.patient),
        encounter=reference(row.encounter),
        supportingInformation=[reference(row.medical_record)],
        authoredOn=day(row.authored_on),
        requester=reference(row.prescriber),
        reasonCode=[concept(coding(row.indication_system, row.indication_code))],
        dosageInstruction=[{"text": row.sig, "route": concept(text=row.route)}],
        dispenseRequest=_dispense(row),
        substitution={"allowedBoolean": row.substitution_allowed},
        priorPrescription=reference(row.prior_prescription),
    )


def _medication(row: Prescription) -> Element:
    """Name the medication. Strength and form are words here, where FHIR's Medication would want amounts and codes."""
    named = concept(
        coding(CodeSystem.RXNORM.value, row.rxcui), coding(CodeSystem.NDC.value, row.ndc11), text=row.drug_name
    )
    described = [own("strength", valueString=row.strength), own("dose-form", valueString=row.dose_form)]
    return {**named, "extension": described} if named else UNKNOWN


def _dispense(row: Prescription) -> Element:
    days = {"value": row.days_supply, "unit": "day", "system": systems.UNITS, "code": "d"}
    pharmacy = identifier(None, systems.NCPDP, row.pharmacy_ncpdp)
    return {
        "validityPeriod": period(day(row.earliest_fill_on), day(row.valid_until)),
        "numberOfRepeatsAllowed": row.refills_allowed,
        "quantity": {"value": number(row.quantity), "unit": row.quantity_unit},
        "expectedSupplyDuration": days if row.days_supply else None,
        "performer": {"type": "Organization", "identifier": pharmacy} if pharmacy else None,
    }
