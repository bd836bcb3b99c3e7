"""The data types of FHIR that resources are made of. What is unknown is left out: FHIR has no empty value."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeAlias

from records.fhir import systems

if TYPE_CHECKING:
    import uuid
    from datetime import date, datetime
    from decimal import Decimal

    from django.db.models import TextChoices

    from compliance.clinical import ClinicalModel, LabelledModel
    from compliance.models import User

Element: TypeAlias = dict[str, Any]

# FHIR's strings have no control characters but tab and the ends of lines; a space stands for any other.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
UNKNOWN: Element = {"extension": [{"url": f"{systems.FHIR}/data-absent-reason", "valueCode": "unknown"}]}


def filled(value: Any) -> Any:
    """Return an element without what is unknown: None, blank text, and lists and objects that have nothing left."""
    if isinstance(value, dict):
        return {key: kept for key, one in value.items() if (kept := filled(one)) not in (None, [], {})}
    if isinstance(value, list):
        return [kept for one in value if (kept := filled(one)) not in (None, [], {})]
    if isinstance(value, str):
        return _CONTROL.sub(" ", value) if value.strip() else None
    return value


def moment(value: datetime | None) -> str | None:
    """Write a time as an instant in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def number(value: Decimal | None) -> float | int | None:
    """Write a decimal of up to 15 digits, which a float holds exactly as it is written."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def urn(uid: uuid.UUID) -> str:
    """Return the fullUrl of a row's resource, by which the others refer to it."""
    return f"urn:uuid:{uid}"


def reference(row: ClinicalModel | None) -> Element:
    """Refer to the resource of another row of the bundle, or to nothing."""
    return {"reference": urn(row.uid)} if row else {}


def member_of_staff(user: User | None) -> Element:
    """Refer to the practitioner of an account, or name the account when it has none."""
    if user is None:
        return {}
    if provider := getattr(user, "provider", None):
        return reference(provider)
    account = {"system": systems.own_system("account"), "value": str(user.pk)}
    return filled({"type": "Practitioner", "identifier": account, "display": user.get_full_name()})  # type: ignore[no-any-return]


def coding(system: str | None, code: str | None, display: str | None = None) -> Element:
    return filled({"system": system, "code": code, "display": display}) if code else {}


def concept(*codings: Element, text: str | None = None) -> Element:
    """Make a CodeableConcept of its codings and its words; empty when it has neither."""
    found: Element = filled({"coding": list(codings), "text": text})
    return found


def choice(system: str, values: type[TextChoices], code: str | None) -> Element:
    """Make a CodeableConcept of a code of one of the models' value sets."""
    return concept(coding(system, code, str(values(code).label))) if code else {}


def identifier(kind: str | None, system: str | None, value: str | None, **more: Any) -> Element:
    """Make an Identifier of a type of HL7's table 0203; empty without a value."""
    if not (value and value.strip()):
        return {}
    typed = concept(coding(systems.IDENTIFIER_TYPE, kind))
    found: Element = filled({"type": typed, "system": system, "value": value, **more})
    return found


def period(start: str | None, end: str | None) -> Element:
    return {"start": start, "end": end} if start or end else {}


def telecom(kind: str, value: str | None, use: str | None = None) -> Element:
    return {"system": kind, "value": value, "use": use} if value and value.strip() else {}


def extension(url: str, **value: Any) -> Element:
    """Make an Extension of one value, `valueCode="A"` or `extension=[…]`; empty without a value."""
    kept = filled(value)
    return {"url": url, **kept} if kept else {}


def own(name: str, **value: Any) -> Element:
    """Make an extension that is this project's own."""
    return extension(systems.own_extension(name), **value)


def base64_of(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def labelled(row: LabelledModel, *laws: str) -> list[Element]:
    """Give the security labels of a row: how confidential, for what sensitive, and under which laws (ActCode)."""
    codes = [*row.sensitivity, *laws]
    return [
        coding(systems.CONFIDENTIALITY, row.confidentiality, str(row.Confidentiality(row.confidentiality).label)),
        *(coding(systems.ACT_CODE, code) for code in codes),
    ]


def resource(kind: str, row: ClinicalModel, *, security: list[Element] | None = None, **elements: Any) -> Element:
    """Make the resource of a row: its kind, its uid, its version and times, and the elements that are known."""
    found: Element = filled(
        {
            "resourceType": kind,
            "id": str(row.uid),
            "meta": {
                "extension": [own("created-at", valueInstant=moment(row.created_at))],
                "versionId": str(row.version),
                "lastUpdated": moment(row.updated_at),
                "security": security,
            },
            **elements,
        }
    )
    return found
