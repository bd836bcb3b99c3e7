"""An emergency in which somebody opens a chart that is not in their care: by name, for a while, and reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, moments, never_twice, one_of, rule

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = timedelta(hours=4)
# What nobody has reviewed so long after it was opened is overdue.
REVIEWED_WITHIN = timedelta(hours=72)


class ReviewOutcome(models.TextChoices):
    """What a reviewer found."""

    JUSTIFIED = "justified", "Justified"
    NOT_JUSTIFIED = "not_justified", "Not justified"
    ESCALATED = "escalated", "Handed on for investigation"


class BreakGlassGrantQuerySet(AuditedQuerySet["BreakGlassGrant"]):
    """Grants in time, and in the eyes of a reviewer."""

    def open_at(self, moment: datetime | None = None) -> Self:
        """Keep those under which a chart is open at a moment; now, when none is given."""
        moment = moment or timezone.now()
        return self.filter(
            Q(closed_at__isnull=True) | Q(closed_at__gt=moment), opened_at__lte=moment, ends_at__gt=moment
        )

    def to_be_reviewed(self) -> Self:
        """Keep those that nobody has reviewed yet, oldest first."""
        return self.filter(reviewed_at__isnull=True).order_by("opened_at", "pk")


@audited(patient="patient_id")
class BreakGlassGrant(ClinicalModel):
    """One account may open one patient's chart from `opened_at` up to, not including, `ends_at` or `closed_at`."""

    ReviewOutcome = ReviewOutcome

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="break_glass_grants", db_comment=phi.none("Whose chart.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="break_glass_grants",
        db_comment=phi.none("The account that opened it."),
    )
    reason = models.TextField(db_comment=phi.clinical("Why, in the words of who opened it.", sealed=True))
    opened_at = models.DateTimeField(db_comment=phi.identifier(Identifier.DATES, "From when."))
    ends_at = models.DateTimeField(db_comment=phi.identifier(Identifier.DATES, "Until when, at most."))
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.identifier(Identifier.DATES, "When it was closed before its end.")
    )
    proved_at = models.DateTimeField(db_comment=phi.none("When the account last proved who it is, before opening."))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment=phi.none("The account that reviewed it."),
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, db_comment=phi.none("When it was reviewed."))
    review_outcome = models.CharField(
        max_length=13,
        choices=ReviewOutcome.choices,
        null=True,
        blank=True,
        db_comment=phi.none("What the reviewer found."),
    )
    review_note = models.TextField(
        null=True, blank=True, db_comment=phi.clinical("What the reviewer wrote.", sealed=True)
    )

    objects = BreakGlassGrantQuerySet.as_manager()

    @property
    def over_at(self) -> datetime:
        """From when on the chart is closed again."""
        return self.closed_at or self.ends_at

    def is_overdue(self, moment: datetime | None = None) -> bool:
        """Tell whether it should have been reviewed by a moment; now, when none is given."""
        return self.reviewed_at is None and (moment or timezone.now()) > self.opened_at + REVIEWED_WITHIN

    class Meta:
        db_table = "break_glass_grants"
        verbose_name = "emergency"
        verbose_name_plural = "emergencies"
        db_table_comment = "Emergencies in which somebody opened a chart that is not in their care. Never deleted."
        default_permissions = ("view",)
        permissions = [
            ("open_breakglassgrant", "Can open a chart in an emergency"),
            ("close_breakglassgrant", "Can close a chart that was opened in an emergency"),
            ("review_breakglassgrant", "Can review emergencies"),
        ]
        indexes = [
            models.Index(fields=["user", "ends_at"], name="break_glass_grants_of_user"),
            models.Index(
                fields=["opened_at"], name="break_glass_grants_unreviewed", condition=Q(reviewed_at__isnull=True)
            ),
        ]
        constraints = [
            rule(
                Q(ends_at__gt=F("opened_at"), ends_at__lte=F("opened_at") + LONGEST),
                name="break_glass_grants_short",
                message="A chart is opened in an emergency for at most four hours.",
            ),
            rule(
                Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at"), closed_at__lte=F("ends_at")),
                name="break_glass_grants_closed_within",
                message="It is closed after it was opened and before it ends.",
            ),
            rule(
                Q(proved_at__lte=F("opened_at"), proved_at__gte=F("opened_at") - timedelta(minutes=5)),
                name="break_glass_grants_proved",
                message="Who opens a chart in an emergency has proved who they are within the last five minutes.",
            ),
            rule(
                Q(reviewed_by__isnull=True, reviewed_at__isnull=True, review_outcome__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, review_outcome__isnull=False),
                name="break_glass_grants_review_whole",
                message="A review has its reviewer, its time and its outcome.",
            ),
            rule(
                ~Q(reviewed_by=F("user")),
                name="break_glass_grants_reviewed_by_another",
                message="Nobody reviews what they did themselves.",
            ),
            rule(
                Q(review_outcome__isnull=True) | Q(review_outcome="justified") | Q(review_note__isnull=False),
                name="break_glass_grants_review_explained",
                message="Say in a note why it was not justified, or what is to be investigated.",
            ),
            never_twice(
                "patient",
                "user",
                during=moments("opened_at", Coalesce("closed_at", "ends_at")),
                name="break_glass_grants_one_at_a_time",
                message="You have opened this chart already: close it first, or go on under what is open.",
            ),
            one_of("review_outcome", ReviewOutcome, name="break_glass_grants_outcome_known", what="outcome"),
            in_calendar(
                moments=["opened_at", "ends_at", "closed_at", "proved_at", "reviewed_at"],
                name="break_glass_grants_calendar",
            ),
            held_in_sql(
                "break_glass_grants_stands", "What was opened, by whom, why and until when is evidence: it stays."
            ),
            held_in_sql(
                "break_glass_grants_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *row_facts("break_glass_grants"),
        ]
