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
    ALLERGY = "allergy", "Allergy"
    PSYCHOTHERAPY_NOTE = "psychotherapy_note", "Psychotherapy note"
    SUD_COUNSELING_NOTE = "sud_counseling_note", "Substance use counseling note"


class RecordStatus(models.TextChoices):
    """FHIR R4 composition-status."""

    PRELIMINARY = "preliminary", "Preliminary"
    FINAL = "final", "Final"
    AMENDED = "amended", "Amended"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class Confidentiality(models.TextChoices):
    """HL7 v3 Confidentiality, from unrestricted to very restricted."""

    UNRESTRICTED = "U", "Unrestricted"
    LOW = "L", "Low"
    MODERATE = "M", "Moderate"
    NORMAL = "N", "Normal"
    RESTRICTED = "R", "Restricted"
    VERY_RESTRICTED = "V", "Very restricted"


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


class DeaSchedule(models.TextChoices):
    """Schedules of the Controlled Substances Act under which something may be prescribed."""

    II = "II", "Schedule II"
    III = "III", "Schedule III"
    IV = "IV", "Schedule IV"
    V = "V", "Schedule V"
