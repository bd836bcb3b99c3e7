"""Which columns hold protected health information: one class for each, written into the column's comment.

A model declares it where it describes the column, so that the catalogue carries it too, for a DBA and for a trigger:

    family_name = models.CharField(max_length=200, db_comment=phi.identifier(Identifier.NAMES, "Family name."))

`of(field)` reads it back. `manage.py check` fails on a column without one (compliance.E001).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Field


class Phi(StrEnum):
    """What a column holds."""

    NONE = "none"  # nothing about a patient: keys, times of the row, facts about staff and places
    IDENTIFIER = "identifier"  # says who the patient is: one of the 18 of the safe harbour method
    CLINICAL = "clinical"  # health, care, payment or demographics: protected once it is known whose it is
    SENSITIVE = "sensitive"  # clinical, and of a kind or a freedom of text that harms by itself


class Identifier(StrEnum):
    """The 18 identifiers of the safe harbour method, 45 CFR 164.514(b)(2)(i)(A) to (R)."""

    NAMES = "names"
    GEOGRAPHIC = "geographic subdivisions"
    DATES = "dates"
    TELEPHONE = "telephone numbers"
    FAX = "fax numbers"
    EMAIL = "e-mail addresses"
    SSN = "social security numbers"
    MRN = "medical record numbers"
    HEALTH_PLAN = "health plan beneficiary numbers"
    ACCOUNT = "account numbers"
    LICENSE = "certificate and license numbers"
    VEHICLE = "vehicle identifiers"
    DEVICE = "device identifiers"
    URL = "web addresses"
    IP = "IP addresses"
    BIOMETRIC = "biometric identifiers"
    PHOTO = "full-face photographs"
    OTHER = "other unique identifiers"


_SEALED = "to be encrypted"
_MARK = re.compile(
    rf" \[PHI: (?P<phi>{'|'.join(Phi)})(?:, (?P<kind>{'|'.join(Identifier)}))?(?P<sealed>; {_SEALED})?\]$"
)


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of a column; `identifier` says which, for an identifier; `sealed` that it will be encrypted."""

    phi: Phi
    identifier: Identifier | None = None
    sealed: bool = False

    def __str__(self) -> str:
        return self.phi + (f", {self.identifier}" if self.identifier else "") + (f"; {_SEALED}" if self.sealed else "")


def none(comment: str) -> str:
    """Comment a column that holds nothing about a patient."""
    return _marked(comment, Classification(Phi.NONE))


def identifier(kind: Identifier, comment: str, *, sealed: bool = False) -> str:
    """Comment a column that says who a patient is. Sealed: it will be encrypted, so no rule may read its value."""
    return _marked(comment, Classification(Phi.IDENTIFIER, kind, sealed))


def clinical(comment: str, *, sealed: bool = False) -> str:
    """Comment a column about a patient's health, care, payment or demographics."""
    return _marked(comment, Classification(Phi.CLINICAL, sealed=sealed))


def sensitive(comment: str) -> str:
    """Comment a column that would harm by itself, such as the text of a note. It will be encrypted."""
    return _marked(comment, Classification(Phi.SENSITIVE, sealed=True))


def of(field: Field[Any, Any]) -> Classification | None:
    """Return the class that a field declares, or None."""
    return in_comment(field.db_comment or "")


def in_comment(comment: str) -> Classification | None:
    """Read the class from a column's comment, as the catalogue has it, or None."""
    if (mark := _MARK.search(comment)) is None or (mark["kind"] is None) == (mark["phi"] == Phi.IDENTIFIER):
        return None
    kind = Identifier(mark["kind"]) if mark["kind"] else None
    return Classification(Phi(mark["phi"]), kind, mark["sealed"] is not None)


def description(comment: str) -> str:
    """Return a column's comment without its class."""
    return _MARK.sub("", comment)


def _marked(comment: str, classification: Classification) -> str:
    return f"{comment} [PHI: {classification}]"
