"""Patients and their insurance, in the words of FHIR R4 Patient and Coverage, and of US Core."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from compliance.clinical import ClinicalModel, one_of, rule


class AdministrativeGender(models.TextChoices):
    """FHIR administrative-gender."""

    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


class CoverageKind(models.TextChoices):
    """FHIR R5 coverage-kind."""

    INSURANCE = "insurance", "Insurance"
    SELF_PAY = "self-pay", "Self-pay"
    OTHER = "other", "Other"


class CoverageStatus(models.TextChoices):
    """FHIR fm-status."""

    ACTIVE = "active", "Active"
    CANCELLED = "cancelled", "Cancelled"
    DRAFT = "draft", "Draft"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class SubscriberRelationship(models.TextChoices):
    """FHIR subscriber-relationship: what the patient is to the subscriber."""

    SELF = "self", "Self"
    SPOUSE = "spouse", "Spouse"
    CHILD = "child", "Child"
    PARENT = "parent", "Parent"
    COMMON = "common", "Common law spouse"
    OTHER = "other", "Other"
    INJURED = "injured", "Injured party"
    NONE = "none", "None"


class Patient(ClinicalModel):
    """A person who receives care, known by the record number that one authority gave."""

    Gender = AdministrativeGender

    mrn = models.CharField(
        "medical record number", max_length=64, db_comment="Medical record number, as its authority writes it."
    )
    assigning_authority = models.CharField(
        max_length=200, db_comment="Who gave the record number: a facility's OID, URI or name."
    )
    family_name = models.CharField(max_length=200, blank=True, default="", db_default="", db_comment="Family name.")
    given_name = models.CharField(max_length=200, blank=True, default="", db_default="", db_comment="First given name.")
    middle_name = models.CharField(
        max_length=200, blank=True, default="", db_default="", db_comment="Further given names."
    )
    birth_date = models.DateField(db_comment="Date of birth.")
    administrative_gender = models.CharField(
        max_length=7,
        choices=AdministrativeGender.choices,
        db_comment="Gender for administrative purposes; not birth sex, not gender identity.",
    )
    language = models.CharField(
        max_length=35,
        blank=True,
        default="",
        db_default="",
        db_comment="Preferred language, a BCP-47 tag such as es or zh-Hant.",
    )
    phone = models.CharField(max_length=32, blank=True, default="", db_default="", db_comment="Telephone number.")
    email = models.EmailField("e-mail address", blank=True, default="", db_default="", db_comment="E-mail address.")
    address_line = models.CharField(
        max_length=300, blank=True, default="", db_default="", db_comment="Street and number."
    )
    city = models.CharField(max_length=100, blank=True, default="", db_default="", db_comment="City or town.")
    state = models.CharField(
        max_length=2, blank=True, default="", db_default="", db_comment="State, the USPS two-letter code."
    )
    postal_code = models.CharField(
        max_length=10, blank=True, default="", db_default="", db_comment="ZIP or ZIP+4 code."
    )
    deceased_at = models.DateTimeField(null=True, blank=True, db_comment="When the patient died, if so.")

    class Meta:
        db_table = "patients"
        db_table_comment = "People who receive care. Never deleted."
        constraints = [
            # The number comes first: it is what people search by.
            models.UniqueConstraint(
                fields=["mrn", "assigning_authority"],
                name="patients_mrn_once_per_authority",
                violation_error_message="This authority has given this record number to another patient.",
            ),
            rule(
                ~Q(mrn="") & ~Q(assigning_authority=""),
                name="patients_mrn_given",
                message="A record number and who gave it are needed.",
            ),
            # us-core-6 of US Core's Patient profile
            rule(
                ~Q(family_name="") | ~Q(given_name=""),
                name="patients_name_given",
                message="A family name or a given name is needed.",
            ),
            one_of("administrative_gender", AdministrativeGender, name="patients_gender_known"),
            rule(
                Q(state="") | Q(state__regex=r"^[A-Z]{2}$"),
                name="patients_state_form",
                message="A state is two capital letters, such as CA.",
            ),
            rule(
                Q(postal_code="") | Q(postal_code__regex=r"^[0-9]{5}(-[0-9]{4})?$"),
                name="patients_postal_code_form",
                message="A ZIP code is five digits, or nine as in 12345-6789.",
            ),
        ]


class InsuranceInfo(ClinicalModel):
    """One way in which a patient's care is paid, with its place in the order of payers."""

    Kind = CoverageKind
    Status = CoverageStatus
    Relationship = SubscriberRelationship

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="coverages", db_comment="Whose care is paid (beneficiary)."
    )
    kind = models.CharField(
        max_length=9,
        choices=CoverageKind.choices,
        default=CoverageKind.INSURANCE,
        db_default=CoverageKind.INSURANCE.value,
        db_comment="Insurance, self-pay or other.",
    )
    status = models.CharField(
        max_length=16,
        choices=CoverageStatus.choices,
        default=CoverageStatus.ACTIVE,
        db_default=CoverageStatus.ACTIVE.value,
        db_comment="Whether the coverage is in force.",
    )
    payer_name = models.CharField(max_length=200, blank=True, default="", db_default="", db_comment="Who pays.")
    payer_id = models.CharField(
        max_length=80, blank=True, default="", db_default="", db_comment="The payer's identifier for electronic claims."
    )
    plan_name = models.CharField(max_length=200, blank=True, default="", db_default="", db_comment="Name of the plan.")
    member_id = models.CharField(
        max_length=80, blank=True, default="", db_default="", db_comment="The patient's member number."
    )
    group_number = models.CharField(
        max_length=80, blank=True, default="", db_default="", db_comment="Number of the group."
    )
    relationship = models.CharField(
        max_length=7,
        choices=SubscriberRelationship.choices,
        default=SubscriberRelationship.SELF,
        db_default=SubscriberRelationship.SELF.value,
        db_comment="What the patient is to the subscriber.",
    )
    coverage_order = models.PositiveSmallIntegerField(
        default=1, db_default=1, db_comment="Place in the order of payers; 1 pays first."
    )
    period_start = models.DateField(db_comment="First day of the coverage.")
    period_end = models.DateField(null=True, blank=True, db_comment="Last day of the coverage; NULL while open.")
    verified_at = models.DateTimeField(null=True, blank=True, db_comment="When the payer last confirmed the coverage.")

    class Meta:
        db_table = "insurance_info"
        db_table_comment = "How patients' care is paid, payer by payer."
        verbose_name = "insurance"
        verbose_name_plural = "insurance"
        constraints = [
            one_of("kind", CoverageKind, name="insurance_info_kind_known"),
            one_of("status", CoverageStatus, name="insurance_info_status_known"),
            one_of("relationship", SubscriberRelationship, name="insurance_info_relationship_known"),
            rule(
                ~Q(kind=CoverageKind.INSURANCE) | (~Q(payer_name="") & ~Q(member_id="")),
                name="insurance_info_payer_given",
                message="Insurance needs its payer and the member number.",
            ),
            rule(
                Q(coverage_order__gte=1),
                name="insurance_info_order_from_one",
                message="The order of payers begins at 1.",
            ),
            rule(
                Q(period_end__isnull=True) | Q(period_end__gte=F("period_start")),
                name="insurance_info_period_forwards",
                message="The coverage ends before it begins.",
            ),
        ]
