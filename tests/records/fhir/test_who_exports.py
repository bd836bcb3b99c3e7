"""An account exports a chart that it may see all of, and nobody else's; each refusal is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from compliance.audit import context
from compliance.errors import AccessDenied
from compliance.models import AuditLog, CareRelationship, User
from patients.models import Patient
from records.fhir import export

if TYPE_CHECKING:
    from compliance.models import User as Account


def exported(patient: Patient, account: Account) -> str:
    parts: list[str] = []
    with context.acting(account):
        export.write(patient.uid, parts.append)
    return "".join(parts)


def test_a_patient_exports_their_own_chart_and_no_other(patient: Patient, other_patient: Patient) -> None:
    account = User.objects.create_user("marigold@home.example")
    Patient.objects.filter(pk=patient.pk).update(user=account)

    assert "Quillfeather" in exported(patient, account)
    with pytest.raises(AccessDenied):
        exported(other_patient, account)


def test_who_is_shown_a_part_of_a_chart_exports_none_of_it(patient: Patient) -> None:
    physician = User.objects.create_user("doctor@clinic.example", role="physician")
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=datetime(2024, 1, 1, tzinfo=UTC))

    with pytest.raises(AccessDenied):
        exported(patient, physician)

    assert AuditLog.objects.filter(event_type="denied", actor_id=physician.pk, patient_id=patient.pk).exists()
    assert not AuditLog.objects.filter(event_type="export").exists()


def test_an_account_that_may_see_everything_exports(patient: Patient, administrator: Account) -> None:
    assert "Quillfeather" in exported(patient, administrator)
