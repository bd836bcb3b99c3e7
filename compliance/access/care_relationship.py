"""Who treats whom, from when to when: what access to a chart rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, in_order, moments, never_twice, one_of

if TYPE_CHECKING:
    from datetime import datetime


class CareRole(models.TextChoices):
    """What a member of staff is to a patient."""

    TREATING = "treating", "Treating"
    CONSULTING = "consulting", "Consulting"
    COVERING = "covering", "Covering for another"
    NURSING = "nursing", "Nursing"
    PHARMACY = "pharmacy", "Pharmacy"
    COORDINATING = "coordinating", "Coordinating care"


class CareRelationshipQuerySet(AuditedQuerySet["CareRelationship"]):
    """Care relationships in time."""

    def at(self, moment: datetime | None = None) -> Self:
        """Keep those that hold at a moment; now, when none is given."""
        moment = moment or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment), starts_at__lte=moment)


@audited(patient="patient_id")
class CareRelationship(ClinicalModel):
    """A member of staff cares for a patient, from `starts_at` up to, not including, `ends_at`."""

    Role = CareRole

    patient = models.ForeignKey(
        "patients.Patient",
        models.PROTECT,
        related_name="care_relationships",
        db_comment=phi.none("Who is cared for."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="care_relationships",
        db_comment=phi.none("The account of who cares for them."),
    )
    role = models.CharField(
        max_length=12,
        choices=CareRole.choices,
        default=CareRole.TREATING,
        db_default=CareRole.TREATING.value,
        db_comment=phi.clinical("What that person is to the patient."),
    )
    starts_at = models.DateTimeField(db_comment=phi.identifier(Identifier.DATES, "From when."))
    ends_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "Until when; NULL while it is open.")
    )

    objects = CareRelationshipQuerySet.as_manager()

    class Meta:
        db_table = "care_relationships"
        db_table_comment = "Who treats whom, from when to when. Ended, never deleted."
        indexes = [models.Index(fields=["user", "patient"], name="care_relationships_of_user")]
        constraints = [
            one_of("role", CareRole, name="care_relationships_role_known"),
            in_order(
                "starts_at",
                "ends_at",
                name="care_relationships_forwards",
                message="The relationship ends before it begins.",
            ),
            never_twice(
                "patient",
                "user",
                during=moments("starts_at", "ends_at"),
                name="care_relationships_one_at_a_time",
                message="This person cares for this patient already at that time.",
            ),
            in_calendar(moments=["starts_at", "ends_at"], name="care_relationships_calendar"),
            held_in_sql(
                "care_relationships_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *row_facts("care_relationships"),
        ]
