"""Two records of one person become one chart, and can be taken apart again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from appointments.models import Appointment
from compliance.errors import AccessDenied
from compliance.models import User
from patients.errors import AlreadyMerged, MergedIntoItself, NotASurvivor, NotMerged, PatientError
from patients.merging import merge, survivor, unmerge
from patients.models import Allergy, Patient

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def another(number: int = 2, **changes: Any) -> Patient:
    return Patient.objects.create(
        mrn=f"A-100{number}",
        assigning_authority="Example Clinic",
        family_name="Quillfeather",
        birth_date=date(1980, 2, 29),
        administrative_gender="female",
        **changes,
    )


def test_one_record_goes_on_in_the_place_of_the_other(patient: Patient, administrator: User) -> None:
    duplicate = another()

    merged = merge(duplicate, into=patient, by=administrator)

    duplicate.refresh_from_db()
    assert merged == duplicate
    assert duplicate.merged_into == patient
    assert duplicate.merged_at is not None
    assert set(Patient.objects.current()) == {patient}


def test_nothing_moves_so_that_it_can_be_undone(
    patient: Patient, appointment: Appointment, administrator: User
) -> None:
    """Not even when both have an account, and both have an appointment at the same time."""
    patient.user = User.objects.create_user("marigold@home.example")
    patient.save()
    duplicate = another(user=User.objects.create_user("mari@home.example"))
    allergy = Allergy.objects.create(patient=duplicate, substance="Penicillin", category="medication")
    at_once = Appointment.objects.create(
        patient=duplicate,
        provider=appointment.provider,
        starts_at=appointment.ends_at,
        ends_at=appointment.ends_at + (appointment.ends_at - appointment.starts_at),
    )

    merge(duplicate, into=patient, by=administrator)
    chart = Patient.objects.same_person_as(patient)
    assert set(Appointment.objects.filter(patient__in=chart)) == {appointment, at_once}
    assert Allergy.objects.get(patient__in=chart) == allergy
    unmerge(duplicate, by=administrator)

    chart = Patient.objects.same_person_as(patient)
    assert set(Appointment.objects.filter(patient__in=chart)) == {appointment}
    assert not Allergy.objects.filter(patient__in=chart).exists()
    assert duplicate.merged_into is None
    assert set(Patient.objects.current()) == {patient, duplicate}


def test_all_records_of_a_person_are_found_from_any_of_them_in_one_query(
    patient: Patient, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Over as many steps as there were merges: 4 into 3 into 2, 5 into 2, and 2 into the patient."""
    second, third, fourth, fifth, stranger = (another(number) for number in range(2, 7))
    merge(fourth, into=third, by=administrator)
    merge(third, into=second, by=administrator)
    merge(fifth, into=second, by=administrator)
    merge(second, into=patient, by=administrator)

    everything = {patient, second, third, fourth, fifth}
    for record in everything:
        with django_assert_num_queries(1):
            assert set(Patient.objects.same_person_as(record)) == everything
        with django_assert_num_queries(1):
            assert survivor(record) == patient
    assert list(Patient.objects.same_person_as(stranger)) == [stranger]
    assert survivor(stranger) == stranger


def test_what_was_merged_into_a_record_stays_with_it_when_it_is_unmerged(patient: Patient, administrator: User) -> None:
    second, third = another(2), another(3)
    merge(third, into=second, by=administrator)
    merge(second, into=patient, by=administrator)

    unmerge(second, by=administrator)

    assert survivor(third) == second
    assert list(Patient.objects.same_person_as(patient)) == [patient]


def test_a_record_that_was_unmerged_can_be_merged_again(patient: Patient, administrator: User) -> None:
    duplicate = another()
    merge(duplicate, into=patient, by=administrator)
    unmerge(duplicate, by=administrator)

    merge(patient, into=duplicate, by=administrator)

    assert survivor(patient) == duplicate


def test_a_record_is_not_merged_into_itself(patient: Patient, administrator: User) -> None:
    with pytest.raises(MergedIntoItself, match="name the two records"):
        merge(patient, into=patient, by=administrator)


def test_a_record_is_merged_once(patient: Patient, administrator: User) -> None:
    duplicate, third = another(2), another(3)
    merge(duplicate, into=patient, by=administrator)

    with pytest.raises(AlreadyMerged, match="unmerge it first") as refused:
        merge(duplicate, into=third, by=administrator)

    assert refused.value.survivor == patient.uid


def test_a_record_is_not_merged_into_one_that_was_merged(patient: Patient, administrator: User) -> None:
    duplicate, third = another(2), another(3)
    merge(duplicate, into=patient, by=administrator)

    for ends in (patient, third):
        with pytest.raises(NotASurvivor, match="merge into the one that goes on") as refused:
            merge(ends, into=duplicate, by=administrator)
        assert refused.value.survivor == patient.uid


def test_only_a_merged_record_is_unmerged(patient: Patient, administrator: User) -> None:
    with pytest.raises(NotMerged, match="nothing to take apart"):
        unmerge(patient, by=administrator)


def test_who_may_change_patients_may_not_therefore_merge_them(patient: Patient, administrator: User) -> None:
    nobody, duplicate = User.objects.create_user("desk@clinic.example"), another()

    with pytest.raises(AccessDenied, match=r"patients\.merge_patient"):
        merge(duplicate, into=patient, by=nobody)
    merge(duplicate, into=patient, by=administrator)
    with pytest.raises(AccessDenied, match=r"patients\.merge_patient"):
        unmerge(duplicate, by=nobody)


def test_every_refusal_of_the_app_can_be_caught_as_one() -> None:
    assert issubclass(NotMerged, PatientError)
