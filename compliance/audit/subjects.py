"""What an entry says of a row: where it is and whose data it holds. Nothing of what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from compliance.audit import context
from compliance.audit.registry import DECLARED
from compliance.consent.subjects import is_consented

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model


def patient_column(model: type[Model]) -> str:
    """Name the column with the patient's key; empty for what is nobody's data.

    The models say it themselves, with @audited. The trail cannot be under audit and has such a column all the same.
    """
    if (declared := DECLARED.get(model)) is not None:
        return declared.patient
    return "patient_id" if hasattr(model, "patient_id") else ""


def patient_of(row: Model) -> int | None:
    """Give the key of the patient whose data a row is; None for what is nobody's."""
    column = patient_column(row._meta.concrete_model or type(row))  # noqa: SLF001 - Django's API
    return getattr(row, column) if column else None


def patients_of(model: type[Model], rows: Iterable[Model]) -> set[int]:
    """Give the keys of the patients whose data these rows are."""
    column = patient_column(model)
    return {patient for row in rows if (patient := getattr(row, column)) is not None} if column else set()


def with_other_records(patients: Iterable[int]) -> list[int]:
    """Give these patients' keys and those of all other records of theirs: who read one may have read the other.

    The database tells, since this app knows no patients; keys that it does not know stay.
    """
    known = set(patients)
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_of_person(VARIADIC %s::bigint[])", [list(known)])
        return sorted(known.union(key for (key,) in cursor.fetchall()))


def about(row: Model) -> dict[str, Any]:
    """Give what an entry says of a row, as fields of AuditLog: as the trigger does for a change."""
    model: Any = row._meta.concrete_model  # noqa: SLF001 - Django's API
    table, patient = model._meta.db_table, patient_column(model)  # noqa: SLF001
    return {
        "content_type": ContentType.objects.get_for_model(model),
        "table_name": table,
        "object_pk": str(row.pk),
        "object_id": row.pk if isinstance(row.pk, int) else None,
        "object_repr": f"{table} {row.pk}",
        "object_uid": getattr(row, "uid", None),
        "object_version": getattr(row, "version", None),
        "patient_id": getattr(row, patient) if patient else None,
        **consent_about(row),
    }


def about_hidden(table: str, key: int) -> dict[str, Any]:
    """Give what an entry says of a row that is not shown to whoever acts: whose it is, and whether consent hides it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_patient_of(%s, %s)", [table, key])
        patient = cursor.fetchone()[0]
    said = context.current()
    if patient is None or said is None or None in {said.actor, said.purpose}:
        return {"patient_id": patient}
    return {"patient_id": patient, **consent_facts(table, key, said.actor, said.purpose)}


def consent_about(row: Model) -> dict[str, Any]:
    """Give what consent says of a row to whoever acts, as fields of AuditLog; nothing where nobody asks for it."""
    said = context.current()
    if row.pk is None or said is None or None in {said.actor, said.purpose} or not is_consented(type(row)):
        return {}
    return consent_facts(row._meta.db_table, row.pk, said.actor, said.purpose)  # noqa: SLF001


def consent_facts(table: str, key: int, account: int | None, purpose: str | None) -> dict[str, Any]:
    """Ask what consent says of a row, by its key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT permits, consent_id FROM consent_about(%s, %s, %s, %s)", [table, key, account, purpose])
        permits, consent = cursor.fetchone()
    if permits is None:
        return {}
    permitted = "not_required" if consent is None else "permit"
    return {"consent_decision": permitted if permits else "deny", "consent_id": consent}


def consents_behind(model: type[Model], patients: Iterable[int]) -> list[int] | None:
    """Give the consents that released a list about these patients, or withheld more of it from whoever acts."""
    said = context.current()
    if said is None or None in {said.actor, said.purpose} or not is_consented(model):
        return None
    with connection.cursor() as cursor:
        table = model._meta.db_table  # noqa: SLF001 - Django's API
        cursor.execute("SELECT consents_behind(%s, %s, %s, %s)", [table, said.actor, said.purpose, list(patients)])
        return cursor.fetchone()[0] or None


def consents_of(patients: Iterable[int]) -> list[int] | None:
    """Give the consents of these patients that speak of what whoever acts does; nothing where nobody is said to act."""
    said = context.current()
    if said is None or said.purpose is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT consents_of(%s, %s)", [list(patients), said.purpose])
        return cursor.fetchone()[0] or None
