"""What PostgreSQL cannot hold, or the house does not, although Django's fields take it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.models import JSONField

from compliance.validators import NO_OBJECT, json_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Field

UNKNOWN_CHARACTER = "This text has a character that cannot be kept: NUL, or half of a surrogate pair."
UNKNOWN_NUMBER = "One of these numbers is not a number that can be kept."
EMPTY = "Leave out what is unknown: empty text is not taken."


def problem(field: Field[Any, Any], value: object) -> str | None:
    """Say, without the value, why the column of a field cannot hold it; None when it can."""
    if value is None:
        # Django does not look at a value that may be left blank, also where NULL may not stand.
        return None if field.null or field.primary_key else str(field.error_messages["null"])
    if value == "" and field.null:
        return EMPTY
    if not all(map(_is_text, _texts(value))):
        return UNKNOWN_CHARACTER
    if isinstance(field, JSONField) and not _has_numbers(value):
        return UNKNOWN_NUMBER
    # Django asks no validator about what it calls empty, such as [].
    if json_object in field.validators and not isinstance(value, dict):
        return NO_OBJECT
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, (list, tuple)):
        for element in value:
            yield from _texts(element)


def _is_text(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _has_numbers(value: object) -> bool:
    """JSON has no NaN and no Infinity; Python writes them all the same."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
