"""Patient, Practitioner and Coverage: the codes and structures that FHIR, US Core and HL7 ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from patients.models import InsuranceInfo, Patient
from providers.models import Provider
from records.fhir.care_team import practitioner, practitioner_role
from records.fhir.coverage import coverage
from records.fhir.patient import patient as as_patient
from records.fhir.systems import of_authority

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
