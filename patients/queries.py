"""Patients in the words of a front desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models.expressions import RawSQL

from compliance.audit.querysets import AuditedQuerySet

if TYPE_CHECKING:
    from datetime import date

    from patients.models import Patient


class PatientQuerySet(AuditedQuerySet["Patient"]):
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

    def same_person_as(self, patient: Patient) -> Self:
        """Keep all records of a patient's person: the one that goes on, and every one that was merged into it.

        A chart is whole when it is read for all of them: `patient__in=Patient.objects.same_person_as(patient)`.
        """
        return self.filter(pk__in=RawSQL("SELECT records_of_person(%s)", [patient.pk]))
