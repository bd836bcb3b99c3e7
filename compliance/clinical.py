"""What every clinical table has in common, and how a value set becomes a rule of the database."""

from __future__ import annotations

import uuid

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models


class ClinicalModel(models.Model):
    """A row about care: a key for joins, a public one for everything else, and its two times.

    The application makes `uid` before the row is written, so that encryption can bind a value to its row. Raw SQL
    that leaves it out gets one from PostgreSQL.
    """

    id = models.BigAutoField(primary_key=True, db_comment="Surrogate key, for joins only.")
    uid = models.UUIDField(
        "public identifier",
        unique=True,
        default=uuid.uuid4,
        db_default=RandomUUID(),
        editable=False,
        db_comment="Public identifier, the one that leaves this database.",
    )
    created_at = models.DateTimeField(
        auto_now_add=True, db_default=TransactionNow(), db_comment="When the row was made."
    )
    updated_at = models.DateTimeField(
        auto_now=True, db_default=TransactionNow(), db_comment="When the row was last changed."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Name the row without saying anything about a person."""
        return f"{self._meta.verbose_name} {self.pk}"


def one_of(field: str, values: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """Hold a field to its value set in the database too."""
    return rule(
        models.Q((f"{field}__in", values.values)), name=name, message=f"This is not a known {field.replace('_', ' ')}."
    )


def rule(condition: models.Q, *, name: str, message: str) -> models.CheckConstraint:
    """Make a CHECK with the sentence that a person reads when it refuses."""
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=message)
