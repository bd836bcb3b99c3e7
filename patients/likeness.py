"""Whether two records may be of the same person, and why."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from patients.models import Patient

# Of two family names, the share of letters that both have in the same order: Smith and Smyth, Jones and Johns.
ALIKE = 0.8
# A name that stands in another is a part of it from so many letters on: Lopez in Garcia-Lopez, but not Li in Oliver.
PART = 4
# Telephone numbers of North America have ten digits behind the code of the country.
SUBSCRIBER_DIGITS = 10


class Reason(StrEnum):
    """Why two records may be of the same person, the strongest first."""

    SSN = "the same social security number"
    MRN = "the same record number of the same authority"
    NAME = "the same birth date and name"
    EXCHANGED = "the same birth date, with given and family name exchanged"
    PHONE = "the same birth date and a telephone number in common"
    FAMILY_NAME = "the same birth date and family name"
    ALIKE = "the same birth date and a similar family name"


def reason(one: Patient, other: Patient) -> Reason | None:
    """Return the strongest reason for which two records may be of one person, or None."""
    same_day = one.birth_date == other.birth_date
    holds: dict[Reason, Callable[[], bool]] = {
        Reason.SSN: lambda: one.ssn is not None and one.ssn == other.ssn,
        Reason.MRN: lambda: _numbered(one) == _numbered(other),
        Reason.NAME: lambda: same_day and _names(one) == _names(other),
        Reason.EXCHANGED: lambda: same_day and _names(one) == _names(other)[::-1],
        Reason.PHONE: lambda: same_day and not _phones(one).isdisjoint(_phones(other)),
        Reason.FAMILY_NAME: lambda: same_day and not _family_names(one).isdisjoint(_family_names(other)),
        Reason.ALIKE: lambda: same_day and any(_alike(a, b) for a in _family_names(one) for b in _family_names(other)),
    }
    return next((reason for reason in Reason if holds[reason]()), None)


def _numbered(patient: Patient) -> tuple[str, str]:
    return patient.mrn, patient.assigning_authority.casefold()


def _names(patient: Patient) -> tuple[str, str]:
    return _letters(patient.given_name), _letters(patient.family_name)


def _family_names(patient: Patient) -> set[str]:
    """Return the name a person has and the one they had before: people marry."""
    return {_letters(patient.family_name), _letters(patient.previous_name)} - {""}


def _letters(name: str | None) -> str:
    """Return the letters of a name alone: O'Brien, OBRIEN and o brien are one, and so are Muñoz and Munoz."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name or "").casefold() if letter.isalnum())


def _alike(one: str, other: str) -> bool:
    """Say whether one name looks like the other mistyped, or like a part of it."""
    shorter, longer = sorted((one, other), key=len)
    return (len(shorter) >= PART and shorter in longer) or SequenceMatcher(None, one, other).ratio() >= ALIKE


def _phones(patient: Patient) -> set[str]:
    numbers = (patient.phone, patient.mobile_phone)
    return {"".join(filter(str.isdigit, number))[-SUBSCRIBER_DIGITS:] for number in numbers if number}
