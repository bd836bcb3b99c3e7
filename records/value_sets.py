"""The value sets of records and prescriptions. The database holds each of them as a CHECK."""

from __future__ import annotations

from django.db import models


class RecordType(models.TextChoices):
    """Kinds of document in a chart."""

    PROGRESS_NOTE = "progress_note", "Progress note"
    DISCHARGE_SUMMARY = "discharge_summary", "Discharge summary"
    CONSULT = "consult", "Consultation"
    LAB_RESULT = "lab_result", "Laboratory result"
    IMAGING = "imaging", "Imaging"
    PROCEDURE = "procedure", "Procedure"
    IMMUNIZATION = "immunization", "Immunization"
    VITAL_SIGNS = "vital_signs", "Vital signs"
    PROBLEM = "problem", "Problem"
    PSYCHOTHERAPY_NOTE = "psychotherapy_note", "Psychotherapy note"
    SUD_COUNSELING_NOTE = "sud_counseling_note", "Substance use counseling note"


class RecordStatus(models.TextChoices):
    """FHIR R4 composition-status."""

    PRELIMINARY = "preliminary", "Preliminary"
    FINAL = "final", "Final"
    AMENDED = "amended", "Amended"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class AttestationMode(models.TextChoices):
    """FHIR R4 composition-attestation-mode: in what capacity somebody signs."""

    PERSONAL = "personal", "Personal"
    PROFESSIONAL = "professional", "Professional"
    LEGAL = "legal", "Legal"
    OFFICIAL = "official", "Official"


class MedicationRequestStatus(models.TextChoices):
    """FHIR R4 medicationrequest-status."""

    ACTIVE = "active", "Active"
    ON_HOLD = "on-hold", "On hold"
    CANCELLED = "cancelled", "Cancelled"
    COMPLETED = "completed", "Completed"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"
    STOPPED = "stopped", "Stopped"
    DRAFT = "draft", "Draft"
    UNKNOWN = "unknown", "Unknown"


_S = MedicationRequestStatus

# What may follow what. The SQL function prescription_may_become says the same, and is the one that decides. `unknown`
# is what an import may bring; it is found out, or ended.
PRESCRIPTION_TRANSITIONS: dict[MedicationRequestStatus, tuple[MedicationRequestStatus, ...]] = {
    _S.DRAFT: (_S.ACTIVE, _S.CANCELLED, _S.ENTERED_IN_ERROR),
    _S.ACTIVE: (_S.ON_HOLD, _S.CANCELLED, _S.COMPLETED, _S.STOPPED, _S.ENTERED_IN_ERROR),
    _S.ON_HOLD: (_S.ACTIVE, _S.CANCELLED, _S.COMPLETED, _S.STOPPED, _S.ENTERED_IN_ERROR),
    _S.UNKNOWN: (_S.ACTIVE, _S.ON_HOLD, _S.CANCELLED, _S.COMPLETED, _S.STOPPED, _S.ENTERED_IN_ERROR),
    _S.CANCELLED: (_S.ENTERED_IN_ERROR,),
    _S.COMPLETED: (_S.ENTERED_IN_ERROR,),
    _S.STOPPED: (_S.ENTERED_IN_ERROR,),
    _S.ENTERED_IN_ERROR: (),
}


class MedicationRequestIntent(models.TextChoices):
    """FHIR R4 medicationrequest-intent."""

    PROPOSAL = "proposal", "Proposal"
    PLAN = "plan", "Plan"
    ORDER = "order", "Order"
    ORIGINAL_ORDER = "original-order", "Original order"
    REFLEX_ORDER = "reflex-order", "Reflex order"
    FILLER_ORDER = "filler-order", "Filler order"
    INSTANCE_ORDER = "instance-order", "Instance order"
    OPTION = "option", "Option"


class RequestPriority(models.TextChoices):
    """FHIR request-priority."""

    ROUTINE = "routine", "Routine"
    URGENT = "urgent", "Urgent"
    ASAP = "asap", "As soon as possible"
    STAT = "stat", "Immediately"


class StatusReason(models.TextChoices):
    """FHIR medicationrequest-status-reason: why an order is held or ended."""

    ALTERNATIVE_CHOICE = "altchoice", "Try another treatment first"
    CLARIFICATION = "clarif", "Prescription requires clarification"
    DRUG_HIGH = "drughigh", "Drug level too high"
    ADMITTED = "hospadm", "Admission to hospital"
    LAB_INTERFERENCE = "labint", "Laboratory interference"
    NOT_AVAILABLE = "non-avail", "Patient not available"
    PREGNANT = "preg", "Patient is pregnant or breast feeding"
    ALLERGY = "salg", "Allergy"
    INTERACTION = "sddi", "Drug interacts with another"
    DUPLICATE = "sdupther", "Duplicate therapy"
    INTOLERANCE = "sintol", "Suspected intolerance"
    SURGERY = "surg", "Patient scheduled for surgery"
    WASHOUT = "washout", "Waiting for old drug to wash out"
