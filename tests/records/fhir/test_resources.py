"""Single resources: the codes and structures that FHIR, US Core and HL7's terminology ask for, and their invariants."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from appointments.models import Appointment
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider
from records.fhir.allergy import allergy_intolerance
from records.fhir.care_team import practitioner, practitioner_role
from records.fhir.coverage import coverage
from records.fhir.document import document_reference
from records.fhir.medication import medication_request
from records.fhir.patient import patient as as_patient
from records.fhir.systems import of_authority
from records.fhir.visits import appointment as as_appointment
from records.models import MedicalRecord, Prescription

if TYPE_CHECKING:
    from tests.records.fhir.conftest import Chart

pytestmark = pytest.mark.django_db

CDC = "urn:oid:2.16.840.1.113883.6.238"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def extension(resource: dict[str, Any], url: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in resource["extension"] if one["url"] == url)
    return found


def kinds(identifiers: list[dict[str, Any]]) -> dict[str, tuple[str | None, str]]:
    """Sort identifiers by their type of table 0203."""
    assert {one["type"]["coding"][0]["system"] for one in identifiers} <= {V2_0203}
    return {one["type"]["coding"][0]["code"]: (one.get("system"), one["value"]) for one in identifiers}


def test_race_has_a_coding_for_each_category_and_one_text(chart: Chart) -> None:
    assert extension(as_patient(chart.patient), "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race") == {
        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
        "extension": [
            {"url": "ombCategory", "valueCoding": {"system": CDC, "code": "2106-3", "display": "White"}},
            {"url": "ombCategory", "valueCoding": {"system": CDC, "code": "2028-9", "display": "Asian"}},
            {"url": "text", "valueString": "White, Asian"},
        ],
    }


def test_why_there_is_no_race_is_a_null_flavor(chart: Chart) -> None:
    chart.patient.race_codes = ["ASKU"]

    (coded, text) = extension(
        as_patient(chart.patient), "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    )["extension"]
    assert coded["valueCoding"]["system"] == "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
    assert text["valueString"] == "Asked but no answer"


def test_there_are_never_more_than_the_five_categories_of_us_core(chart: Chart) -> None:
    chart.patient.race_codes = ["1002-5", "2028-9", "2054-5", "2076-8", "2106-3", "UNK", "ASKU"]

    parts = extension(as_patient(chart.patient), "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race")
    assert [one["url"] for one in parts["extension"]] == ["ombCategory"] * 5 + ["text"]
    assert "Asked but no answer" in parts["extension"][-1]["valueString"]


def test_identifiers_have_hl7s_types_and_registered_systems(chart: Chart) -> None:
    clinic = "https://webqx.example/fhir/authority/Fernvale%20Clinic"
    physician = practitioner(Provider.objects.get(npi="1993999998"))

    assert kinds(as_patient(chart.patient)["identifier"]) == {
        "MR": (clinic, "A-2001"),
        "SS": ("http://hl7.org/fhir/sid/us-ssn", "219-09-9999"),
    }
    assert kinds(physician["identifier"]) == {
        "NPI": ("http://hl7.org/fhir/sid/us-npi", "1993999998"),
        "DEA": ("http://terminology.hl7.org/NamingSystem/USDEANumber", "AB1234563"),
    }
    assert kinds(physician["qualification"][0]["identifier"])["LN"][1] == "L-4471"


@pytest.mark.parametrize(
    ("authority", "system"),
    [
        ("2.16.840.1.113883.19.5", "urn:oid:2.16.840.1.113883.19.5"),
        ("https://clinic.example/mrn", "https://clinic.example/mrn"),
        ("urn:oid:1.2.3", "urn:oid:1.2.3"),
        ("Clinic: north", "https://webqx.example/fhir/authority/Clinic%3A%20north"),
    ],
)
def test_an_authority_is_a_system_by_its_oid_its_uri_or_its_name(authority: str, system: str) -> None:
    assert of_authority(authority) == system


def test_a_patient_without_any_name_says_so(chart: Chart) -> None:
    """us-core-6: a name has a given name, a family name or the reason why not."""
    nameless = Patient(family_name=" ", birth_date=date(1990, 1, 1), assigning_authority="x", mrn="1")
    nameless.created_at = nameless.updated_at = datetime.now(UTC)

    (name,) = as_patient(nameless)["name"]
    assert name["extension"] == [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]


def test_a_provider_has_one_role_that_keeps_its_id(chart: Chart) -> None:
    row = Provider.objects.get(npi="1993999998")

    assert practitioner_role(row)["id"] == practitioner_role(row)["id"] != practitioner(row)["id"]
    assert practitioner_role(row)["period"] == {"start": "2019-03-01", "end": "2030-03-01"}
    assert practitioner_role(row)["specialty"][0]["coding"] == [
        {"system": "http://nucc.org/provider-taxonomy", "code": "207R00000X"}
    ]


def test_classes_of_coverage_are_told_apart(chart: Chart) -> None:
    found = coverage(InsuranceInfo.objects.get(kind="insurance"))

    assert {one["type"]["coding"][0]["code"]: one["value"] for one in found["class"]} == {
        "group": "G-7002",
        "plan": "Silver Plan",
        "rxbin": "610014",
        "rxpcn": "PCN77",
        "rxgroup": "RXG5",
    }
    assert found["costToBeneficiary"][0]["valueMoney"] == {"value": 25.5, "currency": "USD"}
    assert found["subscriber"] == {"reference": "#subscriber"}
    assert found["extension"][0] == {
        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.kind",
        "valueCode": "insurance",
    }


def test_who_pays_for_themselves_is_the_payor(chart: Chart) -> None:
    found = coverage(InsuranceInfo.objects.get(kind="self-pay"))

    assert found["payor"] == [{"reference": f"urn:uuid:{chart.patient.uid}"}] == [found["subscriber"]]
    assert found["type"]["coding"][0]["code"] == "pay"


def test_a_payer_that_is_not_known_is_said_to_be_unknown(chart: Chart) -> None:
    """FHIR's Coverage needs a payor."""
    row = InsuranceInfo.objects.get(kind="self-pay")
    row.kind = InsuranceInfo.Kind.OTHER

    assert coverage(row)["payor"][0]["extension"][0]["valueCode"] == "unknown"


