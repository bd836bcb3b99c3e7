"""Signed reviews of who holds what: the recertification of access, as evidence."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from compliance import phi, rights
from compliance.audit.registry import audited
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, rule


class AccessReviewQuerySet(models.QuerySet["AccessReview"]):
    """Reviews in time."""

    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")


@audited()
class AccessReview(models.Model):
    """Somebody looked at who held what, and signed that it was right."""

    APP_MAY = rights.ADD

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    at = models.DateTimeField(db_default=TransactionNow(), editable=False, db_comment=phi.none("When it was signed."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="access_reviews",
        db_column="signed_by",
        db_comment=phi.none("The account of who signed it."),
    )
    digest = models.CharField(max_length=64, db_comment=phi.none("SHA-256 of `holders`, as hexadecimal digits."))
    holders = models.JSONField(
        db_comment=phi.identifier(Identifier.EMAIL, "Who held what: one object for each account of the staff.")
    )
    note = models.TextField(
        null=True, blank=True, db_comment=phi.none("What the signer wants to have said; NULL for nothing.")
    )

    objects = AccessReviewQuerySet.as_manager()

    class Meta:
        db_table = "access_reviews"
        db_table_comment = "Who held what access, as somebody signed it. Never changed, never deleted."
        default_permissions = ("view", "add")
        permissions = [("certify_accessreview", "Can sign that access is held rightly")]
        constraints = [
            rule(
                Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="access_reviews_digest",
                message="A digest has 64 hexadecimal digits.",
            ),
            in_calendar(moments=["at"], name="access_reviews_calendar"),
            held_in_sql("access_reviews_stand", "A signed review of access stays as it was signed."),
        ]

    def __str__(self) -> str:
        return f"access review {self.pk}"
