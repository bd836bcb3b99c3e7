"""Staff find patients who are not in their care, and see no more of them than who they are."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from compliance.audit import context
from compliance.errors import AccessDenied
from compliance.models import AuditLog, CareRelationship, User
from patients.errors import NotEnoughToGoOn
from patients.locating import MOST, locate
from patients.models import Patient
from tests.logins import as_app

pytestmark = pytest.mark.django_db


def found(by: User, **asked: Any) -> list[int]:
    with as_app():
        return [one.pk for one in locate(by=by, **asked)]


def test_one_is_found_by_the_beginning_of_the_name_and_the_birth_date(patient: Patient, physician: User) -> None:
    with as_app():
        (one,) = locate(by=physician, family_name="  quillF ", birth_date=patient.birth_date)

    assert astuple(one) == (patient.pk, "Quillfeather", "Marigold", date(1980, 2, 29), "A-1001", False)
    assert one.name == "Quillfeather, Marigold"
    with as_app(), context.acting(physician):
        assert not Patient.objects.exists()  # and nothing else of them is seen


def test_one_is_found_by_the_whole_record_number(patient: Patient, other_patient: Patient, physician: User) -> None:
    assert found(physician, mrn=" A-1001 ") == [patient.pk]
    assert found(physician, mrn="A-100") == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"family_name": "Quillfeather"},
        {"birth_date": date(1980, 2, 29)},
        {"family_name": "Q", "birth_date": date(1980, 2, 29)},
        {"family_name": "  ", "birth_date": date(1980, 2, 29), "mrn": " "},
    ],
)
def test_a_name_or_a_day_alone_is_not_enough(patient: Patient, physician: User, asked: dict[str, Any]) -> None:
    with pytest.raises(NotEnoughToGoOn, match="not enough"):
        locate(by=physician, **asked)


@pytest.mark.parametrize("name", ["%%", "__", "Quill%", "\\\\", "Quill\\"])
def test_what_means_anything_to_like_is_a_letter(patient: Patient, physician: User, name: str) -> None:
    assert found(physician, family_name=name, birth_date=patient.birth_date) == []


def test_of_merged_records_the_one_that_goes_on_is_shown(
    merged_patient: Patient, other_patient: Patient, physician: User
) -> None:
    assert found(physician, mrn=merged_patient.mrn) == [other_patient.pk]
    assert found(physician, family_name="Bracken", birth_date=merged_patient.birth_date) == [other_patient.pk]


def test_it_says_who_is_in_ones_care(patient: Patient, physician: User) -> None:
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=datetime(2024, 1, 1, tzinfo=UTC))

    with as_app():
        assert locate(by=physician, mrn=patient.mrn)[0].in_care


def test_at_most_twenty_are_shown(physician: User) -> None:
    people(25)

    assert len(found(physician, family_name="Crowd", birth_date=date(1980, 1, 1))) == MOST


def test_the_trail_says_whom_it_showed_and_not_what_was_typed(patient: Patient, physician: User) -> None:
    locate(by=physician, family_name="Quill", birth_date=patient.birth_date)

    entry = AuditLog.objects.get(event_type="query")
    assert (entry.actor_id, entry.patient_ids, entry.result_count) == (physician.pk, [patient.pk], 1)
    assert "uill" not in f"{entry.object_repr}{entry.changes}{entry.additional_data}{entry.source}"
    assert entry.query_digest


@pytest.mark.parametrize("role", ["auditor", "admin", "researcher", "patient", "service"])
def test_who_may_not_find_patients_finds_none(patient: Patient, role: str) -> None:
    account = User.objects.create_user(f"{role}@clinic.example", role=role)

    with pytest.raises(AccessDenied):
        locate(by=account, mrn=patient.mrn)
    # Nor does the function answer, whoever calls it.
    with as_app(), context.acting(account), pytest.raises(ProgrammingError, match="may not find"), transaction.atomic():
        ask("A-1001")


def test_the_function_answers_nobody(patient: Patient) -> None:
    with as_app(), pytest.raises(ProgrammingError, match="nobody is said to act"), transaction.atomic():
        ask("A-1001")


def test_it_reads_no_more_than_an_index_among_many(patient: Patient, physician: User) -> None:
    people(3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients")
    before = whole_reads()

    assert found(physician, mrn="A-1001") == [patient.pk]
    assert found(physician, family_name="quillf", birth_date=patient.birth_date) == [patient.pk]

    assert whole_reads() == before
    assert Patient.objects.filter(marital_status="M").count() == 0  # which no index serves, so that it is counted
    assert whole_reads() > before


def people(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender) "
            "SELECT 'N-' || n, 'Clinic', 'Crowd ' || n, CASE WHEN n <= 25 THEN date '1980-01-01' "
            "ELSE date '1950-01-01' + n END, 'unknown' FROM generate_series(1, %s) AS n",
            [number],
        )


def whole_reads() -> int:
    """How often this transaction has read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'patients'")
        (number,) = cursor.fetchone()
    return int(number)


def ask(number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM locate_patients(NULL, NULL, %s)", [number])
