"""What was found and what was prescribed, in the words of FHIR R4 Composition and MedicationRequest."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from compliance.clinical import ClinicalModel, one_of, rule
from records.value_sets import (
    Confidentiality,
    DeaSchedule,
    MedicationRequestIntent,
    MedicationRequestStatus,
    RecordStatus,
    RecordType,
)


class MedicalRecord(ClinicalModel):
    """One document of a patient's chart: preliminary until it is signed, then amended by a new one."""

    Type = RecordType
    Status = RecordStatus
    Confidentiality = Confidentiality

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="medical_records", db_comment="Whose chart it belongs to."
    )
    author = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="medical_records", db_comment="Who wrote it."
    )
    appointment = models.ForeignKey(
        "appointments.Appointment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="medical_records",
        db_comment="The visit that it came from, if any.",
    )
    record_type = models.CharField(max_length=20, choices=RecordType.choices, db_comment="What kind of document it is.")
    status = models.CharField(
        max_length=16,
        choices=RecordStatus.choices,
        default=RecordStatus.PRELIMINARY,
        db_default=RecordStatus.PRELIMINARY.value,
        db_comment="Whether it is finished.",
    )
    confidentiality = models.CharField(
        max_length=1,
        choices=Confidentiality.choices,
        default=Confidentiality.NORMAL,
        db_default=Confidentiality.NORMAL.value,
        db_comment="HL7 Confidentiality code.",
    )
    title = models.CharField(max_length=300, db_comment="Title of the document.")
    body = models.TextField(blank=True, default="", db_default="", db_comment="Text of the document.")
    code_system = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        db_comment="URI of the code system that the code is from.",
    )
    code = models.CharField(
        max_length=40, blank=True, default="", db_default="", db_comment="What it is about, as a code."
    )
    effective_at = models.DateTimeField(db_comment="When what it describes was so.")
    signed_at = models.DateTimeField(null=True, blank=True, db_comment="When its author signed it.")
    amends = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="amended_by",
        db_comment="The record that this one amends.",
    )

    class Meta:
        db_table = "medical_records"
        db_table_comment = "Documents of patients' charts. Entered in error, never deleted."
        indexes = [models.Index(fields=["patient", "effective_at"], name="medical_records_of_patient")]
        constraints = [
            one_of("record_type", RecordType, name="medical_records_type_known"),
            one_of("status", RecordStatus, name="medical_records_status_known"),
            one_of("confidentiality", Confidentiality, name="medical_records_confidentiality"),
            rule(
                ~Q(status__in=[RecordStatus.FINAL, RecordStatus.AMENDED]) | Q(signed_at__isnull=False),
                name="medical_records_final_is_signed",
                message="A final record needs its signature.",
            ),
            rule(
                Q(code="", code_system="") | (~Q(code="") & ~Q(code_system="")),
                name="medical_records_code_with_system",
                message="A code needs its code system, and a code system its code.",
            ),
            rule(
                Q(amends__isnull=True) | ~Q(amends=F("id")),
                name="medical_records_not_amending_itself",
                message="A record cannot amend itself.",
            ),
        ]


class Prescription(ClinicalModel):
    """An order for a medication. The limits on refills are those of 21 CFR 1306.12 and 1306.22."""

    Status = MedicationRequestStatus
    Intent = MedicationRequestIntent
    Schedule = DeaSchedule

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="prescriptions", db_comment="Who is to take it."
    )
    prescriber = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="prescriptions", db_comment="Who prescribes it."
    )
    medical_record = models.ForeignKey(
        MedicalRecord,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prescriptions",
        db_comment="The record that gives the reason, if any.",
    )
    status = models.CharField(
        max_length=16,
        choices=MedicationRequestStatus.choices,
        default=MedicationRequestStatus.DRAFT,
        db_default=MedicationRequestStatus.DRAFT.value,
        db_comment="How far the order has come.",
    )
    intent = models.CharField(
        max_length=14,
        choices=MedicationRequestIntent.choices,
        default=MedicationRequestIntent.ORDER,
        db_default=MedicationRequestIntent.ORDER.value,
        db_comment="Whether it is a proposal, a plan or an order.",
    )
    rxcui = models.CharField(
        "RxCUI", max_length=8, blank=True, default="", db_default="", db_comment="RxNorm concept of the medication."
    )
    drug_name = models.CharField(max_length=300, db_comment="Name of the medication.")
    strength = models.CharField(
        max_length=100, blank=True, default="", db_default="", db_comment="Strength, such as 500 mg."
    )
    dose_form = models.CharField(
        max_length=100, blank=True, default="", db_default="", db_comment="Form, such as tablet."
    )
    sig = models.CharField("directions", max_length=1000, db_comment="Directions to the patient.")
    quantity = models.DecimalField(max_digits=10, decimal_places=3, db_comment="How much to dispense, in its unit.")
    quantity_unit = models.CharField(max_length=40, db_comment="Unit of the quantity, such as tablet or mL.")
    days_supply = models.PositiveSmallIntegerField(null=True, blank=True, db_comment="Days that the quantity lasts.")
    refills_allowed = models.PositiveSmallIntegerField(
        default=0, db_default=0, db_comment="How often it may be dispensed again."
    )
    dea_schedule = models.CharField(
        "DEA schedule",
        max_length=3,
        blank=True,
        choices=DeaSchedule.choices,
        default="",
        db_default="",
        db_comment="Schedule of a controlled substance; empty when it is not controlled.",
    )
    authored_on = models.DateField(db_comment="Day on which it was issued.")
    valid_until = models.DateField(null=True, blank=True, db_comment="Last day on which it may be dispensed.")

    class Meta:
        db_table = "prescriptions"
        db_table_comment = "Orders for medications. Stopped or entered in error, never deleted."
        indexes = [models.Index(fields=["patient", "authored_on"], name="prescriptions_of_patient")]
        constraints = [
            one_of("status", MedicationRequestStatus, name="prescriptions_status_known"),
            one_of("intent", MedicationRequestIntent, name="prescriptions_intent_known"),
            rule(
                Q(dea_schedule__in=["", *DeaSchedule.values]),
                name="prescriptions_schedule_known",
                message="A DEA schedule is II, III, IV or V.",
            ),
            rule(
                Q(rxcui="") | Q(rxcui__regex=r"^[0-9]{1,8}$"),
                name="prescriptions_rxcui_form",
                message="An RxCUI is one to eight digits.",
            ),
            rule(
                Q(quantity__gt=0), name="prescriptions_quantity_positive", message="The quantity is more than nothing."
            ),
            rule(
                Q(days_supply__isnull=True) | Q(days_supply__gt=0),
                name="prescriptions_days_positive",
                message="A supply lasts for at least one day.",
            ),
            rule(
                Q(refills_allowed__lte=99), name="prescriptions_refills_limit", message="There are at most 99 refills."
            ),
            rule(
                ~Q(dea_schedule=DeaSchedule.II) | Q(refills_allowed=0),
                name="prescriptions_schedule_ii_no_refill",
                message="Schedule II allows no refill.",
            ),
            rule(
                ~Q(dea_schedule__in=[DeaSchedule.III, DeaSchedule.IV]) | Q(refills_allowed__lte=5),
                name="prescriptions_schedule_iii_iv_refills",
                message="Schedules III and IV allow at most five refills.",
            ),
            rule(
                Q(valid_until__isnull=True) | Q(valid_until__gte=F("authored_on")),
                name="prescriptions_valid_forwards",
                message="The prescription ends before it is issued.",
            ),
        ]
