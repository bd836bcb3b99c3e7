"""Fields whose values are encrypted before they leave the process. In Python they are as their plain counterparts.

The model needs a `uid` that it makes itself, as ClinicalModel does, and the rule that `sealed()` of rules.py makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from compliance.encryption import encoding
from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Model

LARGEST = 2**63 - 1  # what PostgreSQL's bigint holds, so that a column can be made plain again


class EncryptedCharField(SealedField, models.CharField[Any, Any]):
    """Text of a line. `max_length` and validators hold where a row is validated: PostgreSQL cannot see the text."""

    def _encode(self, value: Any) -> bytes:
        return encoding.of_text(value)

    def _decode(self, plain: bytes) -> str:
        return encoding.text(plain)


class EncryptedEmailField(EncryptedCharField, models.EmailField[Any, Any]):
    """An e-mail address."""


class EncryptedTextField(SealedField, models.TextField[Any, Any]):
    """Text of any length."""

    def _encode(self, value: Any) -> bytes:
        return encoding.of_text(value)

    def _decode(self, plain: bytes) -> str:
        return encoding.text(plain)


class EncryptedDateField(SealedField, models.DateField[Any, Any]):
    """A day."""

    def _encode(self, value: Any) -> bytes:
        return encoding.of_date(value)

    def _decode(self, plain: bytes) -> date:
        return encoding.to_date(plain)


class EncryptedIntegerField(SealedField, models.IntegerField[Any, Any]):
    """A whole number that fits into eight bytes."""

    @property
    def validators(self) -> list[Any]:  # IntegerField asks the database for the limits of its column's type
        given: list[Any] = getattr(self, "_validators")  # noqa: B009 - django-stubs lack it
        return [MinValueValidator(-LARGEST - 1), MaxValueValidator(LARGEST), *given]

    def _encode(self, value: Any) -> bytes:
        return encoding.of_integer(value)

    def _decode(self, plain: bytes) -> int:
        return encoding.integer(plain)


class EncryptedJSONField(SealedField, models.JSONField[Any, Any]):
    """An object or a list. A number or a text by itself has a field of its own."""

    def _encode(self, value: Any) -> bytes:
        if not isinstance(value, (dict, list)):
            raise TypeError
        return encoding.of_json(value, self.encoder)

    def _decode(self, plain: bytes) -> Any:
        return encoding.to_json(plain, self.decoder)

    def validate(self, value: Any, row: Model | None) -> None:
        super().validate(value, row)
        if value is not None and not isinstance(value, (dict, list)):
            raise ValidationError("Write an object, in braces, or a list, in brackets.")
