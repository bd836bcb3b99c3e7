"""Fixtures in the format yaml, in which encrypted values stay encrypted."""

from __future__ import annotations

from django.core.serializers import pyyaml
from django.core.serializers.pyyaml import Deserializer

from compliance.encryption.serializing import SealingSerializer


class Serializer(SealingSerializer, pyyaml.Serializer):
    """Django's, but for encrypted fields."""


__all__ = ["Deserializer", "Serializer"]
