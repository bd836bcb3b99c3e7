"""How a patient's care is paid, in the words of FHIR Coverage."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import days, held_in_sql, in_calendar, in_order, never_twice, one_of, rule, said
from patients.patient import Patient
from patients.validators import birth_date
from patients.value_sets import CoverageKind, CoverageStatus, SubscriberRelationship


@audited(patient="patient_id")
@consented
class InsuranceInfo(ClinicalModel):
    """One way in which a patient's care is paid, with its place in the order of payers."""

    Kind = CoverageKind
    Status = CoverageStatus
    Relationship = SubscriberRelationship

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="coverages", db_comment=phi.none("Whose care is paid (beneficiary).")
    )
    kind = models.CharField(
        max_length=9,
        choices=CoverageKind.choices,
        default=CoverageKind.INSURANCE,
        db_default=CoverageKind.INSURANCE.value,
        db_comment=phi.clinical("Insurance, self-pay or other."),
    )
    status = models.CharField(
        max_length=16,
        choices=CoverageStatus.choices,
        default=CoverageStatus.ACTIVE,
        db_default=CoverageStatus.ACTIVE.value,
        db_comment=phi.clinical("Whether the coverage is in force."),
    )
    payer_name = models.CharField(max_length=200, null=True, blank=True, db_comment=phi.clinical("Who pays."))
    payer_id = models.CharField(
        "payer ID",
        max_length=80,
        null=True,
        blank=True,
        db_comment=phi.clinical("The payer's identifier for electronic claims."),
    )
    plan_name = models.CharField(max_length=200, null=True, blank=True, db_comment=phi.clinical("Name of the plan."))
    member_id = models.CharField(
        "member ID",
        max_length=80,
        null=True,
        blank=True,
        validators=[MinLengthValidator(2)],
        db_comment=phi.identifier(Identifier.HEALTH_PLAN, "The patient's member number.", sealed=True),
    )
    group_number = models.CharField(
        max_length=80,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.HEALTH_PLAN, "Number of the group.", sealed=True),
    )
    relationship = models.CharField(
        max_length=7,
        choices=SubscriberRelationship.choices,
        default=SubscriberRelationship.SELF,
        db_default=SubscriberRelationship.SELF.value,
        db_comment=phi.clinical("What the patient is to the subscriber."),
    )
    subscriber_id = models.CharField(
        "subscriber ID",
        max_length=80,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.HEALTH_PLAN, "The subscriber's number, where it differs.", sealed=True),
    )
    subscriber_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Who holds the policy, when it is not the patient.", sealed=True),
    )
    subscriber_birth_date = models.DateField(
        null=True,
        blank=True,
        validators=[birth_date],
        db_comment=phi.identifier(Identifier.DATES, "The subscriber's date of birth.", sealed=True),
    )
    coverage_order = models.SmallIntegerField(
        default=1, db_default=1, db_comment=phi.clinical("Place in the order of payers; 1 pays first.")
    )
    period_start = models.DateField(db_comment=phi.clinical("First day of the coverage."))
    period_end = models.DateField(
        null=True, blank=True, db_comment=phi.clinical("Last day of the coverage; NULL while it is open.")
    )
    rx_bin = models.CharField(
        "BIN",
        max_length=8,
        null=True,
        blank=True,
        db_comment=phi.clinical("Bank identification number of the pharmacy benefit."),
    )
    rx_pcn = models.CharField(
        "PCN",
        max_length=20,
        null=True,
        blank=True,
        db_comment=phi.clinical("Processor control number of the pharmacy benefit."),
    )
    rx_group = models.CharField(
        "pharmacy group",
        max_length=40,
        null=True,
        blank=True,
        db_comment=phi.clinical("Group of the pharmacy benefit."),
    )
    copay = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        db_comment=phi.clinical("Copayment of a visit, in US dollars."),
    )
    network = models.CharField(max_length=120, null=True, blank=True, db_comment=phi.clinical("Name of the network."))
    self_pay_restriction = models.BooleanField(
        default=False,
        db_default=False,
        db_comment=phi.clinical(
            "Whether nothing is told to this payer about what the patient paid in full (45 CFR 164.522(a)(1)(vi))."
        ),
    )
    verified_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment=phi.none("When the payer last confirmed the coverage.")
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_comment=phi.none("Who asked the payer."),
    )

    objects = AuditedQuerySet.as_manager()

    class Meta:
        db_table = "insurance_info"
        db_table_comment = "How patients' care is paid, payer by payer."
        verbose_name = "insurance"
        verbose_name_plural = "insurance"
        permissions = [("verify_insuranceinfo", "Can confirm insurance with its payer")]
        indexes = [
            models.Index(fields=["member_id"], name="insurance_info_member_id", condition=Q(member_id__isnull=False))
        ]
        constraints = [
            one_of("kind", CoverageKind, name="insurance_info_kind_known"),
            one_of("status", CoverageStatus, name="insurance_info_status_known"),
            one_of("relationship", SubscriberRelationship, name="insurance_info_relationship_known"),
            said("payer_name", "payer_id", "plan_name", "network", "rx_group", name="insurance_info_text_not_empty"),
            rule(
                ~Q(kind=CoverageKind.INSURANCE) | Q(payer_name__isnull=False, member_id__isnull=False),
                name="insurance_info_payer_given",
                message="Insurance needs its payer and the member number.",
            ),
            rule(
                Q(relationship=SubscriberRelationship.SELF)
                | Q(subscriber_name__isnull=False)
                | ~Q(kind=CoverageKind.INSURANCE),
                name="insurance_info_subscriber_named",
                message="When the patient is not the subscriber, the subscriber's name is needed.",
            ),
            rule(
                Q(coverage_order__gte=1),
                name="insurance_info_order_from_one",
                message="The order of payers begins at 1.",
            ),
            # The upper bound is the column's own, but for NaN, which is above all numbers.
            rule(
                Q(copay__gte=0, copay__lt=1_000_000),
                name="insurance_info_copay_not_negative",
                message="A copayment is a sum of money below a million, and not negative.",
            ),
            rule(
                Q(rx_bin__regex=r"^[0-9]{6}([0-9]{2})?$"),
                name="insurance_info_bin_form",
                message="A BIN is six or eight digits.",
            ),
            rule(
                Q(rx_pcn__regex=r"^[0-9A-Za-z]{1,20}$"),
                name="insurance_info_pcn_form",
                message="A PCN is up to twenty letters and digits.",
            ),
            rule(
                Q(verified_at__isnull=True, verified_by__isnull=True)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="insurance_info_verified_by_somebody",
                message="A confirmation needs its time and who asked.",
            ),
            in_order(
                "period_start",
                "period_end",
                name="insurance_info_period_forwards",
                message="The coverage ends before it begins.",
            ),
            never_twice(
                "patient",
                "coverage_order",
                during=days("period_start", "period_end"),
                condition=Q(status=CoverageStatus.ACTIVE),
                name="insurance_info_one_of_each_order",
                message="The patient has another active coverage with this place in the order at this time.",
            ),
            in_calendar(dates=["period_start", "period_end"], moments=["verified_at"], name="insurance_info_calendar"),
            held_in_sql(
                "insurance_info_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *row_facts("insurance_info"),
        ]
