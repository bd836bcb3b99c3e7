"""Allergies, visits, documents and medication: the codes and invariants that FHIR and HL7's terminology ask for."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from appointments.models import Appointment
from patients.models import Allergy
from providers.models import Provider
from records.fhir.allergy import allergy_intolerance
from records.fhir.document import SUPERSEDED, document_reference
from records.fhir.medication import medication_request
from records.fhir.visits import appointment as as_appointment
from records.models import MedicalRecord, Prescription

if TYPE_CHECKING:
    from tests.records.fhir.conftest import Chart

pytestmark = pytest.mark.django_db


def extension(resource: dict[str, Any], url: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in resource["extension"] if one["url"] == url)
    return found


def documents() -> list[MedicalRecord]:
    return list(MedicalRecord.objects.annotate(superseded=SUPERSEDED).order_by("pk"))


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
    first, amendment = documents()

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

    assert [document_reference(row)["status"] for row in documents()] == ["superseded", "current", "current"]


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
