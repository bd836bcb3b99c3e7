"""The inbox of whoever watches over emergencies: one notice for each of them when a chart is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from compliance import phi, rights
from compliance.access.break_glass_grant import BreakGlassGrant
from compliance.rules import held_in_sql, in_calendar, rule

if TYPE_CHECKING:
    from compliance.accounts.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, each in the inbox of one account."""

    def of(self, user: User) -> Self:
        """Keep those in the inbox of an account."""
        return self.filter(recipient=user)

    def unread(self) -> Self:
        """Keep those that have not been acknowledged."""
        return self.filter(acknowledged_at__isnull=True)


class Notice(models.Model):
    """Tells one account that a chart was opened in an emergency. It says who and when; whose chart, the grant says."""

    APP_MAY = rights.WITHOUT_DELETE

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="notices",
        db_comment=phi.none("The account in whose inbox it is."),
    )
    grant = models.ForeignKey(
        BreakGlassGrant, models.PROTECT, related_name="notices", db_comment=phi.none("What was opened.")
    )
    created_at = models.DateTimeField(
        db_default=TransactionNow(), editable=False, db_comment=phi.none("When it was delivered.")
    )
    acknowledged_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.none("When its recipient acknowledged it.")
    )
    mailed_at = models.DateTimeField(
        null=True, blank=True, db_comment=phi.none("When the mail server took the e-mail about it.")
    )
    mail_problem = models.CharField(
        max_length=100,
        null=True,
        blank=True,
        db_comment=phi.none("Why no e-mail went out, as the kind of the error; never its text."),
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notices"
        db_table_comment = "Inbox of those who watch over emergencies: one row for each of them and each opening."
        default_permissions = ("view",)
        permissions = [("acknowledge_notice", "Can acknowledge the notice of an emergency")]
        indexes = [
            models.Index(fields=["recipient"], name="notices_unread", condition=Q(acknowledged_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "recipient"],
                name="notices_once",
                violation_error_message="This account has been told already.",
            ),
            rule(
                Q(acknowledged_at__isnull=True) | Q(acknowledged_at__gte=F("created_at")),
                name="notices_acknowledged_later",
                message="A notice is acknowledged after it was delivered.",
            ),
            in_calendar(moments=["created_at", "acknowledged_at", "mailed_at"], name="notices_calendar"),
            held_in_sql("notices_stand", "A notice is evidence: it is acknowledged once, and stays."),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
