"""One document of a patient's chart, in the words of FHIR Composition and DocumentReference."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import LabelledModel, labels, row_facts
from compliance.codes import CodeSystem, coded
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, one_of, passes, rule, said
from compliance.validators import json_object
from records.value_sets import AttestationMode, RecordStatus, RecordType

# Signed: the content stands for good. The trigger medical_records_hold_signed names the same.
SIGNED = (RecordStatus.FINAL, RecordStatus.AMENDED)
SIGNATURE = ("signed_at", "signed_by", "attestation_mode", "content_digest")


class MedicalRecordQuerySet(AuditedQuerySet["MedicalRecord"]):
    """Documents in the words of a chart."""

    def standing(self) -> Self:
        """Keep what holds now: neither amended by a signed record nor entered in error."""
        amendment = MedicalRecord.objects.filter(
            amends=models.OuterRef("pk"),
            # Always so; said because PostgreSQL then looks for amendments in the one chart, not among all.
            patient=models.OuterRef("patient"),
            status__in=SIGNED,
        )
        return self.exclude(status=RecordStatus.ENTERED_IN_ERROR).filter(~models.Exists(amendment))


@audited(patient="patient_id")
@consented
class MedicalRecord(LabelledModel):
    """One document of a patient's chart: preliminary until it is signed, then amended by a new one."""

    Type = RecordType
    Status = RecordStatus

    patient = models.ForeignKey(
        "patients.Patient",
        models.PROTECT,
        related_name="medical_records",
        db_comment=phi.none("Whose chart it belongs to."),
    )
    author = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="medical_records", db_comment=phi.none("Who wrote it.")
    )
    encounter = models.ForeignKey(
        "appointments.Encounter",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="medical_records",
        db_comment=phi.none("The encounter that it came from, if any."),
    )
    record_type = models.CharField(
        "type", max_length=20, choices=RecordType.choices, db_comment=phi.clinical("What kind of document it is.")
    )
    status = models.CharField(
        max_length=16,
        choices=RecordStatus.choices,
        default=RecordStatus.PRELIMINARY,
        db_default=RecordStatus.PRELIMINARY.value,
        editable=False,
        db_comment=phi.clinical("Whether it is finished; amended: finished, and in the place of another."),
    )
    title = models.CharField(max_length=300, db_comment=phi.sensitive("Title of the document."))
    body = models.TextField(blank=True, default="", db_comment=phi.sensitive("Text of the document."))
    structured = models.JSONField(
        "measurements",
        null=True,
        blank=True,
        validators=[json_object],
        db_comment=phi.sensitive("What was measured, as an object of names and values."),
    )
    code_system = models.CharField(
        max_length=60,
        choices=CodeSystem.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Code system of the code, by its URI."),
    )
    code = models.CharField(
        max_length=20, null=True, blank=True, db_comment=phi.clinical("What it is about, as a code.")
    )
    code_display = models.CharField(
        max_length=300, null=True, blank=True, db_comment=phi.clinical("What the code means, in its system's words.")
    )
    effective_at = models.DateTimeField(db_comment=phi.identifier(Identifier.DATES, "When what it describes was so."))
    is_part2 = models.BooleanField(
        "42 CFR Part 2",
        default=False,
        db_default=False,
        db_comment=phi.clinical("Whether it is a record of substance use treatment under 42 CFR Part 2."),
    )
    signed_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.identifier(Identifier.DATES, "When it was signed."),
    )
    signed_by = models.ForeignKey(
        "providers.Provider",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="signed_records",
        db_comment=phi.none("Who signed it."),
    )
    attestation_mode = models.CharField(
        max_length=12,
        choices=AttestationMode.choices,
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.none("In what capacity they signed it."),
    )
    content_digest = models.BinaryField(
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.clinical("SHA-256 of the content as signed, 32 bytes: see records/signing.py."),
    )
    amends = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="amended_by",
        error_messages={"unique": "That record has been amended already: amend what stands in its place."},
        db_comment=phi.none("The signed record in whose place it stands."),
    )

    objects = MedicalRecordQuerySet.as_manager()

    class Meta:
        db_table = "medical_records"
        db_table_comment = "Documents of patients' charts. Amended or entered in error, never changed once signed."
        permissions = [
            ("sign_medicalrecord", "Can sign medical records"),
            ("amend_medicalrecord", "Can amend signed medical records"),
        ]
        indexes = [
            models.Index(fields=["patient", "effective_at"], name="medical_records_of_patient"),
            models.Index(fields=["code"], name="medical_records_code", condition=Q(code__isnull=False)),
        ]
        constraints = [
            one_of("record_type", RecordType, name="medical_records_type_known"),
            one_of("status", RecordStatus, name="medical_records_status_known"),
            one_of("attestation_mode", AttestationMode, name="medical_records_attestation_known"),
            *coded("code_system", "code", table="medical_records"),
            said("code_display", name="medical_records_text_not_empty"),
            rule(
                ~Q(status__in=SIGNED)
                | Q(
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                    attestation_mode__isnull=False,
                    content_digest__isnull=False,
                ),
                name="medical_records_final_is_signed",
                message="A final record has a signature: when, by whom, in what capacity, and over what content.",
            ),
            rule(
                ~Q(status=RecordStatus.PRELIMINARY)
                | Q(
                    signed_at__isnull=True,
                    signed_by__isnull=True,
                    attestation_mode__isnull=True,
                    content_digest__isnull=True,
                ),
                name="medical_records_preliminary_is_unsigned",
                message="A record that is signed is final.",
            ),
            rule(
                Q(**dict.fromkeys((f"{part}__isnull" for part in SIGNATURE), True))
                | Q(**dict.fromkeys((f"{part}__isnull" for part in SIGNATURE), False)),
                name="medical_records_signature_whole",
                message="A signature is whole: when, by whom, in what capacity, and over what content.",
            ),
            rule(
                ~Q(status=RecordStatus.AMENDED) | Q(amends__isnull=False),
                name="medical_records_amended_amends",
                message="An amended record stands in the place of another: say which.",
            ),
            rule(
                ~Q(status=RecordStatus.FINAL) | Q(amends__isnull=True),
                name="medical_records_amendment_is_amended",
                message="A signed record that amends another has the status amended.",
            ),
            passes(
                "is_sha256",
                "content_digest",
                name="medical_records_digest_length",
                message="A SHA-256 digest is 32 bytes.",
            ),
            rule(
                ~Q(record_type=RecordType.SUD_COUNSELING_NOTE) | Q(is_part2=True),
                name="medical_records_sud_note_is_part2",
                message="A substance use counseling note is a Part 2 record.",
            ),
            in_calendar(moments=["effective_at", "signed_at"], name="medical_records_calendar"),
            # A mistaken amendment leaves room for a right one.
            models.UniqueConstraint(
                fields=["amends"],
                condition=~Q(status=RecordStatus.ENTERED_IN_ERROR),
                name="medical_records_amended_once",
                violation_error_message="That record has been amended already: amend the amendment.",
            ),
            held_in_sql("medical_records_signed_stands", "A signed record does not change: amend it with a new one."),
            held_in_sql("medical_records_amends_signed", "Only a signed record is amended; change the draft itself."),
            held_in_sql("medical_records_amends_same_patient", "A record amends one of the same patient."),
            held_in_sql("medical_records_same_patient", "The encounter is another patient's."),
            held_in_sql(
                "medical_records_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *labels("medical_records"),
            *row_facts("medical_records"),
        ]
