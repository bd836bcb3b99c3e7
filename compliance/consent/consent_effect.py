"""What consents come to: one row for each patient, purpose and label. The database writes it, and nobody else."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q

from compliance import phi, rights
from compliance.consent.consent_provision import ConsentProvision
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.value_sets import ConsentDecision
from compliance.phi import Identifier
from compliance.rules import moments, one_of, rule


class ConsentEffect(models.Model):
    """One decision of one consent, from `starts_at` up to, not including, `ends_at`.

    Rows are kept when they have ended, so that it can be told what held at any moment. A consent of one record holds
    for all records of the person: `inherited` rows are those of the others.
    """

    APP_MAY = rights.NONE

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="+", db_index=False, db_comment=phi.none("Whose data.")
    )
    consent = models.ForeignKey(
        ConsentRecord, models.PROTECT, related_name="effects", db_comment=phi.none("The version that says so.")
    )
    provision = models.ForeignKey(
        ConsentProvision,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_comment=phi.none("The exception that says so; NULL for the consent itself."),
    )
    kind = models.CharField(
        max_length=90, db_comment=phi.none("Type and digest of the scope: two of one kind do not hold at once.")
    )
    purpose = models.CharField(max_length=20, db_comment=phi.clinical("For what: an HL7 PurposeOfUse code."))
    label = models.CharField(max_length=10, db_comment=phi.clinical("For what kind of information; * for any."))
    decision = models.CharField(
        max_length=6, choices=ConsentDecision.choices, db_comment=phi.clinical("permit or deny.")
    )
    resource_types = ArrayField(
        models.CharField(max_length=20), db_default=[], db_comment=phi.clinical("FHIR resource types; empty for all.")
    )
    data_from = models.DateField(null=True, db_comment=phi.identifier(Identifier.DATES, "Data from this day on."))
    data_until = models.DateField(null=True, db_comment=phi.identifier(Identifier.DATES, "Data up to this day."))
    encounter_id = models.BigIntegerField(null=True, db_comment=phi.none("The one visit that it is about."))
    roles = ArrayField(
        models.CharField(max_length=50), db_default=[], db_comment=phi.clinical("For these roles; empty for all.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_comment=phi.none("For this account alone."),
    )
    inherited = models.BooleanField(
        db_default=False, db_comment=phi.none("Whether another record of the same person has the consent.")
    )
    starts_at = models.DateTimeField(db_comment=phi.identifier(Identifier.DATES, "From when it holds."))
    ends_at = models.DateTimeField(
        null=True, db_comment=phi.identifier(Identifier.DATES, "Until when, not included; NULL for open.")
    )

    class Meta:
        db_table = "consent_effects"
        db_table_comment = "What consents permit and deny, as the database reads it for each statement. Never deleted."
        default_permissions = ()
        indexes = [
            models.Index(fields=["patient", "purpose"], name="consent_effects_of_patient"),
            # Who allowed what nobody may do otherwise: the reach of research.
            models.Index(
                fields=["purpose", "patient"],
                name="consent_effects_permitted",
                condition=Q(decision=ConsentDecision.PERMIT),
            ),
            models.Index(
                fields=["purpose", "patient"], name="consent_effects_denied", condition=Q(decision=ConsentDecision.DENY)
            ),
        ]
        constraints = [
            one_of("decision", ConsentDecision, name="consent_effects_decision_known"),
            rule(
                Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="consent_effects_forwards",
                message="It ends before it begins.",
            ),
            ExclusionConstraint(
                name="consent_effects_once",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("purpose", RangeOperators.EQUAL),
                    ("label", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (moments("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(inherited=False),
                violation_error_message=(
                    "There is a consent of this kind, for the same purpose, information and recipients, at that time "
                    "already: withdraw it, or record a new version of it."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"effect {self.pk}"
