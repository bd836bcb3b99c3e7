"""Rules on values that will be encrypted and that more than one app has: their fields keep them."""

from __future__ import annotations

from django.core.exceptions import ValidationError

NO_OBJECT = 'Write names and their values, in braces, such as {"name": "value"}.'


def json_object(value: object) -> None:
    """An object: names and their values, in braces."""
    if not isinstance(value, dict):
        raise ValidationError(NO_OBJECT)
