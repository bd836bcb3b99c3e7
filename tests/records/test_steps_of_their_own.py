"""What has a step of its own, with a permission of its own, does not come along with what somebody types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError

from appointments.booking import book
from appointments.models import Appointment
from compliance.errors import AccessDenied, FieldsRefused
from patients.coverage import attach
from patients.models import InsuranceInfo, Patient
from patients.registration import register
from providers.credentialing import onboard
from providers.models import Provider
from records.amending import amend
from records.charting import chart, revise
from records.models import MedicalRecord, Prescription
from records.prescribing import renew

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
PERSON = {"mrn": "B-1", "assigning_authority": "Example Clinic", "family_name": "Puddlewick"}
SIGNATURE = {"status": "final", "signed_at": NOON, "attestation_mode": "legal", "content_digest": bytes(32)}


def refused(verb: Callable[..., object], *args: Any, **facts: Any) -> set[str]:
    with pytest.raises(FieldsRefused, match="step of its own") as refusal:
        verb(*args, **facts)
    return set(refusal.value.fields)


def test_a_patient_is_not_registered_as_merged(patient: Patient, administrator: User) -> None:
    born = {"birth_date": date(1999, 1, 1), "administrative_gender": "male"}
    merged = {"merged_into": patient, "merged_at": NOON}

    assert refused(register, by=administrator, **PERSON, **born, **merged) == set(merged)
    assert not Patient.objects.exclude(pk=patient.pk).exists()


def test_insurance_is_not_attached_as_confirmed(patient: Patient, administrator: User) -> None:
    confirmed = {"verified_at": NOON, "verified_by_id": administrator.pk}

    said = {"kind": "self-pay", "period_start": date(2024, 1, 1), **confirmed}

    assert refused(attach, patient, by=administrator, **said) == set(confirmed)
    assert not InsuranceInfo.objects.exists()


def test_a_provider_does_not_bring_a_key(administrator: User) -> None:
    facts = {"npi": "1234567893", "family_name": "A", "given_name": "B", "active_from": date(2020, 1, 1)}

    assert refused(onboard, by=administrator, **facts, id=7) == {"id"}
    assert not Provider.objects.exists()


def test_an_appointment_is_not_booked_as_fulfilled(patient: Patient, provider: Provider, administrator: User) -> None:
    time = {"starts_at": NOON, "ends_at": NOON}

    assert refused(book, patient, by=administrator, provider=provider, **time, status="fulfilled") == {"status"}
    assert not Appointment.objects.exists()


def test_a_draft_is_not_signed_by_a_change(draft: MedicalRecord, clinician: User, provider: Provider) -> None:
    signature = {**SIGNATURE, "signed_by": provider}

    assert refused(revise, draft, by=clinician, **signature) == set(signature)
    assert refused(
        chart, draft.patient, by=clinician, record_type="consult", title="x", effective_at=NOON, **signature
    ) == set(signature)
    assert set(MedicalRecord.objects.values_list("status", flat=True)) == {"preliminary"}


def test_an_amendment_is_not_signed_as_it_is_written(signed: MedicalRecord, clinician: User) -> None:
    assert refused(amend, signed, by=clinician, title="x", **SIGNATURE) == set(SIGNATURE)


def test_a_renewal_is_of_the_same_medication(ordered: Any, clinician: User) -> None:
    assert refused(renew, ordered(), by=clinician, drug_name="Oxycodone", patient=None) == {"drug_name", "patient"}
    assert refused(ordered, status="completed") == {"status"}
    assert Prescription.objects.count() == 1


def test_nobody_has_no_permission(patient: Patient) -> None:
    nobody: Any = None

    with pytest.raises(AccessDenied, match=r"patients\.add_patient"):
        register(by=nobody, **PERSON)


def test_a_text_where_a_list_belongs_is_refused_without_the_text(patient: Patient) -> None:
    patient.race_codes = "Puddlewick"  # type: ignore[assignment]

    with pytest.raises(ValidationError, match="Give a list") as refusal:
        patient.full_clean()
    assert "Puddlewick" not in str(refusal.value)
