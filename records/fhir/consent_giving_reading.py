"""Reads of a FHIR Consent who gave it, how it was signed, on which document, and what R4 has no element for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.consent.value_sets import GrantorKind, RepresentativeAuthority, SignatureMethod, Statement
from records.fhir import consent_codes as codes
from records.fhir import systems, values

if TYPE_CHECKING:
    from records.fhir.places import Place

_ONCE = ("supersedes", "recorded-by", "information", "expires-event", "self-paid", "signature")


class Named(NamedTuple):
    """An identifier."""

    system: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Whose:
    """The patient: a reference, an identifier or both."""

    place: Place
    reference: str | None
    identifier: Named | None


def giving(place: Place, patient: Whose | None) -> dict[str, Any]:
    """Give what stands at the top of a Consent as fields of ConsentRecord."""
    found = place.extensions(*_ONCE, many=["statement-shown"])
    # Of the copy that was exported; what is recorded here begins anew.
    for one in [*found.pop("supersedes", []), *found.pop("recorded-by", [])]:
        one.leave()
    first = {name: those[0] for name, those in found.items()}
    statements = [one.code("valueCode", Statement.values) for one in found.get("statement-shown", [])]
    facts: dict[str, Any] = {"statements_shown": [one for one in statements if one is not None]}
    if (information := first.get("information")) is not None:
        facts["information_description"] = information.text("valueString")
    if (event := first.get("expires-event")) is not None:
        facts["expires_event"] = event.text("valueString")
    if (self_paid := first.get("self-paid")) is not None:
        facts["self_paid"] = self_paid.flag("valueBoolean") is True
    return {**facts, **_signature(place, first.get("signature")), **_document(place), **_grantor(place, patient)}


def named(place: Place) -> Named:
    """Read an identifier; its type, its use and who gave it are left."""
    found = Named(place.text("system"), place.text("value"))
    place.leave()
    return found


def patient_of(place: Place) -> Whose | None:
    """Read whose consent it is."""
    if (found := place.one("patient")) is None:
        place.lacks("patient", "Say whose consent it is.")
        return None
    found.leave("type", "display")
    number = found.one("identifier")
    return Whose(found, found.text("reference"), None if number is None else named(number))


def _signature(place: Place, signature: Place | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"signed_at": values.moment(place, "dateTime")}
    parts = signature.parts("method", "witness") if signature is not None else {}
    for method in parts.get("method", []):
        facts["signature_method"] = method.code("valueCode", SignatureMethod.values)
    for witness in parts.get("witness", []):
        facts["witness"] = witness.text("valueString")
    if facts["signed_at"] is not None and "method" not in parts:
        place.lacks(
            "dateTime",
            f"It says when it was signed, and not how. Say so in the extension {systems.own_extension('signature')}, "
            "or leave the time out.",
        )
    return facts


def _document(place: Place) -> dict[str, Any]:
    if (document := place.one("sourceAttachment")) is None:
        return {}
    facts: dict[str, Any] = {"form_version": document.text("title")}
    found = document.extensions("sha256", "document-reference")
    for digest in found.get("sha256", []):
        facts["document_digest"] = values.sha256(digest, "valueBase64Binary")
    for kept_at in found.get("document-reference", []):
        facts["document_reference"] = kept_at.text("valueString")
    return facts


def _grantor(place: Place, patient: Whose | None) -> dict[str, Any]:
    """Read who gave it: the patient, or a RelatedPerson inside this resource."""
    performers, contained = place.each("performer"), place.each("contained")
    for other in performers[1:]:
        other.refuse("One person gives a consent here.")
    if not performers:
        place.lacks("performer", "Say who gave it: the patient, or a RelatedPerson inside this resource.")
        return {}
    who, number = performers[0].text("reference"), performers[0].one("identifier")
    performers[0].leave("type", "display")
    numbered = None if number is None else named(number)
    if patient is not None and _is_same(patient, who, numbered):
        return {"grantor_kind": GrantorKind.PATIENT}
    inside = [one for one in contained if who == f"#{one.value.get('id')}"]
    if len(inside) != 1 or number is not None:
        performers[0].lacks("reference", "It is neither the patient nor the one RelatedPerson inside this resource.")
        return {}
    return _representative(inside[0], patient)


def _is_same(patient: Whose, reference: str | None, identifier: Named | None) -> bool:
    """Say whether somebody is named as the patient is: by the reference, by the identifier, or by both."""
    if reference is None and identifier is None:
        return False
    return reference in (None, patient.reference) and identifier in (None, patient.identifier)


def _representative(place: Place, patient: Whose | None) -> dict[str, Any]:
    place.code("resourceType", {"RelatedPerson"})
    place.leave("id")
    if (of := place.one("patient")) is not None:
        of.leave("type", "display")
        if of.text("reference") != (patient and patient.reference):
            of.lacks("reference", "It is not the patient of the consent.")
    facts: dict[str, Any] = {"grantor_kind": GrantorKind.REPRESENTATIVE}
    known = {codes.AUTHORITY: RepresentativeAuthority.values, systems.ROLE_CODE: set(codes.ROLE_CODES.values())}
    relationships = [one.concept(known) for one in place.each("relationship")]
    authority = relationships[0].get(codes.AUTHORITY) if len(relationships) == 1 else None
    if authority is None:
        place.lacks("relationship", f"Say once by what authority, as a code of {codes.AUTHORITY}: {_authorities()}.")
    elif (role := relationships[0].get(systems.ROLE_CODE)) is not None and role != codes.ROLE_CODES.get(authority):
        place.lacks("relationship", "HL7's code is of another authority.")
    names = [one.text("text") for one in place.each("name")]
    if len(names) != 1 or names[0] is None:
        place.lacks("name", "Say one name, as its text.")
    return {**facts, "representative_authority": authority, "grantor_name": next(iter(names), None)}


def _authorities() -> str:
    return ", ".join(RepresentativeAuthority.values)
