"""What every clinical table has in common.

What is unknown is NULL, never the empty string: presence can then be a rule of the database, also for a column whose
value it cannot read because it is encrypted.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.core.exceptions import ValidationError
from django.db import models, router, transaction

from compliance import phi, rights, storable
from compliance.checking import at_once
from compliance.encryption.rows import SealedModel
from compliance.phi import Identifier
from compliance.rules import held_in_sql, one_of, some_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Confidentiality(models.TextChoices):
    """HL7 v3 Confidentiality, from unrestricted to very restricted."""

    UNRESTRICTED = "U", "Unrestricted"
    LOW = "L", "Low"
    MODERATE = "M", "Moderate"
    NORMAL = "N", "Normal"
    RESTRICTED = "R", "Restricted"
    VERY_RESTRICTED = "V", "Very restricted"


class Sensitivity(models.TextChoices):
    """HL7 v3 ActCode, the information sensitivity codes that policies in the United States name."""

    ETH = "ETH", "Substance use"
    SUD = "SUD", "Substance use disorder"
    SDV = "SDV", "Sexual assault, abuse or domestic violence"
    PSY = "PSY", "Psychiatry"
    PSYTHPN = "PSYTHPN", "Psychotherapy note"
    HIV = "HIV", "HIV or AIDS"
    STD = "STD", "Sexually transmitted disease"
    SICKLE = "SICKLE", "Sickle cell"
    GDIS = "GDIS", "Genetic disease"
    SEX = "SEX", "Sexuality and reproductive health"


class CheckedModel(models.Model):
    """A row that refuses in sentences what PostgreSQL would refuse with an error."""

    class Meta:
        abstract = True

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Give validation the model's rules, its CHECKs as one question."""
        return [(model, at_once(rules)) for model, rules in super().get_constraints()]

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse also what the fields let through and PostgreSQL does not: see storable.py."""
        # Django reads a text as the JSON of an array, and ends in an error that carries the text.
        errors = {
            field.name: [ValidationError("Give a list.")]
            for field in self._meta.concrete_fields
            if isinstance(field, ArrayField) and isinstance(getattr(self, field.attname), str)
        }
        try:
            super().clean_fields({*(exclude or ()), *errors})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self._meta.concrete_fields:
            if field.name in errors or field.name in (exclude or ()):
                continue
            if problem := storable.problem(field, getattr(self, field.attname)):
                errors[field.name] = [ValidationError(problem)]
        if errors:
            raise ValidationError(errors)


class ClinicalModel(CheckedModel, SealedModel):
    """A row about care: a key for joins, a public one for everything else, its version and its two times.

    The application makes `uid` before the row is written, so that encryption can bind a value to its row. The database
    keeps version and times (keep_row_facts in sql_migrations), and refuses an update that carries a version which is
    no longer the row's: of two people who change one row, the second is told instead of undoing the first.
    """

    KEPT: ClassVar = ["version", "updated_at"]
    # Nothing clinical is deleted. See compliance/rights.py.
    APP_MAY: ClassVar = rights.WITHOUT_DELETE

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key, for joins only."))
    uid = models.UUIDField(
        "public identifier",
        unique=True,
        default=uuid.uuid4,
        db_default=RandomUUID(),
        editable=False,
        db_comment=phi.identifier(Identifier.OTHER, "Public identifier, the one that leaves this database."),
    )
    version = models.IntegerField(
        db_default=1,
        editable=False,
        db_comment=phi.none("Counts the changes of the row, from 1; kept by the database."),
    )
    created_at = models.DateTimeField(
        db_default=TransactionNow(),
        editable=False,
        db_comment=phi.none("When the row was made; kept by the database."),
    )
    updated_at = models.DateTimeField(
        db_default=TransactionNow(),
        editable=False,
        db_comment=phi.none("When the row was last changed; kept by the database."),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Name the row without saying anything about a person."""
        return f"{self._meta.verbose_name} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, and read back what the database keeps about it, so that the next save carries its version."""
        made = self._state.adding
        # In one transaction: between the two statements nobody else changes the row.
        with transaction.atomic(
            using=kwargs.get("using") or router.db_for_write(type(self), instance=self), savepoint=False
        ):
            super().save(*args, **kwargs)
            if not made:
                self.refresh_from_db(using=self._state.db, fields=self.KEPT)


class LabelledModel(ClinicalModel):
    """A clinical row that policies may treat apart: how confidential it is, and for what it is sensitive."""

    Confidentiality = Confidentiality
    Sensitivity = Sensitivity

    confidentiality = models.CharField(
        max_length=1,
        choices=Confidentiality.choices,
        default=Confidentiality.NORMAL,
        db_default=Confidentiality.NORMAL.value,
        db_comment=phi.clinical("How confidential it is: an HL7 Confidentiality code."),
    )
    sensitivity = ArrayField(
        models.CharField(max_length=8, choices=Sensitivity.choices),
        blank=True,
        default=list,
        db_default=[],
        db_comment=phi.clinical("For what it is sensitive: HL7 ActCode sensitivity codes; empty for nothing."),
    )

    class Meta:
        abstract = True


def labels(table: str) -> list[models.BaseConstraint]:
    """Give the rules on the labels of a LabelledModel's table."""
    return [
        one_of("confidentiality", Confidentiality, name=f"{table}_confidentiality_known", what="confidentiality code"),
        some_of("sensitivity", Sensitivity, name=f"{table}_sensitivity_known", what="sensitivity code"),
    ]


def row_facts(table: str) -> list[models.BaseConstraint]:
    """Give the rules that keep_row_facts holds on every clinical table."""
    return [
        held_in_sql(f"{table}_identity_stays", "The keys of a row and when it was made do not change."),
        held_in_sql(
            f"{table}_changed_meanwhile",
            "Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
        ),
    ]
