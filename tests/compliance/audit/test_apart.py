"""What was looked at stays on record when the transaction in which it was looked at does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from compliance.access import require
from compliance.audit import recording
from compliance.errors import AccessDenied
from compliance.models import AuditLog
from patients.errors import LikelyDuplicates
from patients.models import Patient
from patients.registration import register
from records.fhir import export

if TYPE_CHECKING:
    from compliance.models import User


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where the trail commits on a connection of its own."""


def recorded() -> list[tuple[str, int | None, list[int] | None]]:
    found = AuditLog.objects.filter(captured_by="application").order_by("id")
    return list(found.values_list("event_type", "patient_id", "patient_ids"))


def test_a_read_stays_when_the_request_rolls_back(patient: Patient) -> None:
    with transaction.atomic():
        recording.read(patient)
        Patient.objects.update(given_name="Mary")
        transaction.set_rollback(True)

    assert recorded() == [("read", patient.pk, None)]
    assert not AuditLog.objects.filter(event_type="update").exists()


def test_a_denial_stays_too(db: None, django_user_model: Any) -> None:
    nurse = django_user_model.objects.create_user("nurse@clinic.example")
    with pytest.raises(AccessDenied), transaction.atomic():
        require(nurse, "patients.merge_patient")

    assert recorded() == [("denied", None, None)]


def test_so_do_the_duplicates_that_stopped_a_registration(patient: Patient, administrator: User) -> None:
    facts = {
        name: getattr(patient, name) for name in ("family_name", "given_name", "birth_date", "assigning_authority")
    }
    with pytest.raises(LikelyDuplicates):
        register(by=administrator, mrn="Z-1", administrative_gender="female", **facts)

    assert recorded() == [("query", None, [patient.pk])]


def test_an_export_that_may_only_read_is_recorded(patient: Patient) -> None:
    export.write(patient.uid, lambda _: None)

    assert recorded() == [("export", patient.pk, None)]
