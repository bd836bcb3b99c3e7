"""Rules on values that will be encrypted: PostgreSQL will not be able to read them, so their fields keep them."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

EARLIEST_BIRTH = date(1880, 1, 1)

ZIP_CODE = RegexValidator(r"\A[0-9]{5}(-[0-9]{4})?\Z", "A ZIP code is five digits, or nine as in 12345-6789.")
TELEPHONE = RegexValidator(
    r"\A\+?[0-9][0-9 ().x-]{5,30}\Z", "A telephone number has digits, spaces, dots, brackets, hyphens and x."
)

# Area 000, 666 and 900 to 999, group 00 and serial 0000 are never given out (SSA, POMS RM 10201.030).
_SSN = re.compile(r"\A(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}\Z")


def social_security_number(value: str) -> None:
    """Three, two and four digits with hyphens, of a number that may have been given out."""
    if not _SSN.match(value):
        raise ValidationError("A social security number looks like 123-45-6789, and this one is never given out.")


def birth_date(value: date) -> None:
    """Between 1880 and today."""
    if not EARLIEST_BIRTH <= value <= timezone.localdate():
        raise ValidationError(f"A date of birth lies between {EARLIEST_BIRTH.year} and today.")
