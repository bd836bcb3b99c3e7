"""patients as FHIR Patient, with the extensions of US Core."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from patients.value_sets import ContactRelationship, Ethnicity, MaritalStatus, Race
from records.fhir import systems
from records.fhir.elements import (
    UNKNOWN,
    Element,
    coding,
    concept,
    day,
    extension,
    filled,
    identifier,
    moment,
    own,
    reference,
    resource,
    telecom,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import TextChoices

    from patients.models import Patient

# Codes that say why there is none; HL7 has them in a code system of their own.
_NULL_FLAVORS = {"UNK", "ASKU"}


def patient(row: Patient, replaces: Iterable[Patient] = ()) -> Element:
    """Make the Patient of a record; `replaces` are the records that were merged into it."""
    deceased = (
        {"deceasedDateTime": moment(row.deceased_at)} if row.deceased_at else {"deceasedBoolean": row.is_deceased}
    )
    return resource(
        "Patient",
        row,
        extension=_extensions(row),
        identifier=[
            identifier(
                "MR",
                systems.of_authority(row.assigning_authority),
                row.mrn,
                assigner={"display": row.assigning_authority},
            ),
            identifier("SS", systems.SSN, row.ssn),
        ],
        active=row.merged_into is None,
        name=_names(row),
        telecom=[
            telecom("phone", row.phone, "home"),
            telecom("phone", row.mobile_phone, "mobile"),
            telecom("email", row.email),
        ],
        gender=row.administrative_gender,
        birthDate=day(row.birth_date),
        **deceased,
        address=[_address(row)],
        maritalStatus=_flavored(f"{systems.HL7}/v3-MaritalStatus", MaritalStatus, row.marital_status),
        contact=[_contact(row)],
        communication=[
            {"language": concept(coding(systems.LANGUAGE, row.language)), "preferred": True} if row.language else None
        ],
        generalPractitioner=[reference(row.general_practitioner)],
        link=_links(row, replaces),
    )


def _names(row: Patient) -> list[Element]:
    """Give the names. US Core wants one, and says how to say that there is none (us-core-6)."""
    name = {"family": row.family_name, "given": [row.given_name, row.middle_name], "suffix": [row.name_suffix]}
    official: Element = filled(name) or UNKNOWN
    return [
        {"use": "official", **official},
        {"use": "usual", "given": [row.preferred_name]} if row.preferred_name else {},
        {"use": "old", "family": row.previous_name} if row.previous_name else {},
    ]


def _address(row: Patient) -> Element:
    lines = filled({"line": [row.address_line], "city": row.city, "state": row.state, "postalCode": row.postal_code})
    return {"use": "home", **lines, "country": "US"} if lines else {}


def _contact(row: Patient) -> Element:
    return {
        "relationship": [_flavored(f"{systems.HL7}/v2-0131", ContactRelationship, row.contact_relationship)],
        "name": {"text": row.contact_name},
        "telecom": [telecom("phone", row.contact_phone)],
    }


def _links(row: Patient, replaces: Iterable[Patient]) -> list[Element]:
    """Say which records of the same person this one stands for, and which one stands for it."""
    links: list[Element] = [{"other": reference(other), "type": "replaces"} for other in replaces]
    if row.merged_into:
        merged = own("merged-at", valueDateTime=moment(row.merged_at))
        links.append({"extension": [merged], "other": reference(row.merged_into), "type": "replaced-by"})
    return links


def _extensions(row: Patient) -> list[Element]:
    pronouns = extension("value", valueCodeableConcept=concept(text=row.pronouns))
    return [
        _categories("us-core-race", Race, row.race_codes),
        _categories("us-core-ethnicity", Ethnicity, [row.ethnicity_code] if row.ethnicity_code else []),
        extension(f"{systems.US_CORE}/us-core-birthsex", valueCode=row.birth_sex),
        extension(f"{systems.FHIR}/patient-interpreterRequired", valueBoolean=row.interpreter_needed),
        extension(f"{systems.FHIR}/individual-pronouns", extension=[pronouns]),
        own("confidential-contact", extension=_confidential(row.confidential_contact)),
    ]


def _categories(name: str, values: type[TextChoices], codes: Sequence[str]) -> Element:
    """Make US Core's extension of OMB categories: codings, five at most, and one text that names all of them.

    Why there is no category is coded only where there is none.
    """
    categories = [code for code in codes if code not in _NULL_FLAVORS] or codes
    coded = [
        extension(
            "ombCategory", valueCoding=coding(_system(systems.RACE_AND_ETHNICITY, code), code, values(code).label)
        )
        for code in categories
    ]
    text = extension("text", valueString=", ".join(str(values(code).label) for code in codes))
    return extension(f"{systems.US_CORE}/{name}", extension=[*coded, text])


def _system(system: str, code: str) -> str:
    return systems.NULL_FLAVOR if code in _NULL_FLAVORS else system


def _flavored(system: str, values: type[TextChoices], code: str | None) -> Element:
    return concept(coding(_system(system, code), code, str(values(code).label))) if code else {}


def _confidential(contact: object) -> list[Element]:
    """Carry how the patient asked to be reached, name by name."""
    named = contact if isinstance(contact, dict) else {"note": contact}
    return [
        extension(
            quote(name, safe="") or "note",
            valueString=value if isinstance(value, str) or value is None else json.dumps(value),
        )
        for name, value in named.items()
    ]
