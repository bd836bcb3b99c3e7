"""A patient's yes or no, as it was given. Each version is a row of its own, which nobody changes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils import timezone

from compliance import phi, rights
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import CheckedModel
from compliance.consent import constraints
from compliance.consent.columns import names, several
from compliance.consent.value_sets import (
    ConsentDecision,
    ConsentLabel,
    ConsentStatus,
    ConsentType,
    GrantorKind,
    RepresentativeAuthority,
    ResourceType,
    SignatureMethod,
    Statement,
    WithdrawalChannel,
)
from compliance.phi import Identifier
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from datetime import datetime


class ConsentRecordQuerySet(AuditedQuerySet["ConsentRecord"]):
    """Versions of consents, in the words of whoever asks what holds."""

    def newest(self) -> Self:
        """Keep of each consent the version that stands: the one that no other has superseded."""
        return self.filter(superseded_by__isnull=True)

    def in_force(self, moment: datetime | None = None) -> Self:
        """Keep what stands and holds at a moment; now, when none is given."""
        moment = moment or timezone.now()
        open_end = models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=moment)
        return self.newest().filter(open_end, status=ConsentStatus.ACTIVE, starts_at__lte=moment)

    def ending_before(self, moment: datetime) -> Self:
        """Keep what holds now and ends before a moment, soonest first."""
        return self.in_force().filter(ends_at__lt=moment).order_by("ends_at", "pk")


@audited(patient="patient_id")
class ConsentRecord(CheckedModel):
    """One version of one consent. `consent_uid` is the same for all its versions; `version_no` counts them from 1.

    What it permits or denies follows from its purposes, labels, resource types and period, in `consent_effects`.
    """

    Type = ConsentType
    Status = ConsentStatus
    Decision = ConsentDecision
    APP_MAY = rights.ADD

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key, for joins only."))
    uid = models.UUIDField(
        "public identifier",
        unique=True,
        default=uuid.uuid4,
        editable=False,
        db_comment=phi.identifier(Identifier.OTHER, "Public identifier of this version."),
    )
    consent_uid = models.UUIDField(
        "consent",
        default=uuid.uuid4,
        editable=False,
        db_comment=phi.identifier(Identifier.OTHER, "The consent, the same for all its versions."),
    )
    version_no = models.IntegerField(
        "version", default=1, editable=False, db_comment=phi.none("Number of the version, from 1.")
    )
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="superseded_by",
        error_messages={"unique": "Somebody else has changed this consent meanwhile. Look at it as it is now."},
        db_comment=phi.none("The version in whose place it stands."),
    )
    recorded_at = models.DateTimeField(
        db_default=TransactionNow(),
        editable=False,
        db_comment=phi.none("When this version was written; kept by the database."),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        db_comment=phi.none("The account that wrote it."),
    )
    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="consents", db_comment=phi.none("Whose data it is about.")
    )
    consent_type = models.CharField(
        "type", max_length=20, choices=ConsentType.choices, db_comment=phi.clinical("What kind of consent it is.")
    )
    status = models.CharField(
        max_length=16,
        choices=ConsentStatus.choices,
        default=ConsentStatus.DRAFT,
        db_default=ConsentStatus.DRAFT.value,
        db_comment=phi.clinical("Whether it holds: a FHIR consent state."),
    )
    decision = models.CharField(
        max_length=6, choices=ConsentDecision.choices, db_comment=phi.clinical("Yes or no: permit or deny.")
    )
    purposes = several(Purpose, 20, "For what: HL7 PurposeOfUse codes.")
    sensitivity_labels = several(
        ConsentLabel, 10, "What kind of information: HL7 ActCode labels; empty for all that has no rule of its own."
    )
    resource_types = several(ResourceType, 20, "Which parts of the chart: FHIR resource types; empty for all.")
    data_from = models.DateField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "Data from this day on; NULL for any.")
    )
    data_until = models.DateField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "Data up to and with this day; NULL for any."),
    )
    encounter = models.ForeignKey(
        "appointments.Encounter",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment=phi.none("The one visit that it is about, such as one that was paid for by the patient."),
    )
    self_paid = models.BooleanField(
        "paid in full by the patient",
        default=False,
        db_default=False,
        db_comment=phi.clinical("Whether a restriction has to be agreed to: 45 CFR 164.522(a)(1)(vi)."),
    )
    starts_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "From when it holds.")
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "Until when, not included; NULL for open.")
    )
    expires_event = models.CharField(
        max_length=300, null=True, blank=True, db_comment=phi.clinical("What ends it, in words, where no day does.")
    )
    information_description = models.TextField(
        "information",
        null=True,
        blank=True,
        db_comment=phi.clinical("What is to be used or disclosed, in words.", sealed=True),
    )
    disclosers = names("Who may disclose: persons or classes of persons.")
    recipients = names("To whom: persons or classes of persons.")
    intermediaries = names("Through whom, such as an exchange: 42 CFR 2.31(a)(4).")
    grantor_kind = models.CharField(
        "given by",
        max_length=14,
        choices=GrantorKind.choices,
        default=GrantorKind.PATIENT,
        db_default=GrantorKind.PATIENT.value,
        db_comment=phi.clinical("Who gave it: the patient or a representative."),
    )
    grantor_name = models.CharField(
        "representative",
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Name of the representative.", sealed=True),
    )
    representative_authority = models.CharField(
        "by authority of",
        max_length=20,
        choices=RepresentativeAuthority.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("By what the representative may act."),
    )
    statements_shown = several(Statement, 14, "What the signer was told: the statements of 45 CFR 164.508(c)(2).")
    signed_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "When it was signed.")
    )
    signature_method = models.CharField(
        max_length=10,
        choices=SignatureMethod.choices,
        null=True,
        blank=True,
        db_comment=phi.none("How it was signed."),
    )
    witness = models.CharField(
        max_length=200, null=True, blank=True, db_comment=phi.identifier(Identifier.NAMES, "Who saw it.", sealed=True)
    )
    form_version = models.CharField(
        max_length=60, null=True, blank=True, db_comment=phi.none("Which form was signed, with its version.")
    )
    document_digest = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        db_comment=phi.none("SHA-256 of the signed document, as hexadecimal digits."),
    )
    document_reference = models.CharField(
        max_length=300, null=True, blank=True, db_comment=phi.none("Where the signed document is kept.")
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_comment=phi.none("Who checked it with whoever gave it."),
    )
    verified_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment=phi.none("When it was checked.")
    )
    withdrawal_channel = models.CharField(
        max_length=10,
        choices=WithdrawalChannel.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("How the withdrawal came."),
    )
    withdrawal_received_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "When it came; it holds from when it was written down."),
    )

    objects = ConsentRecordQuerySet.as_manager()

    class Meta:
        db_table = "consent_records"
        db_table_comment = (
            "What patients allowed or refused: one immutable version for each row. Never changed or deleted."
        )
        verbose_name = "consent"
        default_permissions = ("view",)
        permissions = [
            ("give_consentrecord", "Can record what a patient allows or refuses"),
            ("withdraw_consentrecord", "Can record that a patient withdraws it"),
            ("restrict_consentrecord", "Can agree to a restriction"),
            ("verify_consentrecord", "Can verify a consent with whoever gave it"),
        ]
        indexes = [
            models.Index(fields=["patient", "consent_type"], name="consent_records_of_patient"),
            models.Index(fields=["ends_at"], name="consent_records_ending", condition=models.Q(status="active")),
        ]
        constraints = constraints.CONSENT

    def __str__(self) -> str:
        return f"consent {self.pk}"
