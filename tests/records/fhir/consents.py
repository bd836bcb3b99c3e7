"""Consents as others may have written them down, and what of a resource is its copy's own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from compliance.models import ConsentRecord, User
    from patients.models import Patient

PROJECT = "https://webqx.example/fhir"
HL7 = "http://terminology.hl7.org/CodeSystem"


def resource(patient: Patient, /, **other: Any) -> dict[str, Any]:
    """Write an opt-in to treatment that holds, with other elements or, where they are None, without them."""
    whole = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": f"{HL7}/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": f"{PROJECT}/consent-type", "code": "treatment"}]}],
        "patient": {"reference": f"urn:uuid:{patient.uid}"},
        "performer": [{"reference": f"urn:uuid:{patient.uid}"}],
        "policyRule": {"coding": [{"system": f"{HL7}/v3-ActCode", "code": "OPTIN"}]},
        "provision": provision(),
        **other,
    }
    return {name: value for name, value in whole.items() if value is not None}


def provision(**other: Any) -> dict[str, Any]:
    """Write what such a consent is about, with other elements."""
    actions = [{"coding": [{"system": f"{HL7}/consentaction", "code": code}]} for code in ("access", "use", "disclose")]
    whole = {"action": actions, "purpose": [{"system": f"{HL7}/v3-ActReason", "code": "TREAT"}], **other}
    return {name: value for name, value in whole.items() if value is not None}


def exception(**other: Any) -> dict[str, Any]:
    return {"type": "deny", "securityLabel": [{"system": f"{HL7}/v3-ActCode", "code": "HIV"}], **other}


HIV = {"system": f"{HL7}/v3-ActCode", "code": "HIV"}
GIVER: dict[str, Any] = {
    "resourceType": "RelatedPerson",
    "id": "grantor",
    "relationship": [{"coding": [{"system": f"{PROJECT}/representative-authority", "code": "guardian"}]}],
    "name": [{"text": "Basil Quillfeather"}],
}


def actor(code: str, **reference: Any) -> dict[str, Any]:
    return {
        "role": {"coding": [{"system": f"{HL7}/v3-ParticipationType", "code": code}]},
        "reference": reference,
    }


def own(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{PROJECT}/StructureDefinition/{name}", **value}


def refused(resource: dict[str, Any], patient: Patient, by: User) -> dict[str, str]:
    """Import what is refused, make sure that nothing was written, and give the sentences by path."""
    from compliance.models import AuditLog, ConsentRecord  # noqa: PLC0415 - models load after the settings
    from records.fhir.consent_import import import_consent  # noqa: PLC0415
    from records.fhir.errors import ImportRefused  # noqa: PLC0415

    with pytest.raises(ImportRefused) as refusal:
        import_consent(resource, patient, by=by)
    assert not ConsentRecord.objects.exists()
    assert not AuditLog.objects.filter(event_type="import").exists()
    return dict(refusal.value.problems)


def for_another(whole: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """Write a Consent over to another patient: all else is as it was."""
    found = copy.deepcopy(whole)
    old, new = found["patient"]["reference"], f"urn:uuid:{patient.uid}"
    found["identifier"] = []
    for one in (found, *found.get("contained", [])):
        one["patient"] = {"reference": new}
    for one in found["performer"]:
        one["reference"] = new if one["reference"] == old else one["reference"]
    return found


def but_for_identifiers(whole: dict[str, Any]) -> dict[str, Any]:
    """Leave out what tells one copy from another: its ids, its patient, who recorded it and when."""
    found = copy.deepcopy(whole)
    patient = found.pop("patient")
    for name in ("id", "meta", "identifier"):
        found.pop(name, None)
    copied = ("supersedes", "recorded-by")
    found["extension"] = [one for one in found.get("extension", []) if one["url"].rpartition("/")[2] not in copied]
    for one in found.get("contained", []):
        assert one.pop("patient") == patient
    for one in found["performer"]:
        one["reference"] = "the patient" if one["reference"] == patient["reference"] else one["reference"]
    return found


def versions(consent: ConsentRecord) -> list[dict[str, Any]]:
    """Export a consent from its database: all its versions, oldest first."""
    from compliance.models import ConsentRecord as Record  # noqa: PLC0415 - models load after the settings
    from records.fhir.consent import consent as as_fhir  # noqa: PLC0415
    from records.fhir.validation import check  # noqa: PLC0415

    found = [as_fhir(row) for row in Record.objects.filter(consent_uid=consent.consent_uid).order_by("version_no")]
    for one in found:
        check(one)
    return found
