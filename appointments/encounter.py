"""A contact in which care was given, in the words of FHIR Encounter."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from appointments.appointment import Appointment
from appointments.location import Location
from appointments.value_sets import DischargeDisposition, EncounterClass, EncounterStatus
from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import LabelledModel, labels, row_facts
from compliance.codes import CodeSystem, coded
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, in_order, one_of, rule

_BEGUN = [
    EncounterStatus.ARRIVED,
    EncounterStatus.TRIAGED,
    EncounterStatus.IN_PROGRESS,
    EncounterStatus.ONLEAVE,
    EncounterStatus.FINISHED,
]


@audited(patient="patient_id")
@consented
class Encounter(LabelledModel):
    """A contact of a patient with a provider: a visit, a call, a stay."""

    Status = EncounterStatus
    Class = EncounterClass

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="encounters", db_comment=phi.none("Who was seen.")
    )
    provider = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="encounters", db_comment=phi.none("Who saw them.")
    )
    appointment = models.OneToOneField(
        Appointment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="encounter",
        error_messages={"unique": "The appointment has an encounter already."},
        db_comment=phi.none("The appointment that it came from; NULL for none."),
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="encounters",
        db_comment=phi.none("Where it was."),
    )
    status = models.CharField(
        max_length=16,
        choices=EncounterStatus.choices,
        default=EncounterStatus.IN_PROGRESS,
        db_default=EncounterStatus.IN_PROGRESS.value,
        db_comment=phi.clinical("How far it has come."),
    )
    encounter_class = models.CharField(
        "class",
        max_length=6,
        choices=EncounterClass.choices,
        default=EncounterClass.AMBULATORY,
        db_default=EncounterClass.AMBULATORY.value,
        db_comment=phi.clinical("In what setting it was: HL7 ActEncounterCode."),
    )
    reason_system = models.CharField(
        max_length=60,
        choices=CodeSystem.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Code system of the reason's code, by its URI."),
    )
    reason_code = models.CharField(
        max_length=20, null=True, blank=True, db_comment=phi.clinical("Why the patient came, as a code.")
    )
    reason_text = models.CharField(
        max_length=500, null=True, blank=True, db_comment=phi.sensitive("Why the patient came, in words.")
    )
    starts_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "When it began; NULL while it is planned.")
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "When it ended; NULL while it goes on.")
    )
    discharge_disposition = models.CharField(
        max_length=9,
        choices=DischargeDisposition.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Where the patient went afterwards; of stays."),
    )

    objects = AuditedQuerySet.as_manager()

    class Meta:
        db_table = "encounters"
        db_table_comment = "Contacts in which care was given. Entered in error, never deleted."
        indexes = [
            models.Index(fields=["patient", "starts_at"], name="encounters_of_patient"),
            models.Index(fields=["provider", "starts_at"], name="encounters_of_provider"),
        ]
        constraints = [
            one_of("status", EncounterStatus, name="encounters_status_known"),
            one_of("encounter_class", EncounterClass, name="encounters_class_known"),
            one_of("discharge_disposition", DischargeDisposition, name="encounters_disposition_known"),
            *coded("reason_system", "reason_code", table="encounters"),
            rule(
                ~Q(status__in=_BEGUN) | Q(starts_at__isnull=False),
                name="encounters_begun_has_its_time",
                message="An encounter that has begun has a time at which it began.",
            ),
            rule(
                ~Q(status=EncounterStatus.FINISHED) | Q(ends_at__isnull=False),
                name="encounters_finished_has_its_time",
                message="A finished encounter has a time at which it ended.",
            ),
            rule(
                Q(ends_at__isnull=True) | Q(starts_at__isnull=False),
                name="encounters_end_needs_start",
                message="What ended has begun: say when.",
            ),
            in_order(
                "starts_at", "ends_at", name="encounters_forwards", message="The encounter ends before it begins."
            ),
            in_calendar(moments=["starts_at", "ends_at"], name="encounters_calendar"),
            held_in_sql("encounters_same_patient", "The appointment is another patient's."),
            held_in_sql(
                "encounters_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *labels("encounters"),
            *row_facts("encounters"),
        ]
