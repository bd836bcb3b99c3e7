"""Fixtures in the format jsonl, in which encrypted values stay encrypted."""

from __future__ import annotations

from django.core.serializers import jsonl
from django.core.serializers.jsonl import Deserializer

from compliance.encryption.serializing import SealingSerializer


class Serializer(SealingSerializer, jsonl.Serializer):
    """Django's, but for encrypted fields."""


__all__ = ["Deserializer", "Serializer"]
