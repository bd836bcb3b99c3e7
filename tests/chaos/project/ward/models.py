"""Two tables with a foreign key: enough for SQL that Django defers to the end of a migration."""

from __future__ import annotations

from django.db import models


class Ward(models.Model):
    """A ward of a hospital."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Bed(models.Model):
    """A bed in a ward."""

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT)
    label = models.CharField(max_length=20, db_index=True)
    speciality = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.label
