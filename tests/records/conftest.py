"""A clinician who may chart and prescribe, a colleague, and what they wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tests.people import may_do_everything

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Allergy, Patient
    from providers.models import Provider
    from records.models import MedicalRecord, Prescription

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415

AMOXICILLIN = "723"
NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def clinician(administrator: User, provider: Provider) -> User:
    provider.user = administrator
    provider.license_number, provider.license_state = "MD-1", "NY"
    provider.license_expires_on = timezone.localdate()
    provider.save()
    return administrator


@pytest.fixture
def registered(provider: Provider, clinician: User) -> Provider:
    """The prescriber, with a DEA registration that ends today."""
    provider.dea_number, provider.dea_expires_on = "AB1234563", timezone.localdate()
    provider.dea_schedules = ["II", "III"]
    provider.save()
    return provider


@pytest.fixture
def ordered(patient: Patient, clinician: User) -> Any:
    """Prescribe amoxicillin, or what is said instead."""
    from records.prescribing import prescribe

    def order(**other: Any) -> Prescription:
        given = {"drug_name": "Amoxicillin", "rxcui": AMOXICILLIN, "sig": "One three times a day", "quantity": 21}
        given |= {"quantity_unit": "capsule", "days_supply": 7, "by": clinician, **other}
        return prescribe(given.pop("patient", patient), **given)

    return order


@pytest.fixture
def coded_allergy(allergy: Allergy) -> Allergy:
    """An allergy to amoxicillin, by its code."""
    from compliance.codes import CodeSystem

    allergy.code_system, allergy.code = CodeSystem.RXNORM, AMOXICILLIN
    allergy.save()
    return allergy


@pytest.fixture
def colleague(provider: Provider) -> User:
    """Another provider's account."""
    from compliance.models import User

    user = may_do_everything(User.objects.create_superuser("ida@clinic.example"))
    type(provider).objects.create(
        npi="1245319599", family_name="Mossworth", given_name="Ida", active_from=date(2020, 1, 1), user=user
    )
    return user


@pytest.fixture
def draft(patient: Patient, clinician: User) -> MedicalRecord:
    from records.charting import chart

    return chart(
        patient, by=clinician, record_type="progress_note", title="Sore throat", body="Red.", effective_at=NOON
    )


@pytest.fixture
def signed(draft: MedicalRecord, clinician: User) -> MedicalRecord:
    from records.signing import sign

    return sign(draft, by=clinician)
