"""Exceptions to a consent, one level deep: what it does not permit after all, or does not deny."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance import phi, rights
from compliance.accounts.models import Role
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import CheckedModel
from compliance.consent import constraints
from compliance.consent.columns import several
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.value_sets import ConsentDecision, ConsentLabel, ResourceType
from compliance.phi import Identifier
from compliance.purposes import Purpose


@audited(patient="patient_id")
class ConsentProvision(CheckedModel):
    """One exception to one version of a consent. What it leaves empty is as its consent has it."""

    APP_MAY = rights.ADD

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key, for joins only."))
    consent = models.ForeignKey(
        ConsentRecord, models.PROTECT, related_name="provisions", db_comment=phi.none("The version it belongs to.")
    )
    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="+", db_comment=phi.none("Whose data it is about.")
    )
    number = models.SmallIntegerField(db_comment=phi.none("Its place among the exceptions, from 1."))
    decision = models.CharField(
        max_length=6, choices=ConsentDecision.choices, db_comment=phi.clinical("The opposite of its consent's.")
    )
    purposes = several(Purpose, 20, "For what: HL7 PurposeOfUse codes, of those of the consent; empty for all of them.")
    sensitivity_labels = several(ConsentLabel, 10, "What kind of information: labels; empty for those of the consent.")
    resource_types = several(ResourceType, 20, "Which parts of the chart; empty for those of the consent.")
    data_from = models.DateField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "Data from this day on; NULL for any.")
    )
    data_until = models.DateField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "Data up to and with this day; NULL for any."),
    )
    roles = several(Role, 50, "For accounts of these roles; empty for all.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment=phi.none("For this account alone; NULL for all."),
    )

    objects = AuditedQuerySet["ConsentProvision"].as_manager()

    class Meta:
        db_table = "consent_provisions"
        db_table_comment = "Exceptions to consents, written with them. Never changed or deleted."
        verbose_name = "exception"
        default_permissions = ("view",)
        constraints = constraints.PROVISION

    def __str__(self) -> str:
        return f"exception {self.number} of consent {self.consent_id}"
