"""Fixtures in the format json, in which encrypted values stay encrypted."""

from __future__ import annotations

from django.core.serializers import json
from django.core.serializers.json import Deserializer

from compliance.encryption.serializing import SealingSerializer


class Serializer(SealingSerializer, json.Serializer):
    """Django's, but for encrypted fields."""


__all__ = ["Deserializer", "Serializer"]
