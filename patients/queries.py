"""Patients in the words of a front desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models.expressions import RawSQL

from compliance.audit.querysets import AuditedQuerySet

if TYPE_CHECKING:
    from datetime import date

    from patients.models import Patient

# From a record to the one that goes on in its place, and from there to all that were merged into it. A survivor may be
# merged later, so that either way can be many steps long.
SAME_PERSON = """
    WITH RECURSIVE onward AS (
        SELECT id, merged_into_id FROM patients WHERE id = %s
        UNION
        SELECT patients.id, patients.merged_into_id FROM patients JOIN onward ON patients.id = onward.merged_into_id
    ), same_person AS (
        SELECT id FROM onward WHERE merged_into_id IS NULL
        UNION
        SELECT patients.id FROM patients JOIN same_person ON patients.merged_into_id = same_person.id
    )
    SELECT id FROM same_person
"""


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
        return self.filter(pk__in=RawSQL(SAME_PERSON, [patient.pk]))  # noqa: S611 - its only value is a parameter