def test_a_presumed_allergy_is_unconfirmed_in_r4_and_presumed_as_in_r5(chart: Chart) -> None:
    status = allergy_intolerance(Allergy.objects.get(substance="Nuts"))["verificationStatus"]

    assert status["coding"][0]["code"] == "unconfirmed"
    assert status["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "presumed"


def test_an_allergy_has_a_clinical_status_unless_it_was_entered_in_error(chart: Chart) -> None:
    """ait-1 and ait-2."""
    row = Allergy.objects.get(substance="Nuts")
    assert allergy_intolerance(row)["clinicalStatus"]["coding"][0]["code"] == "active"

    row.verification_status, row.clinical_status = Allergy.VerificationStatus.ENTERED_IN_ERROR, None
    row.save()

    assert "clinicalStatus" not in allergy_intolerance(row)


def test_a_severity_without_words_has_a_manifestation_that_is_unknown(chart: Chart) -> None:
    row = Allergy.objects.get(severity="moderate")
    row.reaction = None

    (reaction,) = allergy_intolerance(row)["reaction"]
    assert reaction["severity"] == "moderate"
    assert reaction["manifestation"][0]["extension"][0]["valueCode"] == "unknown"


def test_a_reason_of_cancellation_stands_in_its_element_only_while_it_is_cancelled(chart: Chart) -> None:
    """app-4."""
    row = Appointment.objects.get(status="cancelled")
    assert as_appointment(row)["cancelationReason"]["text"] == "The bus did not come"

    row.status = Appointment.Status.ENTERED_IN_ERROR
    mistaken = as_appointment(row)

    assert "cancelationReason" not in mistaken
    kept = extension(mistaken, "https://webqx.example/fhir/StructureDefinition/cancellation-reason")
    assert kept["valueCodeableConcept"]["coding"][0]["code"] == "pat-lt"


def test_an_appointment_that_waits_has_no_time_and_nobody_has_agreed(chart: Chart) -> None:
    """app-1, app-2, app-3."""
    found = as_appointment(Appointment.objects.get(status="waitlist"))

    assert "start" not in found
    assert "end" not in found
    assert [(one["actor"]["reference"], one["status"]) for one in found["participant"]] == [
        (f"urn:uuid:{chart.merged.uid}", "needs-action"),
        (f"urn:uuid:{Provider.objects.get(npi='1993999998').uid}", "needs-action"),
    ]


def test_labels_are_confidentiality_sensitivity_and_law(chart: Chart) -> None:
    security = document_reference(MedicalRecord.objects.get(status="amended"))["meta"]["security"]

    assert [(one["system"].rpartition("/")[2], one["code"]) for one in security] == [
        ("v3-Confidentiality", "V"),
        ("v3-ActCode", "SUD"),
        ("v3-ActCode", "42CFRPart2"),
    ]


def test_a_document_that_a_signed_one_amends_is_superseded(chart: Chart) -> None:
    first, amendment = MedicalRecord.objects.order_by("pk")

    assert [document_reference(row)["status"] for row in (first, amendment)] == ["superseded", "current"]
    assert document_reference(amendment)["relatesTo"] == [
        {"code": "replaces", "target": {"reference": f"urn:uuid:{first.uid}"}}
    ]


def test_a_draft_of_an_amendment_supersedes_nothing(chart: Chart) -> None:
    amendment = MedicalRecord.objects.get(status="amended")
    MedicalRecord.objects.create(
        patient=chart.patient,
        author=amendment.author,
        amends=amendment,
        record_type="progress_note",
        title="Third thought",
        effective_at=amendment.effective_at,
    )

    assert document_reference(MedicalRecord.objects.get(pk=amendment.pk))["status"] == "current"


def test_a_document_carries_its_text_byte_by_byte_and_its_measurements_as_json(chart: Chart) -> None:
    text, measured = document_reference(MedicalRecord.objects.get(status="amended"))["content"]

    assert base64.b64decode(text["attachment"]["data"]).decode() == "Not red after all.\n\tSee the swab: ½."
    assert text["attachment"]["contentType"] == "text/plain; charset=utf-8"
    assert base64.b64decode(measured["attachment"]["data"]).decode() == '{"unit": "°C", "temperature": 37.5}'
    assert measured["attachment"]["contentType"] == "application/json"


def test_what_may_be_dispensed(chart: Chart) -> None:
    found = medication_request(Prescription.objects.get(status="stopped"))

    assert found["dispenseRequest"] == {
        "validityPeriod": {"start": "2024-05-07", "end": "2024-06-06"},
        "numberOfRepeatsAllowed": 0,
        "quantity": {"value": 10.25, "unit": "tablet"},
        "expectedSupplyDuration": {"value": 10, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d"},
        "performer": {
            "type": "Organization",
            "identifier": {
                "system": "http://terminology.hl7.org/NamingSystem/NCPDPProviderIdentificationNumber",
                "value": "0123456",
            },
        },
    }
    assert found["substitution"] == {"allowedBoolean": False}
    assert [one["system"].rpartition("/")[2] for one in found["medicationCodeableConcept"]["coding"]] == [
        "rxnorm",
        "ndc",
    ]
