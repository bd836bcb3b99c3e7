"""What counts as the same value when it is searched for. The blind index is made of what these leave of a value.

A normaliser takes a value and returns text. It belongs to a column for good: another one makes other indexes.
"""

from __future__ import annotations

import unicodedata
from datetime import date

NATIONAL_DIGITS = 10


def digits(value: object) -> str:
    """Social security numbers: 123-45-6789 and 123456789 are one."""
    return "".join(filter(str.isdecimal, _text(value)))


def telephone(value: object) -> str:
    """Telephone numbers, without the 1 of North America: +1 (555) 010-9999 and 555 010 9999 are one."""
    number = digits(value)
    return number[1:] if len(number) == NATIONAL_DIGITS + 1 and number.startswith("1") else number


def code(value: object) -> str:
    """Record and member numbers: capital and small letters and spaces around it do not matter."""
    return _text(value).strip().casefold()


def e_mail(value: object) -> str:
    """E-mail addresses: capital and small letters do not matter."""
    return _text(value).strip().lower()


def name(value: object) -> str:
    """Names: capital and small letters, the number of spaces, and how Unicode writes a letter do not matter."""
    return " ".join(_text(_text(value).casefold()).split())


def exactly(value: object) -> str:
    """Dates, numbers, and text of which every character matters."""
    return value.isoformat() if isinstance(value, date) else _text(value)


def _text(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value))
