"""An account exports a chart that it may see all of, and nobody else's; each refusal is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from appointments.models import Encounter
from compliance.audit import context
from compliance.consent.restricting import restrict
from compliance.errors import AccessDenied
from compliance.models import AuditLog, CareRelationship, User
from patients.models import Patient
from records.fhir import export
from records.models import MedicalRecord

if TYPE_CHECKING:
    from appointments.models import Location
    from compliance.models import User as Account
    from providers.models import Provider

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


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


def test_what_a_rule_withholds_is_not_in_an_export_nor_what_would_tell_of_it(
    patient: Patient, provider: Provider, other_provider: Provider, room: Location
) -> None:
    """45 CFR 164.524(a)(1)(i): patients have no right to their psychotherapy notes."""
    account = User.objects.create_user("marigold@home.example")
    Patient.objects.filter(pk=patient.pk).update(user=account)
    visit = Encounter.objects.create(
        patient=patient, provider=other_provider, location=room, starts_at=NOON, sensitivity=["PSYTHPN"]
    )
    common = {"patient": patient, "record_type": "progress_note", "effective_at": NOON}
    MedicalRecord.objects.create(author=provider, title="Sore throat", **common)
    MedicalRecord.objects.create(
        author=other_provider, encounter=visit, title="Fears", sensitivity=["PSYTHPN"], **common
    )

    own = exported(patient, account)

    assert "Sore throat" in own
    assert "Thistlewood" in own
    assert [word for word in ("Fears", "Fernsby", "Room 1", str(visit.uid)) if word in own] == []


def test_what_a_patient_restricts_is_not_exported_for_that_purpose(
    patient: Patient, record: MedicalRecord, administrator: Account
) -> None:
    assert record.title in exported(patient, administrator)

    restrict(patient, by=administrator, purposes=["HOPERAT"], resource_types=["DocumentReference"])

    assert administrator.usual_purpose == "HOPERAT"
    assert record.title not in exported(patient, administrator)


def test_an_account_that_may_see_everything_exports(patient: Patient, administrator: Account) -> None:
    assert "Quillfeather" in exported(patient, administrator)
