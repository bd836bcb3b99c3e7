"""Patients in the words of a front desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigAutoField, BigIntegerField, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Lookup

from compliance.audit.querysets import AuditedQuerySet

if TYPE_CHECKING:
    from datetime import date

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from patients.models import Patient


@BigAutoField.register_lookup
class AnyOf(Lookup[int]):
    """`pk__any_of` an array that an expression gives. Among other conditions an index serves it, as it does not IN."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        key, key_params = self.process_lhs(compiler, connection)
        array, array_params = self.process_rhs(compiler, connection)
        return f"{key} = ANY ({array})", (*key_params, *array_params)


def family_name_begins(beginning: str) -> Q:
    """Say which patients have a family name that begins so, in any case; row-level security lets an index serve it."""
    keys = Func(Value(beginning), function="patients_named", output_field=ArrayField(BigIntegerField()))
    return Q(pk__any_of=keys)


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
        return self.filter(family_name_begins(family_name), birth_date=born)

    def same_person_as(self, patient: Patient) -> Self:
        """Keep all records of a patient's person: the one that goes on, and every one that was merged into it.

        A chart is whole when it is read for all of them: `patient__in=Patient.objects.same_person_as(patient)`.
        """
        return self.filter(pk__in=RawSQL("SELECT records_of_person(%s)", [patient.pk]))
