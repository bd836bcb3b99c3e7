"""Several sessions register, merge and attach the same at the same moment: one does, the others are told."""

from __future__ import annotations

import threading
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from compliance.errors import RuleBroken
from patients.coverage import attach
from patients.errors import AlreadyMerged, LikelyDuplicates, NotASurvivor, NotMerged
from patients.merging import merge, unmerge
from patients.models import InsuranceInfo, Patient
from patients.registration import register
from tests.sessions import behind, in_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.models import User

MUTUAL = {"payer_name": "Example Mutual", "member_id": "M-77", "period_start": date(2024, 1, 1)}


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


@pytest.fixture
def other(patient: Patient) -> Patient:
    return Patient.objects.create(
        mrn="A-1002",
        assigning_authority="Example Clinic",
        family_name="Quillfether",
        birth_date=patient.birth_date,
        administrative_gender="female",
    )


def person(mrn: str, born: date, **facts: Any) -> dict[str, Any]:
    return {
        "mrn": mrn,
        "assigning_authority": "Example Clinic",
        "birth_date": born,
        "administrative_gender": "unknown",
        **facts,
    }


def together(verb: Callable[[], Any], *more: Callable[[], Any]) -> list[str]:
    """Run all at the same moment; return the names of what came of it, in order."""
    ready = threading.Barrier(1 + len(more))

    def run(one: Callable[[], Any]) -> Any:
        ready.wait(timeout=30)
        return one()

    return sorted(type(outcome).__name__ for outcome in in_sessions(*(partial(run, one) for one in (verb, *more))))


def test_a_record_number_that_is_being_given_is_refused(administrator: User) -> None:
    one = person("B-1", date(1980, 2, 29), given_name="Marigold")
    other = person("B-1", date(1990, 5, 6), given_name="Hector")

    outcome = behind(
        lambda: register(by=administrator, **one),
        lambda: register(by=administrator, **other),
    )

    assert isinstance(outcome, RuleBroken)
    assert str(outcome) == "This authority has given this record number to another patient."
    assert Patient.objects.get().given_name == "Marigold"


def test_one_person_who_is_registered_at_two_desks_is_offered_at_the_second(administrator: User) -> None:
    born = date(1980, 2, 29)

    outcome = behind(
        lambda: register(by=administrator, **person("B-1", born, family_name="Quillfeather")),
        lambda: register(by=administrator, **person("B-2", born, family_name="Quillfether")),
    )

    assert isinstance(outcome, LikelyDuplicates)
    assert [candidate.uid for candidate in outcome.candidates] == [Patient.objects.get().uid]


def test_of_many_who_register_one_person_at_once_one_does(administrator: User) -> None:
    desks = [
        partial(register, by=administrator, **person(f"B-{n}", date(1980, 2, 29), family_name="Quill"))
        for n in range(4)
    ]

    assert together(*desks) == ["LikelyDuplicates"] * 3 + ["Patient"]


def test_a_place_among_payers_that_is_being_taken_is_refused(patient: Patient, administrator: User) -> None:
    attached = partial(attach, patient, by=administrator, **MUTUAL)

    outcome = behind(attached, attached)

    assert isinstance(outcome, RuleBroken)
    assert str(outcome) == "The patient has another active coverage with this place in the order at this time."


def test_of_many_who_attach_one_coverage_at_once_one_does(patient: Patient, administrator: User) -> None:
    """They may stand in each other's way as well, which PostgreSQL ends as a deadlock, and then try again."""
    attached = partial(attach, patient, by=administrator, **MUTUAL)

    assert together(*[attached] * 4) == ["InsuranceInfo"] + ["RuleBroken"] * 3
    assert InsuranceInfo.objects.count() == 1


def test_nothing_is_attached_to_a_record_that_is_being_merged(
    patient: Patient, other: Patient, administrator: User
) -> None:
    outcome = behind(
        lambda: merge(other, into=patient, by=administrator),
        lambda: attach(other, by=administrator, **MUTUAL),
    )

    assert isinstance(outcome, RuleBroken)
    assert outcome.rule == "insurance_info_patient_current"


def test_what_is_being_attached_is_there_before_the_record_is_merged(
    patient: Patient, other: Patient, administrator: User
) -> None:
    outcome = behind(
        lambda: attach(other, by=administrator, **MUTUAL),
        lambda: merge(other, into=patient, by=administrator),
    )

    assert outcome == other
    assert InsuranceInfo.objects.filter(patient__in=Patient.objects.same_person_as(patient)).count() == 1


def test_of_two_who_merge_crosswise_the_second_is_told(patient: Patient, other: Patient, administrator: User) -> None:
    this_way = partial(merge, patient, into=other, by=administrator)
    that_way = partial(merge, other, into=patient, by=administrator)

    assert isinstance(behind(this_way, that_way), NotASurvivor)
    unmerge(patient, by=administrator)
    for _ in range(5):
        assert together(this_way, that_way) == ["NotASurvivor", "Patient"]
        unmerge(Patient.objects.exclude(merged_into=None).get(), by=administrator)


def test_of_two_who_do_the_same_the_second_is_told(patient: Patient, other: Patient, administrator: User) -> None:
    merged = partial(merge, other, into=patient, by=administrator)
    unmerged = partial(unmerge, other, by=administrator)

    assert isinstance(behind(merged, merged), AlreadyMerged)
    assert isinstance(behind(unmerged, unmerged), NotMerged)
