"""Fixtures carry what is encrypted as it is encrypted: `dumpdata` writes cells, and `loaddata` takes them back.

Django's serializers write numbers and dates as they are, without asking the field. Those of `formats` ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import serializers
from django.core.serializers.python import Serializer

from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from django.db.models import Field, Model

FORMATS = ("json", "jsonl", "python", "yaml")


class SealingSerializer(Serializer):
    """Writes an encrypted value as its cell, whatever it is in Python."""

    def handle_field(self, obj: Model, field: Field[Any, Any]) -> None:
        if isinstance(field, SealedField):
            written: Any = getattr(self, "_current")  # noqa: B009 - django-stubs lack it
            written[field.name] = field.value_to_string(obj)
        else:
            super().handle_field(obj, field)


def register() -> None:
    """Take the place of Django's own. XML asks the field by itself."""
    for one in FORMATS:
        serializers.register_serializer(one, f"{__package__}.formats.{one}")
