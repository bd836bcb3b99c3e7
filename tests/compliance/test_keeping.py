"""A row is written whole or refused in sentences that show no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.errors import FieldsRefused, RuleBroken
from compliance.keeping import check_fields, keep
from patients.models import Patient

if TYPE_CHECKING:
    from datetime import date

pytestmark = pytest.mark.django_db


def test_a_field_s_own_rule_is_said_by_its_name(patient: Patient) -> None:
    patient.ssn, patient.phone = "000-12-3456", "none"

    with pytest.raises(FieldsRefused, match=r"ssn: .*never given out.* phone: A telephone") as refused:
        keep(patient)

    assert set(refused.value.fields) == {"ssn", "phone"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("administrative_gender", "Quillfeather"),
        ("birth_date", "Quillfeather"),
        ("race_codes", ["Quillfeather"]),
        ("general_practitioner_id", 987654321),
    ],
)
def test_a_refusal_shows_no_value(patient: Patient, field: str, value: object) -> None:
    setattr(patient, field, value)

    with pytest.raises(FieldsRefused) as refused:
        keep(patient)

    assert "Quillfeather" not in str(refused.value)
    assert "987654321" not in str(refused.value)


def test_a_rule_of_the_database_is_said_in_its_sentence(patient: Patient) -> None:
    patient.language = "Spanish, I think"

    with pytest.raises(RuleBroken, match="BCP-47") as broken:
        keep(patient)

    assert broken.value.rule == "patients_language_form"


def test_empty_text_becomes_unknown_and_spaces_around_text_go(patient: Patient) -> None:
    patient.middle_name, patient.previous_name, patient.city = "", "   ", " Springfield "
    keep(patient)

    kept = Patient.objects.get()
    assert (kept.middle_name, kept.previous_name, kept.city) == (None, None, "Springfield")


def test_empty_text_does_not_stand_for_a_name(patient: Patient) -> None:
    patient.family_name, patient.given_name = "", " "

    with pytest.raises(RuleBroken, match="family name or a given name"):
        keep(patient)


def test_only_the_named_fields_are_looked_at_and_written(patient: Patient) -> None:
    patient.phone, patient.city, patient.given_name = "none", "Springfield", "Other"
    keep(patient, "city")

    kept = Patient.objects.get()
    assert (kept.phone, kept.city, kept.given_name) == (None, "Springfield", "Marigold")


def test_what_was_typed_is_turned_into_what_it_means(patient: Patient) -> None:
    born: date = patient.birth_date
    typed = Patient(birth_date=born.isoformat(), mrn="A-2", assigning_authority="Clinic", administrative_gender="other")

    check_fields(typed)

    assert typed.birth_date == born
