"""Fixtures as Python's own lists and dictionaries, in which encrypted values stay encrypted."""

from __future__ import annotations

from django.core.serializers.python import Deserializer

from compliance.encryption.serializing import SealingSerializer


class Serializer(SealingSerializer):
    """Django's, but for encrypted fields."""

    internal_use_only = True


__all__ = ["Deserializer", "Serializer"]
