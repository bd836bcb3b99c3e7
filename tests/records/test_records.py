"""Charts and prescriptions: what PostgreSQL refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

if TYPE_CHECKING:
    from records.models import MedicalRecord, Prescription

pytestmark = pytest.mark.django_db


def refused(row: MedicalRecord | Prescription, rule: str, changes: dict[str, Any]) -> None:
    """Try the change in PostgreSQL, past the model's own validation, and in that validation."""
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(ValidationError):
        row.full_clean()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("medical_records_type_known", {"record_type": "poem"}),
        ("medical_records_status_known", {"status": "done"}),
        ("medical_records_confidentiality", {"confidentiality": "X"}),
        ("medical_records_final_is_signed", {"status": "final"}),
        ("medical_records_final_is_signed", {"status": "amended"}),
        ("medical_records_code_with_system", {"code": "J02.9"}),
        ("medical_records_code_with_system", {"code_system": "http://hl7.org/fhir/sid/icd-10-cm"}),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused(record: MedicalRecord, rule: str, changes: dict[str, str]) -> None:
    refused(record, rule, changes)


def test_a_record_does_not_amend_itself(record: MedicalRecord) -> None:
    record.amends = record

    with pytest.raises(IntegrityError, match="medical_records_not_amending_itself"):
        record.save()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("prescriptions_status_known", {"status": "lost"}),
        ("prescriptions_intent_known", {"intent": "wish"}),
        ("prescriptions_schedule_known", {"dea_schedule": "I"}),
        ("prescriptions_rxcui_form", {"rxcui": "12a"}),
        ("prescriptions_quantity_positive", {"quantity": 0}),
        ("prescriptions_days_positive", {"days_supply": 0}),
        ("prescriptions_refills_limit", {"refills_allowed": 100}),
        ("prescriptions_schedule_ii_no_refill", {"dea_schedule": "II", "refills_allowed": 1}),
        ("prescriptions_schedule_iii_iv_refills", {"dea_schedule": "III", "refills_allowed": 6}),
        ("prescriptions_schedule_iii_iv_refills", {"dea_schedule": "IV", "refills_allowed": 6}),
        ("prescriptions_valid_forwards", {"valid_until": "2024-05-05"}),
    ],
)
def test_a_prescription_that_breaks_a_rule_is_refused(
    prescription: Prescription, rule: str, changes: dict[str, str | int]
) -> None:
    refused(prescription, rule, changes)


@pytest.mark.parametrize("changes", [{"dea_schedule": "II"}, {"dea_schedule": "IV", "refills_allowed": 5}])
def test_a_prescription_at_the_limit_is_taken(prescription: Prescription, changes: dict[str, str | int]) -> None:
    for name, value in changes.items():
        setattr(prescription, name, value)

    prescription.full_clean()
    prescription.save()
