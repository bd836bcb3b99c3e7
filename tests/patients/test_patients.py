"""Patients and insurance: who is deleted (nobody), what SQL may leave out, and how a patient is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from patients.models import InsuranceInfo, Patient
from tests.breaking import beside
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from records.models import MedicalRecord

pytestmark = pytest.mark.django_db
MAKE = """
    INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender)
    VALUES ('B-2', 'Example Clinic', 'Byhand', '2001-01-01', 'unknown') RETURNING id
"""
HISTORIES = {
    "insurance_info": (
        "INSERT INTO insurance_info (patient_id, kind, period_start) VALUES (%s, 'self-pay', '2024-01-01')"
    ),
    "allergies": (
        "INSERT INTO allergies (patient_id, substance, category, clinical_status) "
        "VALUES (%s, 'Latex', 'environment', 'active')"
    ),
    "patients": (
        "INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender, "
        "merged_into_id, merged_at) VALUES ('B-3', 'Example Clinic', 'Byhand', '2001-01-01', 'unknown', %s, now())"
    ),
}


def test_a_record_number_that_another_authority_gave_is_another_number(patient: Patient) -> None:
    again = beside(patient)
    again.assigning_authority = "Another Clinic"

    again.full_clean()
    again.save()

    assert Patient.objects.filter(mrn=patient.mrn).count() == 2


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_patient_with_history_is_not_deleted_by_a_statement_that_commits_itself(
    django_db_setup: None, database_url: Callable[[str], str], history: str
) -> None:
    with psycopg.connect(database_url(TEMPLATE), autocommit=True) as psql:
        (patient,) = psql.execute(MAKE).fetchone() or ()
        psql.execute(history, [patient])

        with pytest.raises(psycopg.errors.RestrictViolation):
            psql.execute("DELETE FROM patients WHERE id = %s", [patient])
        with psql.transaction(), pytest.raises(psycopg.errors.RestrictViolation), psql.transaction():
            psql.execute("DELETE FROM patients WHERE id = %s", [patient])  # at once, not when the transaction ends

        assert psql.execute("SELECT count(*) FROM patients WHERE id = %s", [patient]).fetchone() == (1,)


def test_the_public_identifier_is_there_before_the_row_and_stays(patient: Patient) -> None:
    unsaved: UUID = Patient().uid

    assert unsaved != Patient().uid
    assert Patient.objects.get(uid=patient.uid) == patient


def test_sql_that_leaves_out_what_has_a_default_gets_it(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE)

    by_hand = Patient.objects.get(mrn="B-2")
    assert by_hand.uid != patient.uid
    assert (by_hand.given_name, by_hand.race_codes, by_hand.is_deceased, by_hand.version) == (None, [], False, 1)
    assert by_hand.created_at.tzinfo is not None


def test_periods_of_one_order_may_follow_each_other_day_by_day(insurance: InsuranceInfo) -> None:
    insurance.period_end = insurance.period_start.replace(month=6, day=30)
    insurance.save()
    after = beside(insurance)
    after.period_start, after.period_end = insurance.period_end.replace(month=7, day=1), None

    after.full_clean()
    after.save()


@pytest.mark.parametrize("other", [{"coverage_order": 2}, {"status": "cancelled"}])
def test_another_place_in_the_order_or_a_cover_that_is_not_active_may_overlap(
    insurance: InsuranceInfo, other: dict[str, int | str]
) -> None:
    second = beside(insurance)
    for name, value in other.items():
        setattr(second, name, value)

    second.full_clean()
    second.save()


def test_the_beginning_of_a_family_name_is_found_by_index(patient: Patient) -> None:
    found = Patient.objects.filter(family_name__istartswith="quillf", birth_date="1980-02-29")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; DROP INDEX patients_birth_date")

    assert list(found) == [patient]
    plan = found.explain()
    assert "patients_name_birth_date" in plan
    assert "~>=~" in plan


def test_a_name_and_a_date_of_birth_are_found_by_an_index(patient: Patient) -> None:
    found = Patient.objects.named("quillf", patient.birth_date)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert list(found) == [patient]
    assert "Seq Scan" not in found.explain()


@pytest.mark.parametrize("value", [[1], "by post", 0, False, []])
def test_a_confidential_contact_and_measurements_are_objects(
    patient: Patient, record: MedicalRecord, value: object
) -> None:
    patient.confidential_contact, record.structured = value, value

    with pytest.raises(ValidationError, match="names and their values, in braces") as refused:
        patient.full_clean()
    assert set(refused.value.message_dict) == {"confidential_contact"}
    with pytest.raises(ValidationError, match="names and their values, in braces") as refused:
        record.full_clean()
    assert set(refused.value.message_dict) == {"structured"}


def test_an_object_is_taken(patient: Patient, record: MedicalRecord) -> None:
    patient.confidential_contact, record.structured = {"phone": "555-0100"}, {}

    patient.full_clean()
    record.full_clean()
