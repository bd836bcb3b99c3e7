"""Charts and prescriptions: what is taken at the limit, and what an amendment may do that others may not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from records.models import MedicalRecord
from tests.breaking import beside

if TYPE_CHECKING:
    from patients.models import Patient
    from providers.models import Provider
    from records.models import Prescription

pytestmark = pytest.mark.django_db
SIX_MONTHS = {"authored_on": date(2024, 8, 31), "valid_until": date(2025, 2, 28)}


@pytest.mark.parametrize(
    "changes",
    [
        {"dea_schedule": "II"},
        {"dea_schedule": "III", "refills_allowed": 5, **SIX_MONTHS},
        {"dea_schedule": "IV", "refills_allowed": 5, **SIX_MONTHS},
        {"dea_schedule": "V", "refills_allowed": 6},
        {"refills_allowed": 99},
        {"earliest_fill_on": date(2024, 5, 6), "valid_until": date(2024, 5, 6)},
    ],
)
def test_a_prescription_at_the_limit_is_taken(prescription: Prescription, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        setattr(prescription, name, value)

    prescription.full_clean()
    prescription.save()


def test_a_dea_registration_is_looked_at_as_of_the_day_of_issue(
    signed_prescription: Prescription, other_provider: Provider
) -> None:
    other_provider.dea_expires_on = date(2024, 5, 7)
    other_provider.save()

    signed_prescription.status = "on-hold"
    signed_prescription.save()
    again = beside(signed_prescription)
    again.save()


def test_a_draft_for_a_controlled_substance_needs_no_registration_yet(prescription: Prescription) -> None:
    prescription.dea_schedule = "II"

    prescription.save()


def test_an_amendment_goes_where_the_record_is_that_it_amends(
    signed_record: MedicalRecord, other_patient: Patient
) -> None:
    patient = signed_record.patient
    patient.merged_into, patient.merged_at = other_patient, datetime(2024, 6, 1, tzinfo=UTC)
    patient.save()
    amendment = beside(signed_record)
    amendment.amends, amendment.status = signed_record, "amended"

    amendment.full_clean()
    amendment.save()

    assert list(MedicalRecord.objects.standing()) == [amendment]


def test_a_draft_is_changed_and_deleted_as_one_likes(record: MedicalRecord) -> None:
    record.title = "Sore throat, no fever"
    record.save()

    record.delete()

    assert not MedicalRecord.objects.exists()


def test_amendments_are_looked_for_in_the_one_chart(record: MedicalRecord) -> None:
    found = type(record).objects.standing().filter(patient=record.patient)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert list(found) == [record]
    assert found.explain().count(f"Index Cond: (patient_id = {record.patient_id})") == 2
