"""What is typed into the admin is kept, or refused in a sentence at the field that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from appointments.models import Appointment, Location
from compliance.models import User
from patients.models import InsuranceInfo, Patient
from records.models import MedicalRecord, Prescription
from tests.compliance.screens import page, typed
from tests.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model
    from django.test import Client

    from providers.models import Provider


def shown(inside: Client, row: Model) -> dict[str, Any]:
    return typed(inside.get(page(type(row), "change", row.pk)))  # type: ignore[arg-type]


def save(inside: Client, row: Model, sent: dict[str, Any]) -> Any:
    return inside.post(page(type(row), "change", row.pk), sent)


def errors(answer: Any) -> dict[str, list[str]]:
    """The sentences on the page, by field; "" for those at its top."""
    found = answer.context["adminform"].form.errors
    return {name.replace("__all__", ""): list(sentences) for name, sentences in found.items()}


def test_a_page_that_is_saved_as_it_is_changes_nothing(inside: Client, patient: Patient) -> None:
    assert save(inside, patient, shown(inside, patient)).status_code == 302

    patient.refresh_from_db()
    assert patient.version == 1


def test_what_is_left_empty_is_unknown_and_not_empty_text(inside: Client, patient: Patient) -> None:
    Patient.objects.update(middle_name="Ann", confidential_contact={"note": "by post"}, email="m@example.org")
    sent = shown(inside, patient) | {"middle_name": "", "confidential_contact": "", "email": "", "birth_sex": ""}

    assert save(inside, patient, sent).status_code == 302
    patient.refresh_from_db()
    assert (patient.middle_name, patient.confidential_contact, patient.email, patient.birth_sex) == (None,) * 4


def test_the_elements_of_an_array_are_ticked(inside: Client, patient: Patient) -> None:
    sent = shown(inside, patient) | {"race_codes": ["2106-3", "2028-9"]}

    assert save(inside, patient, sent).status_code == 302
    patient.refresh_from_db()
    assert sorted(patient.race_codes) == ["2028-9", "2106-3"]

    del sent["race_codes"]
    save(inside, patient, sent | {"shown_version": patient.version})
    patient.refresh_from_db()
    assert patient.race_codes == []


def test_an_object_is_typed_and_shown_over_several_lines(inside: Client, patient: Patient) -> None:
    sent = shown(inside, patient) | {"confidential_contact": '{"phone": "555-0100"}'}

    assert save(inside, patient, sent).status_code == 302
    patient.refresh_from_db()
    assert patient.confidential_contact == {"phone": "555-0100"}
    page_again = inside.get(page(Patient, "change", patient.pk)).content.decode()
    assert "{\n  &quot;phone&quot;: &quot;555-0100&quot;\n}" in page_again


def test_a_second_account_for_one_email_is_refused_on_the_page(inside: Client) -> None:
    answer = inside.post(
        page(User, "add"),
        {
            "email": "ROOT@clinic.example",
            "role": "nurse",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert errors(answer) == {"email": ["There is an account with this e-mail address already."]}
    assert User.objects.count() == 1


def test_a_new_account_may_be_let_in_where_it_is_made(inside: Client) -> None:
    said = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    inside.post(page(User, "add"), {"email": "new@clinic.example", "role": "nurse", "is_staff": "on", **said})

    assert User.objects.get(email="new@clinic.example").is_staff


def test_a_rule_is_explained_at_the_fields_that_it_is_about(inside: Client, provider: Provider) -> None:
    sent = shown(inside, provider) | {
        "npi": "1234567890",
        "active_to": "2019-12-31",
        "license_state": "NY",
        "taxonomy_code": "doctor",
    }

    answer = save(inside, provider, sent)

    assert errors(answer) == {
        "npi": ["This is no NPI: it has ten digits, begins with 1 or 2, and its last digit checks the others."],
        "active_from": ["The last day lies before the first."],
        "active_to": ["The last day lies before the first."],
        "license_number": ["A licence needs its number and its state."],
        "license_state": ["A licence needs its number and its state."],
        "license_expires_on": ["A licence needs its number and its state."],
        "taxonomy_code": ["A taxonomy code is nine digits or capital letters and an X."],
    }


def test_a_provider_who_is_busy_is_refused_on_the_page(inside: Client, appointment: Appointment) -> None:
    answer = inside.post(page(Appointment, "add"), booking(appointment, starts="09:15", ends="09:45"))

    sentence = "The provider has another appointment at this time."
    assert sentence in errors(answer)["provider"]
    assert Appointment.objects.count() == 1


def booking(like: Appointment, *, starts: str, ends: str) -> dict[str, Any]:
    return {
        "patient": like.patient_id,
        "provider": like.provider_id,
        "status": "booked",
        "appointment_type": "ROUTINE",
        "confidentiality": "N",
        "starts_at_0": "2024-05-06",
        "starts_at_1": starts,
        "ends_at_0": "2024-05-06",
        "ends_at_1": ends,
    }


def test_a_rule_that_only_the_database_holds_is_explained_on_a_new_row(
    inside: Client, appointment: Appointment
) -> None:
    corridor = Location.objects.create(name="Corridor", kind="ro", status="inactive")
    sent = booking(appointment, starts="11:00", ends="11:30") | {"room": corridor.pk, "service_type": "Dermatology"}

    answer = inside.post(page(Appointment, "add"), sent)

    assert errors(answer) == {"": ["Only an active room or bed can be had for an appointment."]}
    assert "Dermatology" in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_a_rule_that_only_the_database_holds_is_explained_on_a_row_that_is_changed(
    inside: Client, appointment: Appointment
) -> None:
    closed = Location.objects.create(name="Closed", kind="ro", status="inactive")
    sent = shown(inside, appointment) | {"room": closed.pk, "service_type": "Dermatology"}

    answer = save(inside, appointment, sent)

    assert errors(answer) == {"": ["Only an active room or bed can be had for an appointment."]}
    assert "Dermatology" in answer.content.decode()
    appointment.refresh_from_db()
    assert (appointment.room, appointment.service_type) == (None, None)


@pytest.fixture
def overtaken(patient: Patient) -> Iterator[None]:
    """Between the look at the rules and the INSERT, somebody else registers the same record number."""

    def first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'INSERT INTO "patients"' in sql:
            params = tuple("A-1001" if one == "A-1002" else one for one in params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(first):
        yield


def test_who_loses_a_race_is_told_so_and_keeps_what_was_typed(inside: Client, overtaken: None) -> None:
    sent = {
        "mrn": "A-1002",
        "assigning_authority": "Example Clinic",
        "family_name": "Brackenbury",
        "birth_date": "1990-01-01",
        "administrative_gender": "female",
    }

    answer = inside.post(page(Patient, "add"), sent)

    sentence = "This authority has given this record number to another patient."
    assert errors(answer) == {"mrn": [sentence], "assigning_authority": [sentence]}
    assert "Brackenbury" in answer.content.decode()


def test_a_change_over_somebody_elses_is_refused_and_shows_theirs(inside: Client, patient: Patient) -> None:
    mine = shown(inside, patient) | {"given_name": "Mary", "city": "Springfield"}
    theirs = shown(inside, patient) | {"given_name": "Margaret", "language": "es"}
    assert save(inside, patient, theirs).status_code == 302

    answer = save(inside, patient, mine)

    assert errors(answer) == {
        "": ["Somebody else changed this meanwhile. Look at it as it is now, and change it again."],
        "given_name": ["It now says: Margaret"],
        "language": ["It now says: es"],
        "city": ["It now says: -"],
    }
    patient.refresh_from_db()
    assert (patient.given_name, patient.city) == ("Margaret", None)


def test_who_has_seen_the_others_change_may_save(inside: Client, patient: Patient) -> None:
    mine = shown(inside, patient) | {"given_name": "Mary"}
    save(inside, patient, shown(inside, patient) | {"language": "es"})
    again = typed(save(inside, patient, mine))

    assert save(inside, patient, again | {"language": "es"}).status_code == 302
    patient.refresh_from_db()
    assert (patient.given_name, patient.language) == ("Mary", "es")


def test_a_change_that_does_not_say_which_version_it_saw_is_refused(inside: Client, patient: Patient) -> None:
    sent = shown(inside, patient) | {"given_name": "Mary"}
    del sent["shown_version"]

    assert "Somebody else changed this meanwhile." in errors(save(inside, patient, sent))[""][0]


def test_a_signed_record_is_shown_and_not_changed(inside: Client, record: MedicalRecord) -> None:
    MedicalRecord.objects.filter(pk=record.pk).update(
        status="final",
        signed_at=record.effective_at,
        signed_by=record.author,
        attestation_mode="legal",
        content_digest=bytes(32),
    )

    answer = inside.get(page(MedicalRecord, "change", record.pk))

    assert "Sore throat" in answer.content.decode()
    assert "Thistlewood, Barnaby, NPI 1234567893" in answer.content.decode()
    assert 'name="title"' not in answer.content.decode()
    assert save(inside, record, {"title": "Something else"}).status_code == 403


def test_what_only_a_capability_sets_is_no_field_of_the_form(
    inside: Client, prescription: Prescription, insurance: InsuranceInfo, appointment: Appointment
) -> None:
    record = prescription.medical_record
    assert record is not None
    assert not {"status", "checked_in_at", "cancellation_reason"} & shown(inside, appointment).keys()
    assert not {"status", "signed_at", "ended_at"} & shown(inside, prescription).keys()
    assert not {"verified_at", "verified_by"} & shown(inside, insurance).keys()
    assert not {"status", "signed_by", "amends"} & shown(inside, record).keys()


def test_a_merged_patient_shows_the_survivor_and_the_other_way_round(inside: Client, patient: Patient) -> None:
    twin = Patient.objects.create(
        mrn="B-7",
        assigning_authority="Example Clinic",
        family_name="Quillfether",
        birth_date=patient.birth_date,
        administrative_gender="female",
    )
    Patient.objects.filter(pk=twin.pk).update(merged_into=patient, merged_at=patient.created_at)

    merged = inside.get(page(Patient, "change", twin.pk)).content.decode()
    survivor = inside.get(page(Patient, "change", patient.pk)).content.decode()

    assert f'<a href="{page(Patient, "change", patient.pk)}" class="text-link">Quillfeather, Marigold' in merged
    assert 'name="family_name"' not in merged
    assert f'<a href="{page(Patient, "change", twin.pk)}" class="text-link">Quillfether' in survivor
    assert 'name="family_name"' in survivor
