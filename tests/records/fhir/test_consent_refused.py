"""What a Consent says and this schema does not hold is refused: each with its FHIR path and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.records.fhir import consents
from tests.records.fhir.consents import GIVER, HIV, HL7, PROJECT, actor, own, refused

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("elements", "path", "why"),
    [
        ({"modifierExtension": [{"url": "https://x.example", "valueBoolean": True}]}, "modifierExtension", "changes"),
        ({"implicitRules": "https://x.example/rules"}, "implicitRules", "other rules"),
        ({"language": "en"}, "language", "no place"),
        ({"meta": {"security": [HIV]}}, "meta.security", "no place"),
        ({"text": {"status": "additional", "div": "<div>More</div>"}}, "text.status", "more than the elements"),
        ({"organization": [{"display": "A clinic"}]}, "organization", "no place"),
        ({"extension": [{"url": "https://x.example", "valueCode": "a"}]}, "extension[0]", "not known"),
        ({"extension": [own("information", valueMarkdown="*All*")]}, "extension[0].valueMarkdown", "no place"),
        ({"extension": 2 * [own("information", valueString="All")]}, "extension[1]", "twice"),
        ({"verification": [{"verified": True}]}, "verification", "verify the consent"),
        ({"sourceReference": {"display": "A paper"}}, "sourceReference", "no place"),
        ({"sourceAttachment": {"hash": "YWJj", "title": "Form 3"}}, "sourceAttachment.hash", "no place"),
        ({"sourceAttachment": {"extension": [own("sha256", valueBase64Binary="YWJj")]}},
         "sourceAttachment.extension[0].valueBase64Binary", "SHA-256"),
        ({"sourceAttachment": {"title": "a" * 61}}, "sourceAttachment.title", "at most 60"),
        ({"status": "inactive"}, "status", "ended"),
        ({"status": None}, "status", "draft, proposed, active, rejected"),
        ({"status": ["active"]}, "status", "a text"),
        ({"dateTime": "2024-05-06T10:00:00Z"}, "dateTime", "not how"),
        ({"dateTime": "2024-05-06", "extension": [own("signature", extension=[])]}, "dateTime", "time with its zone"),
        ({"dateTime": "2024-05-06T10:00:00.1234567Z"}, "dateTime", "microsecond"),
        ({"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]}, "category", "which type"),
        ({"category": [{"coding": [{"system": f"{PROJECT}/consent-type", "code": "any"}]}]},
         "category[0].coding[0]", "not known"),
        ({"scope": {"coding": [{"system": f"{HL7}/consentscope", "code": "adr"}]}}, "scope.coding[0]", "not known"),
        ({"scope": {"text": "Treatment"}}, "scope.text", "no place"),
        ({"policy": [{"uri": "https://law.example"}]}, "policy[0].uri", "164.506"),
        ({"policyRule": None}, "policyRule", "OPTIN or OPTOUT"),
        ({"performer": None}, "performer", "who gave it"),
        ({"performer": [{"reference": "Practitioner/1"}]}, "performer[0].reference", "neither the patient"),
        ({"contained": [GIVER]}, "contained[0]", "RelatedPerson"),
        ({"patient": {"reference": "Patient/1"}, "performer": [{"reference": "Patient/1"}]}, "patient", "not the"),
        ({"patient": {"display": "Marigold"}}, "performer[0].reference", "neither the patient"),
        ({"patient": None}, "patient", "whose consent"),
        ({"provision": None}, "provision", "for what purposes"),
    ],
)  # fmt: skip
def test_what_a_consent_cannot_take_over_is_refused_at_its_path(
    patient: Patient, administrator: User, elements: dict[str, Any], path: str, why: str
) -> None:
    problems = refused(consents.resource(patient, **elements), patient, administrator)

    assert why in problems[f"Consent.{path}"]
    assert "Marigold" not in str(problems)


@pytest.mark.parametrize(
    ("elements", "path", "why"),
    [
        ({"code": [{"text": "Any"}]}, "code", "single codes"),
        ({"modifierExtension": [{"url": "https://x.example", "valueCode": "a"}]}, "modifierExtension", "changes"),
        ({"action": None}, "action", "no other action"),
        ({"action": [{"coding": [{"system": f"{HL7}/consentaction", "code": "correct"}]}]},
         "action[0].coding[0]", "not known"),
        ({"type": "deny"}, "type", "opposite of policyRule"),
        ({"securityLabel": [{"system": f"{HL7}/v3-ActCode", "code": "VIP"}]}, "securityLabel[0]", "not known"),
        ({"securityLabel": [{"code": "HIV"}]}, "securityLabel[0]", "not known"),
        ({"purpose": [{"system": f"{HL7}/v3-ActReason", "code": "CAREMGT"}]}, "purpose[0]", "not known"),
        ({"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Claim"}]}, "class[0]", "not known"),
        ({"dataPeriod": {"start": "2024"}}, "dataPeriod.start", "Give a day"),
        ({"period": {"end": "2024-05"}}, "period.end", "Give a day"),
        ({"period": {"end": "9999-12-31"}}, "period.end", "Give a day"),
        ({"period": {"start": "2024-05-06T10:00:00"}}, "period.start", "zone"),
        ({"actor": [actor("IRCP", reference="Organization/1", display="A")]}, "actor[0].reference.reference", "place"),
        ({"actor": [actor("IRCP", reference="Organization/1")]}, "actor[0].reference", "in words"),
        ({"actor": [actor("PRCP", display="A")]}, "actor[0].role.coding[0]", "not known"),
        ({"data": [{"meaning": "instance", "reference": {"reference": "Encounter/1"}}]}, "data[0].meaning", "There"),
        ({"data": [{"meaning": "dependents", "reference": {"reference": "Encounter/1"}}]},
         "data[0].reference.reference", "does not refer"),
        ({"data": 2 * [{"meaning": "dependents", "reference": {"reference": "Encounter/1"}}]}, "data[1]", "one visit"),
        ({"provision": [consents.exception(), consents.exception(code=[{"text": "Any"}])]},
         "provision[1].code", "not about codes"),
        ({"provision": [consents.exception(provision=[consents.exception(type="permit")])]},
         "provision[0].provision", "one level"),
        ({"provision": [consents.exception(period={"end": "2999-01-01"})]}, "provision[0].period", "of its own"),
        ({"provision": [consents.exception(type="maybe")]}, "provision[0].type", "deny, permit"),
        ({"provision": [consents.exception(actor=[actor("IRCP", reference="Practitioner/1")])]},
         "provision[0].actor[0].reference.reference", "does not refer"),
    ],
)  # fmt: skip
def test_what_a_provision_cannot_take_over_is_refused_at_its_path(
    patient: Patient, administrator: User, elements: dict[str, Any], path: str, why: str
) -> None:
    resource = consents.resource(patient, provision=consents.provision(**elements))

    assert why in refused(resource, patient, administrator)[f"Consent.provision.{path}"]


@pytest.mark.parametrize(
    ("elements", "paths"),
    [
        ({"decision": "permit", "subject": {"reference": "Patient/1"}}, ["decision", "subject"]),
        ({"grantor": [], "date": "2024-05-06"}, ["grantor", "date"]),
        ({"provision": consents.provision(resourceType=[HIV], documentType=[HIV])},
         ["provision.resourceType", "provision.documentType"]),
    ],
)  # fmt: skip
def test_elements_of_r5_are_said_to_be_of_r5(
    patient: Patient, administrator: User, elements: dict[str, Any], paths: list[str]
) -> None:
    problems = refused(consents.resource(patient, **elements), patient, administrator)

    assert set(problems) == {f"Consent.{path}" for path in paths}
    assert all("R5" in why for why in problems.values())


def test_lists_of_r5_are_refused_where_r4_has_one_element(patient: Patient, administrator: User) -> None:
    resource = consents.resource(patient, provision=[consents.provision()], sourceAttachment=[{"title": "Form"}])

    problems = refused(resource, patient, administrator)
    assert problems["Consent.provision"] == problems["Consent.sourceAttachment"] == "FHIR R4 has an object here."


def test_all_that_is_wrong_is_said_at_once(patient: Patient, administrator: User) -> None:
    resource = consents.resource(patient, language="en", status="unknown", provision=consents.provision(type="deny"))

    assert set(refused(resource, patient, administrator)) == {
        "Consent.language",
        "Consent.status",
        "Consent.provision.type",
    }


def test_what_was_left_out_of_the_reading_is_still_checked_as_fhir(patient: Patient, administrator: User) -> None:
    resource = consents.resource(patient, id="an id with spaces", identifier=[{"value": 7}])

    assert set(refused(resource, patient, administrator)) == {"Consent.identifier[0].value"}
    assert set(refused({**resource, "identifier": []}, patient, administrator)) == {"Consent.id"}


@pytest.mark.parametrize("text", ["", " ", "a\x00b", "a\x0bb", "\ud800"])
def test_a_text_that_fhir_or_the_database_cannot_hold_is_refused(
    patient: Patient, administrator: User, text: str
) -> None:
    resource = consents.resource(patient, extension=[own("information", valueString=text)])

    assert set(refused(resource, patient, administrator)) == {"Consent.extension[0].valueString"}


def test_a_name_that_is_no_element_is_not_repeated(patient: Patient, administrator: User) -> None:
    assert set(refused(consents.resource(patient, **{"Marigold Quillfeather": 1}), patient, administrator)) == {
        "Consent.?"
    }
