"""Patients and insurance: what PostgreSQL refuses, and how a patient is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from patients.models import InsuranceInfo, Patient

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db


def refused(row: Patient | InsuranceInfo, rule: str, **changes: Any) -> None:
    """Try the change on the row in PostgreSQL, past the model's own validation, and in that validation."""
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)
    (declared,) = [one for one in row._meta.constraints if one.name == rule]
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    assert declared.violation_error_message in error.value.messages or set(changes) & set(error.value.message_dict)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("patients_mrn_given", {"mrn": ""}),
        ("patients_mrn_given", {"assigning_authority": ""}),
        ("patients_name_given", {"family_name": "", "given_name": ""}),
        ("patients_gender_known", {"administrative_gender": "femal"}),
        ("patients_state_form", {"state": "ca"}),
        ("patients_postal_code_form", {"postal_code": "1234"}),
    ],
)
def test_a_patient_that_breaks_a_rule_is_refused(patient: Patient, rule: str, changes: dict[str, str]) -> None:
    refused(patient, rule, **changes)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("insurance_info_kind_known", {"kind": "barter"}),
        ("insurance_info_status_known", {"status": "lost"}),
        ("insurance_info_relationship_known", {"relationship": "cat"}),
        ("insurance_info_payer_given", {"payer_name": ""}),
        ("insurance_info_payer_given", {"member_id": ""}),
        ("insurance_info_order_from_one", {"coverage_order": 0}),
        ("insurance_info_period_forwards", {"period_end": "2023-12-31"}),
    ],
)
def test_insurance_that_breaks_a_rule_is_refused(
    insurance: InsuranceInfo, rule: str, changes: dict[str, str | int]
) -> None:
    refused(insurance, rule, **changes)


def test_one_authority_gives_a_record_number_once(patient: Patient) -> None:
    again = Patient(
        mrn=patient.mrn,
        assigning_authority=patient.assigning_authority,
        family_name="Other",
        birth_date=patient.birth_date,
        administrative_gender="unknown",
    )
    with pytest.raises(ValidationError, match="to another patient"):
        again.full_clean()
    with pytest.raises(IntegrityError, match="patients_mrn_once_per_authority"), transaction.atomic():
        again.save()

    again.assigning_authority = "Another Clinic"
    again.full_clean()
    again.save()


def test_a_patient_with_insurance_cannot_be_deleted(insurance: InsuranceInfo) -> None:
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="insurance_info"), transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM patients")


def test_the_public_identifier_is_there_before_the_row_and_stays(patient: Patient) -> None:
    unsaved: UUID = Patient().uid

    assert unsaved != Patient().uid
    assert Patient.objects.get(uid=patient.uid) == patient


def test_sql_that_leaves_out_what_has_a_default_gets_it(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender) "
            "VALUES ('B-2', 'Example Clinic', 'Byhand', '2001-01-01', 'unknown')"
        )

    by_hand = Patient.objects.get(mrn="B-2")
    assert by_hand.uid != patient.uid
    assert by_hand.given_name == ""
    assert by_hand.created_at.tzinfo is not None


def test_the_beginning_of_a_family_name_is_found_by_index(patient: Patient) -> None:
    found = Patient.objects.filter(family_name__istartswith="quillf", birth_date="1980-02-29")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert list(found) == [patient]
    plan = found.explain()
    assert "patients_family_name_birth_date" in plan
    assert "~>=~" in plan
