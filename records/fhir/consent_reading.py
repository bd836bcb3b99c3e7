"""Reads a FHIR Consent as what `give` and `draft` take. What they cannot take is refused, each with its path."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance.consent.value_sets import (
    ConsentDecision,
    ConsentStatus,
    ConsentType,
)
from records.fhir import consent_codes as codes
from records.fhir import systems, validation
from records.fhir.consent_giving_reading import Named, Whose, giving, named, patient_of
from records.fhir.consent_provision_reading import Provision, provision
from records.fhir.errors import ImportRefused, NotJson
from records.fhir.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.fhir.elements import Element

_STATUS = {
    "draft": ConsentStatus.DRAFT,
    "proposed": ConsentStatus.DRAFT,
    "active": ConsentStatus.ACTIVE,
    "rejected": ConsentStatus.NOT_DONE,
}
_DECISION = {code: decision for decision, code in codes.DECISION.items()}
NOT_HELD = "There is no place for this here, and it would get lost. Leave it out if it does not matter."
_OF_R5 = "This is not an element of FHIR R4 but of R5. Have the consent exported as R4."
_WHY = {
    "Consent.provision.code": "A consent here is about labels, parts of a chart or a visit, not about single codes.",
    "Consent.provision.provision.code": "An exception here is about labels or parts of a chart, not about codes.",
    "Consent.provision.provision.provision": "Exceptions to exceptions are not held: there is one level of them.",
    "Consent.provision.provision.period": "An exception holds as long as its consent. Record a consent of its own.",
    "Consent.verification": "Somebody here verifies a consent anew. Leave it out, and verify the consent then.",
    "Consent.contained": "Only a RelatedPerson who gave the consent stands inside it.",
}
_R5 = {
    "Consent": "subject date period grantor grantee manager controller regulatoryBasis policyBasis policyText decision",
    "Consent.provision": "documentType resourceType expression",
    "Consent.provision.provision": "documentType resourceType expression",
}
_WHY |= {f"{place}.{name}": _OF_R5 for place, names in _R5.items() for name in names.split()}
_WHY_ANYWHERE = {
    "modifierExtension": "It changes what the rest means, in a way that is not known here.",
    "implicitRules": "It says that the rest is to be read by other rules, which are not known here.",
    "extension": "This extension is not known here.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a Consent says. `facts` are fields of ConsentRecord; whom it is about is still to be compared."""

    status: ConsentStatus
    kind: ConsentType
    decision: ConsentDecision
    facts: dict[str, Any]
    provision: Provision
    patient: Whose
    identifiers: list[Named]


def parse(text: str | bytes) -> Element:
    """Read the JSON of one resource. Raises NotJson."""
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"see line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson("it is nested too deep") from None
    if not isinstance(found, dict):
        raise NotJson("it is no object")
    return found


def _once_each(pairs: Sequence[tuple[str, Any]]) -> Element:
    """Refuse a name that stands twice in an object: of two values one would get lost."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("an object has one name twice")
    return found


def _no_number(_: str) -> Any:
    raise NotJson("it has NaN or Infinity, which JSON does not have")


def read(resource: Element) -> Said:
    """Read a Consent. Raises ImportRefused with all that is wrong, or has no place here."""
    place = Place(resource, "Consent", [])
    if place.text("resourceType") != "Consent":
        raise ImportRefused([("Consent.resourceType", "This is no Consent. One Consent is taken at a time.")])
    said = _said(place)
    problems: dict[str, str] = {}
    for path, why in [*place.problems, *((path, _why(path)) for path in place.unread())]:
        problems.setdefault(path, why)  # what was found first goes to the root of it
    if said is None or problems:
        raise ImportRefused(list(problems.items()))
    if invalid := validation.invalid(resource):
        raise ImportRefused([(path, "This is not as FHIR R4 has it.") for path in invalid])
    return said


def _said(place: Place) -> Said | None:
    # What belongs to the copy, and not to what the patient said.
    place.leave("id")
    if (meta := place.one("meta")) is not None:
        meta.leave("versionId", "lastUpdated")
    _narrative(place)
    status, kind, patient = _status(place), _kind(place), patient_of(place)
    inside = place.one("provision")
    if inside is None:
        place.lacks("provision", "Say for what purposes it is.")
    facts = giving(place, patient)
    found = None if inside is None else provision(inside)
    decision = _decision(place, inside)
    names = [named(one) for one in place.each("identifier")]
    if status is None or kind is None or decision is None or patient is None or found is None:
        return None
    return Said(status, kind, decision, {**facts, **found.facts}, found, patient, names)


def _narrative(place: Place) -> None:
    """Leave words that were made from the elements; others may say more than those do."""
    if (text := place.one("text")) is not None:
        if text.text("status") not in {"generated", "extensions", "empty"}:
            text.lacks("status", "A text that says more than the elements cannot be kept.")
        text.leave("div")


def _status(place: Place) -> ConsentStatus | None:
    code = place.text("status")
    if code not in _STATUS:
        place.lacks(
            "status",
            f"Only what holds, or may come to hold, is taken over: {', '.join(_STATUS)}. What has ended has no effect.",
        )
        return None
    return _STATUS[code]


def _kind(place: Place) -> ConsentType | None:
    """Read the type, which is a code of the category, and hold the elements that follow from it to it."""
    categories, scope, policies = place.each("category"), place.one("scope"), place.each("policy")
    for other in categories[1:]:
        other.refuse("A consent is of one type here.")
    known = {codes.TYPE: ConsentType.values, systems.LOINC: codes.CATEGORIES}
    found = categories[0].concept(known) if categories else {}
    if (code := found.get(codes.TYPE)) is None:
        place.lacks("category", f"Say which type it is, as a code of {codes.TYPE}: {', '.join(ConsentType.values)}.")
        return None
    kind = ConsentType(code)
    if found.get(systems.LOINC) not in (None, codes.category(kind)):
        categories[0].refuse("LOINC's code is of another type of consent.")
    if scope is None or not scope.concept({systems.CONSENT_SCOPE: {codes.scope(kind)}}):
        place.lacks("scope", f"A consent of this type has the scope {codes.scope(kind)}.")
    for policy in policies:
        if policy.text("uri") != codes.policy(kind):
            policy.lacks("uri", f"A consent of this type has {codes.policy(kind)} here, and no other.")
    return kind


def _decision(place: Place, inside: Place | None) -> ConsentDecision | None:
    """Read the base policy. Many put it as a type on the first provision too, where R4 has none."""
    rule = place.one("policyRule")
    found = rule.concept({systems.ACT_CODE: _DECISION}) if rule is not None else {}
    typed = inside.code("type", ConsentDecision.values) if inside is not None else None
    policy = next((_DECISION[code] for code in found.values()), None)
    if policy is None and (rule is not None or typed is None):
        place.lacks("policyRule", f"Say whether it permits or denies: {' or '.join(_DECISION)} of {systems.ACT_CODE}.")
        return None
    decision = policy or ConsentDecision(typed or "")
    if inside is not None and typed not in (None, decision):
        inside.lacks("type", "It says the opposite of policyRule.")
    return decision


def _why(path: str) -> str:
    plain = re.sub(r"\[\d+\]", "", path)
    return _WHY.get(plain) or _WHY_ANYWHERE.get(plain.rpartition(".")[2]) or NOT_HELD
