"""An order for a medication, in the words of FHIR MedicationRequest."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import LabelledModel, labels, row_facts
from compliance.codes import CodeSystem, coded
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, in_order, one_of, passes, rule, said
from providers.value_sets import DeaSchedule
from records.medical_record import MedicalRecord
from records.value_sets import MedicationRequestIntent, MedicationRequestStatus, RequestPriority, StatusReason

# These an order can have without having been signed.
UNSIGNED = (
    MedicationRequestStatus.DRAFT,
    MedicationRequestStatus.CANCELLED,
    MedicationRequestStatus.ENTERED_IN_ERROR,
    MedicationRequestStatus.UNKNOWN,
)

# These have come to an end. What was entered in error may have ended before.
ENDED = (
    MedicationRequestStatus.STOPPED,
    MedicationRequestStatus.CANCELLED,
    MedicationRequestStatus.COMPLETED,
    MedicationRequestStatus.ENTERED_IN_ERROR,
)


@audited(patient="patient_id")
@consented
class Prescription(LabelledModel):
    """An order for a medication. The limits on refills are those of 21 CFR 1306.12 and 1306.22."""

    Status = MedicationRequestStatus
    Intent = MedicationRequestIntent
    Schedule = DeaSchedule

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="prescriptions", db_comment=phi.none("Who is to take it.")
    )
    prescriber = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="prescriptions", db_comment=phi.none("Who prescribes it.")
    )
    encounter = models.ForeignKey(
        "appointments.Encounter",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prescriptions",
        db_comment=phi.none("The encounter that it came from, if any."),
    )
    medical_record = models.ForeignKey(
        MedicalRecord,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prescriptions",
        db_comment=phi.none("The record that gives the reason, if any."),
    )
    status = models.CharField(
        max_length=16,
        choices=MedicationRequestStatus.choices,
        default=MedicationRequestStatus.DRAFT,
        db_default=MedicationRequestStatus.DRAFT.value,
        editable=False,
        db_comment=phi.clinical("How far the order has come."),
    )
    status_reason = models.CharField(
        max_length=9,
        choices=StatusReason.choices,
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.clinical("Why it is held or was ended: FHIR medicationrequest-status-reason."),
    )
    intent = models.CharField(
        max_length=14,
        choices=MedicationRequestIntent.choices,
        default=MedicationRequestIntent.ORDER,
        db_default=MedicationRequestIntent.ORDER.value,
        db_comment=phi.clinical("Whether it is a proposal, a plan or an order."),
    )
    priority = models.CharField(
        max_length=7,
        choices=RequestPriority.choices,
        default=RequestPriority.ROUTINE,
        db_default=RequestPriority.ROUTINE.value,
        db_comment=phi.clinical("How soon it is to be dispensed."),
    )
    rxcui = models.CharField(
        "RxCUI", max_length=8, null=True, blank=True, db_comment=phi.clinical("RxNorm concept of the medication.")
    )
    ndc11 = models.CharField(
        "NDC", max_length=11, null=True, blank=True, db_comment=phi.clinical("National Drug Code, eleven digits.")
    )
    drug_name = models.CharField(max_length=300, db_comment=phi.clinical("Name of the medication."))
    strength = models.CharField(
        max_length=100, null=True, blank=True, db_comment=phi.clinical("Strength, such as 500 mg.")
    )
    dose_form = models.CharField(
        max_length=100, null=True, blank=True, db_comment=phi.clinical("Form, such as tablet.")
    )
    route = models.CharField(
        max_length=60, null=True, blank=True, db_comment=phi.clinical("Route, in words, such as oral.")
    )
    sig = models.CharField("directions", max_length=1000, db_comment=phi.sensitive("Directions to the patient."))
    quantity = models.DecimalField(
        max_digits=10, decimal_places=3, db_comment=phi.clinical("How much to dispense, in its unit.")
    )
    quantity_unit = models.CharField(
        max_length=40, db_comment=phi.clinical("Unit of the quantity, such as tablet or mL.")
    )
    days_supply = models.SmallIntegerField(
        null=True, blank=True, db_comment=phi.clinical("Days that the quantity lasts.")
    )
    refills_allowed = models.SmallIntegerField(
        default=0, db_default=0, db_comment=phi.clinical("How often it may be dispensed again.")
    )
    substitution_allowed = models.BooleanField(
        default=True, db_default=True, db_comment=phi.clinical("Whether a generic may be dispensed instead.")
    )
    dea_schedule = models.CharField(
        "DEA schedule",
        max_length=3,
        choices=DeaSchedule.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Schedule of a controlled substance; NULL when it is not controlled."),
    )
    indication_system = models.CharField(
        max_length=60,
        choices=CodeSystem.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Code system of the indication's code, by its URI."),
    )
    indication_code = models.CharField(
        max_length=20, null=True, blank=True, db_comment=phi.clinical("What it is taken for, as a code.")
    )
    pharmacy_ncpdp = models.CharField(
        "pharmacy", max_length=7, null=True, blank=True, db_comment=phi.clinical("NCPDP number of the pharmacy.")
    )
    authored_on = models.DateField(db_comment=phi.identifier(Identifier.DATES, "Day on which it was issued."))
    earliest_fill_on = models.DateField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "First day on which it may be dispensed (21 CFR 1306.12(b))."),
    )
    valid_until = models.DateField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "Last day on which it may be dispensed.")
    )
    signed_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.identifier(Identifier.DATES, "When the prescriber signed it."),
    )
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.identifier(Identifier.DATES, "When it was stopped, cancelled or completed."),
    )
    prior_prescription = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="renewals",
        db_comment=phi.none("The prescription that this one renews."),
    )

    objects = AuditedQuerySet.as_manager()

    class Meta:
        db_table = "prescriptions"
        db_table_comment = "Orders for medications. Stopped or entered in error, never changed once signed."
        permissions = [
            ("prescribe_prescription", "Can sign and renew prescriptions"),
            ("discontinue_prescription", "Can stop prescriptions"),
        ]
        indexes = [models.Index(fields=["patient", "authored_on"], name="prescriptions_of_patient")]
        constraints = [
            one_of("status", MedicationRequestStatus, name="prescriptions_status_known"),
            one_of("status_reason", StatusReason, name="prescriptions_status_reason_known"),
            one_of("intent", MedicationRequestIntent, name="prescriptions_intent_known"),
            one_of("priority", RequestPriority, name="prescriptions_priority_known"),
            one_of("dea_schedule", DeaSchedule, name="prescriptions_schedule_known", what="DEA schedule"),
            *coded("indication_system", "indication_code", table="prescriptions"),
            said(
                *("drug_name", "quantity_unit", "strength", "dose_form", "route"),
                name="prescriptions_text_not_empty",
            ),
            rule(
                Q(rxcui__regex=r"^[1-9][0-9]{0,7}$"),
                name="prescriptions_rxcui_form",
                message="An RxCUI is one to eight digits and does not begin with 0.",
            ),
            rule(
                Q(ndc11__regex=r"^[0-9]{11}$"),
                name="prescriptions_ndc_form",
                message="An NDC is eleven digits, without hyphens.",
            ),
            rule(
                Q(pharmacy_ncpdp__regex=r"^[0-9]{7}$"),
                name="prescriptions_pharmacy_form",
                message="A pharmacy's NCPDP number is seven digits.",
            ),
            # The upper bound is the column's own, but for NaN, which is above all numbers.
            rule(
                Q(quantity__gt=0, quantity__lt=10_000_000),
                name="prescriptions_quantity_positive",
                message="The quantity is a number above zero and below ten million.",
            ),
            rule(
                Q(days_supply__gt=0),
                name="prescriptions_days_positive",
                message="A supply lasts for at least one day.",
            ),
            rule(
                Q(refills_allowed__gte=0, refills_allowed__lte=99),
                name="prescriptions_refills_limit",
                message="A prescription has 0 to 99 refills.",
            ),
            rule(
                Q(dea_schedule__isnull=True) | ~Q(dea_schedule=DeaSchedule.II) | Q(refills_allowed=0),
                name="prescriptions_schedule_ii_no_refill",
                message="Schedule II allows no refill.",
            ),
            rule(
                Q(dea_schedule__isnull=True)
                | ~Q(dea_schedule__in=[DeaSchedule.III, DeaSchedule.IV])
                | Q(refills_allowed__lte=5),
                name="prescriptions_schedule_iii_iv_refills",
                message="Schedules III and IV allow at most five refills.",
            ),
            passes(
                "within_six_months",
                "dea_schedule",
                "authored_on",
                "valid_until",
                name="prescriptions_schedule_iii_iv_six_months",
                message="A prescription of schedule III or IV has a last day, at most six months after its issue.",
            ),
            in_order(
                "authored_on",
                "valid_until",
                name="prescriptions_valid_forwards",
                message="The prescription ends before it is issued.",
            ),
            rule(
                Q(earliest_fill_on__gte=F("authored_on"))
                & (Q(valid_until__isnull=True) | Q(earliest_fill_on__lte=F("valid_until"))),
                name="prescriptions_fill_within",
                message="The first day of dispensing lies outside the time from issue to the last day.",
            ),
            rule(
                Q(status__in=UNSIGNED) | Q(signed_at__isnull=False),
                name="prescriptions_active_is_signed",
                message="An order that takes effect needs the prescriber's signature.",
            ),
            rule(
                ~Q(status=MedicationRequestStatus.DRAFT) | Q(signed_at__isnull=True),
                name="prescriptions_draft_is_unsigned",
                message="A prescription that is signed is no draft.",
            ),
            rule(
                Q(ended_at__isnull=True) | Q(status__in=ENDED),
                name="prescriptions_ended_has_ended",
                message="Only a prescription that was stopped, cancelled or completed has a time at which it ended.",
            ),
            # Keys count up, so that renewals form no circle.
            rule(
                Q(prior_prescription__lt=F("id")),
                name="prescriptions_renews_an_earlier_one",
                message="A prescription renews one that was written before it.",
            ),
            in_calendar(
                dates=["authored_on", "earliest_fill_on", "valid_until"],
                moments=["signed_at", "ended_at"],
                name="prescriptions_calendar",
            ),
            held_in_sql("prescriptions_status_follows", "The prescription cannot go from its status to that one."),
            held_in_sql("prescriptions_signed_stands", "What was signed does not change: stop it and prescribe anew."),
            held_in_sql(
                "prescriptions_prescriber_has_dea",
                "The prescriber has no DEA registration that covers this schedule on that day.",
            ),
            held_in_sql("prescriptions_same_patient", "The encounter is another patient's."),
            held_in_sql("prescriptions_record_same_patient", "The record is another patient's."),
            held_in_sql("prescriptions_renews_same_patient", "A prescription renews one of the same patient."),
            held_in_sql(
                "prescriptions_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *labels("prescriptions"),
            *row_facts("prescriptions"),
        ]
