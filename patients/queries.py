"""Patients in the words of a front desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from datetime import date

    from patients.models import Patient  # noqa: F401 - for the type of the query set


class PatientQuerySet(models.QuerySet["Patient"]):
    """Reads that a front desk makes, each by an index."""

    def current(self) -> Self:
        """Keep those that have not been merged into another."""
        return self.filter(merged_into__isnull=True)

    def with_mrn(self, mrn: str) -> Self:
        """Keep those to whom an authority gave this record number."""
        return self.filter(mrn=mrn)

    def named(self, family_name: str, born: date) -> Self:
        """Keep those whose family name begins so, in any case, and who were born on that day."""
        return self.filter(family_name__istartswith=family_name, birth_date=born)
