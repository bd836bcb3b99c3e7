"""A person gets one record: likely duplicates are offered before another is made."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from patients.errors import LikelyDuplicates
from patients.likeness import Reason
from patients.merging import merge
from patients.models import Patient
from patients.registration import Candidate, likely_duplicates, register

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
ANOTHER_DAY = date(1980, 2, 28)


@pytest.fixture
def known(patient: Patient) -> Patient:
    """Marigold Quillfeather, of whom much is known."""
    patient.ssn, patient.phone, patient.previous_name = "078-05-1120", "+1 (202) 555-0143", "Muñoz-Applebaum"
    patient.save()
    return patient


def facts(**changes: Any) -> dict[str, Any]:
    """Return what a front desk types in: of somebody else than Marigold, but for the changes."""
    return {
        "mrn": "B-2002",
        "assigning_authority": "Example Clinic",
        "family_name": "Brambleworth",
        "given_name": "Hector",
        "birth_date": ANOTHER_DAY,
        "administrative_gender": "male",
        **changes,
    }


BORN = {"birth_date": date(1980, 2, 29)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ssn": "078-05-1120"}, Reason.SSN),
        ({"mrn": "A-1001"}, Reason.MRN),
        ({"mrn": "A-1001", "assigning_authority": "EXAMPLE CLINIC"}, Reason.MRN),
        ({**BORN, "family_name": "QUILLFEATHER", "given_name": "marigold"}, Reason.NAME),
        ({**BORN, "family_name": "Quill-Feather", "given_name": "Mari gold"}, Reason.NAME),
        ({**BORN, "family_name": "Marigold", "given_name": "Quillfeather"}, Reason.EXCHANGED),
        ({**BORN, "phone": "202.555.0143"}, Reason.PHONE),
        ({**BORN, "mobile_phone": "2025550143"}, Reason.PHONE),
        ({**BORN, "family_name": "quillfeather"}, Reason.FAMILY_NAME),
        ({**BORN, "family_name": "munoz applebaum"}, Reason.FAMILY_NAME),
        ({**BORN, "previous_name": "Quillfeather"}, Reason.FAMILY_NAME),
        ({**BORN, "family_name": "Quilfeathre"}, Reason.ALIKE),
        ({**BORN, "family_name": "Applebaum"}, Reason.ALIKE),
        ({**BORN, "family_name": "Quillfeather", "ssn": "078-05-1120"}, Reason.SSN),
    ],
)
def test_a_record_that_may_be_the_same_person_s_is_found_with_the_reason(
    known: Patient, changes: dict[str, Any], reason: Reason
) -> None:
    assert likely_duplicates(Patient(**facts(**changes))) == [Candidate(known.pk, known.uid, reason)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        BORN,
        {"mrn": "A-1001", "assigning_authority": "Another Clinic"},
        {"mrn": "A-1001", "assigning_authority": "Another Clinic", "family_name": "Quillfeather"},
        {"mrn": "A-1001", "assigning_authority": "Another Clinic", "phone": "+1 (202) 555-0143"},
        {"family_name": "Quillfeather", "given_name": "Marigold"},
        {"phone": "+1 (202) 555-0143"},
        {**BORN, "phone": "+1 (202) 555-0144", "family_name": None},
        {**BORN, "given_name": "Marigold"},
    ],
)
def test_a_record_of_somebody_else_is_not_offered(known: Patient, changes: dict[str, Any]) -> None:
    assert likely_duplicates(Patient(**facts(**changes))) == []


def test_people_without_a_family_name_or_telephone_are_not_alike_for_that(known: Patient) -> None:
    Patient.objects.update(family_name=None, previous_name=None, phone=None, ssn=None)

    assert likely_duplicates(Patient(**facts(**BORN, family_name=None))) == []


def test_the_strongest_reason_comes_first(known: Patient, administrator: User) -> None:
    twin = Patient.objects.create(**facts(**BORN, mrn="A-1", family_name="Quillfeather", given_name="Anthea"))
    cousin = Patient.objects.create(**facts(**BORN, mrn="A-2", family_name="Quillfether"))

    found = likely_duplicates(Patient(**facts(**BORN, family_name="Quillfeather", given_name="Marigold")))

    assert [candidate.pk for candidate in found] == [known.pk, twin.pk, cousin.pk]
    assert [candidate.reason for candidate in found] == [Reason.NAME, Reason.FAMILY_NAME, Reason.ALIKE]


def test_of_merged_records_the_one_that_goes_on_is_offered_once(known: Patient, administrator: User) -> None:
    renamed = Patient.objects.create(**facts(mrn="A-1"))
    older = Patient.objects.create(**facts(**BORN, mrn="A-2", family_name="Quillfether"))
    merge(older, into=known, by=administrator)
    merge(known, into=renamed, by=administrator)

    found = likely_duplicates(Patient(**facts(**BORN, family_name="Quillfeather")))

    assert found == [Candidate(renamed.pk, renamed.uid, Reason.FAMILY_NAME)]


def test_a_record_is_not_its_own_duplicate_nor_one_that_was_merged_with_it(known: Patient, administrator: User) -> None:
    older = Patient.objects.create(**facts(**BORN, mrn="A-2", family_name="Quillfeather"))

    assert [candidate.pk for candidate in likely_duplicates(known)] == [older.pk]
    merge(older, into=known, by=administrator)
    assert likely_duplicates(known) == []
    assert likely_duplicates(older) == []


def test_duplicates_are_found_by_indexes_alone(known: Patient) -> None:
    Patient.objects.bulk_create(
        Patient(**facts(mrn=f"C-{n}", birth_date=date(1950, 1, 1 + n % 28), given_name=f"Nobody {n}"))
        for n in range(999)
    )
    statements: list[str] = []

    def keep_statement(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        statements.append(connection.ops.compose_sql(sql, params))  # type: ignore[attr-defined] # PostgreSQL's own
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients")
        with connection.execute_wrapper(keep_statement):
            likely_duplicates(Patient(**facts(ssn="078-05-1120")))
        cursor.execute("EXPLAIN " + statements[0])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert {"patients_birth_date", "patients_mrn_once_per_authority", "patients_ssn_once"} <= set(plan.split())
    assert "Seq Scan" not in plan


def test_a_person_is_registered(administrator: User) -> None:
    registered = register(by=administrator, **facts(birth_date="1980-02-28", middle_name="", city=" Springfield "))

    kept = Patient.objects.get()
    assert kept == registered
    assert (kept.birth_date, kept.middle_name, kept.city) == (ANOTHER_DAY, None, "Springfield")


def test_likely_duplicates_are_offered_first_and_nothing_is_said_of_them(known: Patient, administrator: User) -> None:
    with pytest.raises(LikelyDuplicates) as offered:
        register(by=administrator, **facts(**BORN, family_name="Quillfeather"))

    assert [candidate.uid for candidate in offered.value.candidates] == [known.uid]
    assert str(offered.value) == (
        "1 record may be of the same person. Look at it, and go on with it, or say that the person is another."
    )
    assert Patient.objects.count() == 1


def test_a_person_who_was_found_to_be_another_is_registered(known: Patient, administrator: User) -> None:
    registered = register(by=administrator, other_than=[known.uid], **facts(**BORN, family_name="Quillfeather"))

    assert registered.pk != known.pk


def test_a_duplicate_that_came_up_since_somebody_looked_is_offered_too(known: Patient, administrator: User) -> None:
    since = Patient.objects.create(**facts(**BORN, mrn="A-1", family_name="Quillfeather"))

    with pytest.raises(LikelyDuplicates) as offered:
        register(by=administrator, other_than=[known.uid], **facts(**BORN, family_name="Quillfeather"))

    assert [candidate.uid for candidate in offered.value.candidates] == [since.uid]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mrn": "A-1001"}, "This authority has given this record number to another patient."),
        ({"ssn": "078-05-1120"}, "Another patient has this social security number."),
    ],
)
def test_a_number_that_is_another_s_is_refused_also_for_another_person(
    known: Patient, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RuleBroken) as broken:
        register(by=administrator, other_than=[known.uid], **facts(**changes))

    assert str(broken.value) == sentence


def test_what_a_field_refuses_is_said_before_anybody_is_looked_up(administrator: User) -> None:
    with pytest.raises(FieldsRefused) as refused:
        register(by=administrator, **facts(birth_date="yesterday", phone="call me"))

    assert set(refused.value.fields) == {"birth_date", "phone"}
    assert "yesterday" not in str(refused.value)


def test_who_may_not_register_learns_nothing_of_whom_there_is(known: Patient) -> None:
    nobody = User.objects.create_user("desk@clinic.example")

    with pytest.raises(AccessDenied, match=r"patients\.add_patient"):
        register(by=nobody, **facts(**BORN, family_name="Quillfeather"))
