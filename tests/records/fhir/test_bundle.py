"""What a Bundle holds together: the whole person, references that lead somewhere, and what FHIR asks of all of it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from fhir.resources.R4B import get_fhir_model_class

from patients.models import Patient
from records.fhir import bundle, export
from records.fhir.errors import NoSuchPatient
from records.models import MedicalRecord
from tests.records.fhir.full_chart import at
from tests.records.fhir.paths import at as values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

    from tests.records.fhir.conftest import Chart

pytestmark = pytest.mark.django_db

# The record that is asked for, those of the same person, providers, places, and the nine tables of a chart; and an
# entry in the trail for each of the three records of the person.
QUERIES = 4 + len(bundle.TABLES) + 3


def exported(uid: uuid.UUID, **options: bool) -> dict[str, Any]:
    pieces: list[str] = []
    export.write(uid, pieces.append, **options)
    whole: dict[str, Any] = json.loads("".join(pieces))
    return whole


def resources(whole: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in whole["entry"] if entry["resource"]["resourceType"] == kind]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Give every object inside a value, itself included."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(child)


def test_a_bundle_is_valid_as_a_whole(chart: Chart) -> None:
    whole = exported(chart.patient.uid)

    assert get_fhir_model_class("Bundle").model_validate(whole).type == "collection"
    assert {entry["resource"]["resourceType"] for entry in whole["entry"]} == {
        *("Patient", "Practitioner", "PractitionerRole", "Location", "Coverage", "AllergyIntolerance", "CareTeam"),
        *("Appointment", "Encounter", "DocumentReference", "MedicationRequest", "Consent"),
    }


def test_a_bundle_looks_the_same_with_indents(chart: Chart) -> None:
    plain, indented = (exported(chart.patient.uid, indented=indented) for indented in (False, True))

    assert plain.pop("timestamp") <= indented.pop("timestamp")
    assert plain == indented


def test_all_references_lead_to_an_entry_or_into_their_resource(chart: Chart) -> None:
    whole = exported(chart.patient.uid)
    urls = [entry["fullUrl"] for entry in whole["entry"]]
    inside = {f"#{one['id']}" for entry in whole["entry"] for one in entry["resource"].get("contained", [])}

    assert len(urls) == len(set(urls))
    named = [one["reference"] for one in objects(whole) if isinstance(one.get("reference"), str)]
    assert set(named) <= {*urls, *inside}
    assert inside == {"#subscriber", "#grantor"}


def test_references_lead_to_the_kind_of_resource_that_their_element_takes(chart: Chart) -> None:
    whole = exported(chart.patient.uid)
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in whole["entry"]}
    takes = {
        "MedicationRequest.requester.reference": {"Practitioner"},
        "MedicationRequest.supportingInformation.reference": {"DocumentReference"},
        "MedicationRequest.priorPrescription.reference": {"MedicationRequest"},
        "DocumentReference.relatesTo.target.reference": {"DocumentReference"},
        "DocumentReference.context.encounter.reference": {"Encounter"},
        "Encounter.appointment.reference": {"Appointment"},
        "Encounter.location.location.reference": {"Location"},
        "Location.partOf.reference": {"Location"},
        "Appointment.participant.actor.reference": {"Patient", "Practitioner", "Location"},
        "PractitionerRole.practitioner.reference": {"Practitioner"},
        "CareTeam.participant.member.reference": {"Practitioner"},
        "Consent.patient.reference": {"Patient"},
        "Consent.provision.data.reference.reference": {"Encounter"},
        "Consent.provision.provision.actor.reference.reference": {"Practitioner"},
        "Consent.verification.extension(verified-by).valueReference.reference": {"Practitioner"},
        "Consent.extension(supersedes).valueReference.reference": {"Consent"},
    }
    for path, wanted in takes.items():
        found = [kinds[url] for entry in whole["entry"] for url in values(entry["resource"], path)]
        assert set(found) == wanted, path


@pytest.mark.parametrize("asked", ["patient", "merged", "merged_first"])
def test_whichever_record_of_a_person_is_asked_for_all_are_exported_and_linked(chart: Chart, asked: str) -> None:
    whole = exported(getattr(chart, asked).uid)

    links = {
        one["id"]: {(link["type"], link["other"]["reference"]) for link in one.get("link", [])}
        for one in resources(whole, "Patient")
    }
    survivor, merged, first = (f"urn:uuid:{one.uid}" for one in (chart.patient, chart.merged, chart.merged_first))
    assert links == {
        str(chart.patient.uid): {("replaces", merged)},
        str(chart.merged.uid): {("replaces", first), ("replaced-by", survivor)},
        str(chart.merged_first.uid): {("replaced-by", merged)},
    }
    assert [one["active"] for one in resources(whole, "Patient")] == [True, False, False]


def test_rows_of_a_merged_record_stay_with_it(chart: Chart) -> None:
    whole = exported(chart.patient.uid)

    nuts = next(one for one in resources(whole, "AllergyIntolerance") if one["code"]["text"] == "Nuts")
    assert nuts["patient"]["reference"] == f"urn:uuid:{chart.merged.uid}"


def test_nobody_else_is_in_the_bundle(chart: Chart, patient: Patient, prescription: object, allergy: object) -> None:
    whole = exported(chart.patient.uid)

    assert str(patient.uid) not in json.dumps(whole)
    assert len(resources(whole, "AllergyIntolerance")) == 2
    assert len(resources(whole, "MedicationRequest")) == 2


def test_a_patient_of_whom_little_is_known_is_a_bundle_too(patient: Patient) -> None:
    whole = exported(patient.uid)

    (only,) = whole["entry"]
    assert only["resource"]["name"] == [{"use": "official", "family": "Quillfeather", "given": ["Marigold"]}]


def test_an_unknown_uid_is_refused(db: None) -> None:
    with pytest.raises(NoSuchPatient, match="No patient has this uid"):
        exported(uuid.uuid4())


def test_queries_do_not_grow_with_the_chart(chart: Chart, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ContentType.objects.get_for_model(Patient)  # what a process asks once is not counted
    with django_assert_num_queries(QUERIES):
        before = len(exported(chart.patient.uid)["entry"])
    row = MedicalRecord.objects.get(status="amended")
    MedicalRecord.objects.bulk_create(
        MedicalRecord(
            patient=chart.patient,
            author=row.author,
            encounter=row.encounter,
            effective_at=at(12),
            title=f"Note {n}",
            record_type="progress_note",
            body="All well.",
        )
        for n in range(3 * bundle.ROWS_AT_A_TIME)
    )

    with django_assert_num_queries(QUERIES):
        assert len(exported(chart.patient.uid)["entry"]) == before + 3 * bundle.ROWS_AT_A_TIME


def test_rows_are_read_as_they_are_written_out(chart: Chart) -> None:
    """The first documents leave before the last are read, so that not all of them are held."""
    author = MedicalRecord.objects.all()[0].author
    MedicalRecord.objects.bulk_create(
        MedicalRecord(
            patient=chart.patient, author=author, effective_at=at(13), title="Note", record_type="progress_note"
        )
        for _ in range(2 * bundle.ROWS_AT_A_TIME)
    )
    entries = bundle.entries(bundle.person(chart.patient.uid))
    next(one for one in entries if one["resource"]["resourceType"] == "DocumentReference")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        (still_open,) = cursor.fetchone()

    assert still_open == 1
    assert (
        sum(one["resource"]["resourceType"] == "DocumentReference" for one in entries) == 2 * bundle.ROWS_AT_A_TIME + 1
    )


def test_nothing_stands_in_a_bundle_that_r4_lacks(chart: Chart) -> None:
    """Of all types in these resources R4B adds only this to R4, as their definitions say: two types of extension."""
    added = {"valueCodeableReference", "valueRatioRange"}

    assert not [one for one in objects(exported(chart.patient.uid)) if added & set(one)]


def test_every_extension_has_a_value_or_extensions_and_never_both(chart: Chart) -> None:
    """ext-1 of FHIR's Extension."""
    extensions = [one for one in objects(exported(chart.patient.uid)) if "url" in one]

    assert extensions
    for one in extensions:
        assert ("extension" in one) != any(key.startswith("value") for key in one), one["url"]


def test_nothing_in_a_bundle_is_empty(chart: Chart) -> None:
    """ele-1 of FHIR's Element, and no empty strings or lists."""
    for one in objects(exported(chart.patient.uid)):
        assert one
        assert not [key for key, value in one.items() if value in (None, "", [], {})]
