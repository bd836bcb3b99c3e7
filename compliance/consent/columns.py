"""The columns with several values that a consent and its exceptions have alike."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance import phi


def several(values: type[models.TextChoices], length: int, comment: str) -> ArrayField[Any, Any]:
    """Make a field for several values of a set; empty for no limit."""
    return _listed(models.CharField(max_length=length, choices=values.choices), comment)


def names(comment: str) -> ArrayField[Any, Any]:
    """Make a field for names of persons or classes of persons."""
    return _listed(models.CharField(max_length=300), comment)


def _listed(value: models.CharField[Any, Any], comment: str) -> ArrayField[Any, Any]:
    return ArrayField(value, blank=True, default=list, db_default=[], db_comment=phi.clinical(comment))
