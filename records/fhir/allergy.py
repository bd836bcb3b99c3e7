"""allergies as FHIR AllergyIntolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.value_sets import AllergyClinicalStatus, AllergyVerificationStatus
from records.fhir import systems
from records.fhir.elements import (
    UNKNOWN,
    Element,
    choice,
    coding,
    concept,
    day,
    extension,
    labelled,
    moment,
    reference,
    resource,
)

if TYPE_CHECKING:
    from patients.models import Allergy


def allergy_intolerance(row: Allergy) -> Element:
    """Make the AllergyIntolerance."""
    return resource(
        "AllergyIntolerance",
        row,
        security=labelled(row),
        clinicalStatus=choice(f"{systems.HL7}/allergyintolerance-clinical", AllergyClinicalStatus, row.clinical_status),
        verificationStatus=_verification(row.verification_status),
        type=row.allergy_type,
        category=[row.category],
        criticality=row.criticality,
        code=concept(coding(row.code_system, row.code), text=row.substance),
        patient=reference(row.patient),
        onsetDateTime=day(row.onset_on),
        recordedDate=moment(row.created_at),
        recorder=reference(row.recorder),
        reaction=[_reaction(row)],
    )


def _verification(status: str) -> Element:
    """Say how sure it is. R4 does not know `presumed`: it is unconfirmed there, and carried as R5 has it."""
    system = f"{systems.HL7}/allergyintolerance-verification"
    said = choice(system, AllergyVerificationStatus, status)
    if status != AllergyVerificationStatus.PRESUMED:
        return said
    as_in_r5 = extension(systems.from_r5("AllergyIntolerance.verificationStatus"), valueCodeableConcept=said)
    return {**choice(system, AllergyVerificationStatus, AllergyVerificationStatus.UNCONFIRMED), "extension": [as_in_r5]}


def _reaction(row: Allergy) -> Element:
    """Describe the reaction. FHIR wants a manifestation, also where only the severity is known."""
    manifestation = concept(text=row.reaction)
    if not (manifestation or row.severity):
        return {}
    return {"manifestation": [manifestation or UNKNOWN], "severity": row.severity}
