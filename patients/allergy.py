"""What a patient does not tolerate, in the words of FHIR AllergyIntolerance."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import LabelledModel, labels, row_facts
from compliance.codes import CodeSystem, coded
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, one_of, rule, said
from patients.patient import Patient
from patients.value_sets import (
    AllergyCategory,
    AllergyClinicalStatus,
    AllergyCriticality,
    AllergyType,
    AllergyVerificationStatus,
    ReactionSeverity,
)

# What has been refuted or was a mistake says nothing about the patient any more.
_NOT_SO = [AllergyVerificationStatus.REFUTED, AllergyVerificationStatus.ENTERED_IN_ERROR]


@audited(patient="patient_id")
@consented
class Allergy(LabelledModel):
    """A substance that has harmed a patient, or may."""

    ClinicalStatus = AllergyClinicalStatus
    VerificationStatus = AllergyVerificationStatus

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="allergies", db_comment=phi.none("Who does not tolerate it.")
    )
    recorder = models.ForeignKey(
        "providers.Provider",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment=phi.none("Who recorded it; NULL when nobody with an NPI did."),
    )
    substance = models.CharField(max_length=200, db_comment=phi.clinical("The substance, in words."))
    code_system = models.CharField(
        max_length=60,
        choices=CodeSystem.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Code system of the substance's code, by its URI."),
    )
    code = models.CharField(max_length=20, null=True, blank=True, db_comment=phi.clinical("The substance, as a code."))
    allergy_type = models.CharField(
        "type",
        max_length=11,
        choices=AllergyType.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Allergy or intolerance; NULL when not known."),
    )
    category = models.CharField(
        max_length=11, choices=AllergyCategory.choices, db_comment=phi.clinical("What kind of substance it is.")
    )
    criticality = models.CharField(
        max_length=16,
        choices=AllergyCriticality.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("How bad a future reaction may be."),
    )
    clinical_status = models.CharField(
        max_length=8,
        choices=AllergyClinicalStatus.choices,
        null=True,
        blank=True,
        default=AllergyClinicalStatus.ACTIVE,
        db_comment=phi.clinical("Whether the patient is at risk now; NULL only for what was entered in error."),
    )
    verification_status = models.CharField(
        max_length=16,
        choices=AllergyVerificationStatus.choices,
        default=AllergyVerificationStatus.UNCONFIRMED,
        db_default=AllergyVerificationStatus.UNCONFIRMED.value,
        db_comment=phi.clinical("How sure it is."),
    )
    onset_on = models.DateField(
        "onset",
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "When it was first noticed."),
    )
    reaction = models.CharField(
        max_length=500, null=True, blank=True, db_comment=phi.sensitive("What happened, in words.")
    )
    severity = models.CharField(
        max_length=8,
        choices=ReactionSeverity.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("How severe that reaction was."),
    )

    objects = AuditedQuerySet.as_manager()

    class Meta:
        db_table = "allergies"
        db_table_comment = "What patients do not tolerate. Refuted or entered in error, never deleted."
        verbose_name_plural = "allergies"
        constraints = [
            *coded("code_system", "code", table="allergies"),
            said("substance", name="allergies_text_not_empty"),
            one_of("allergy_type", AllergyType, name="allergies_type_known"),
            one_of("category", AllergyCategory, name="allergies_category_known"),
            one_of("criticality", AllergyCriticality, name="allergies_criticality_known"),
            one_of("clinical_status", AllergyClinicalStatus, name="allergies_clinical_status_known"),
            one_of("verification_status", AllergyVerificationStatus, name="allergies_verification_known"),
            one_of("severity", ReactionSeverity, name="allergies_severity_known"),
            # ait-1 and ait-2 of FHIR's AllergyIntolerance
            rule(
                Q(verification_status=AllergyVerificationStatus.ENTERED_IN_ERROR, clinical_status__isnull=True)
                | (
                    ~Q(verification_status=AllergyVerificationStatus.ENTERED_IN_ERROR)
                    & Q(clinical_status__isnull=False)
                ),
                name="allergies_clinical_status_if_so",
                message="An allergy has a clinical status, unless it was entered in error.",
            ),
            models.UniqueConstraint(
                fields=["patient", "code_system", "code"],
                condition=~Q(verification_status__in=_NOT_SO),
                name="allergies_once_per_substance",
                violation_error_message="The patient's allergy to this substance is recorded already.",
            ),
            in_calendar(dates=["onset_on"], name="allergies_calendar"),
            held_in_sql(
                "allergies_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *labels("allergies"),
            *row_facts("allergies"),
        ]
