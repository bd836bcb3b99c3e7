"""One table as wide as a medical record, and two that it refers to; audited as each contender's manual says."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

CONTENDER = settings.CONTENDER


class Ward(models.Model):
    """Where a chart is kept."""

    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"ward {self.pk}"


class Label(models.Model):
    """What a chart is labelled with."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return f"label {self.pk}"


class Labelled(models.Model):
    """The link of a chart to a label."""

    chart = models.ForeignKey("charts.Chart", models.CASCADE)
    label = models.ForeignKey(Label, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint("chart", "label", name="charts_labelled_once")]

    def __str__(self) -> str:
        return f"link {self.pk}"


class Chart(models.Model):
    """A chart of 24 columns, which is what the tables of a clinic have."""

    patient_id = models.BigIntegerField(db_index=True)
    ward = models.ForeignKey(Ward, models.SET_NULL, null=True, related_name="charts")
    number = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=20, default="preliminary")
    record_type = models.CharField(max_length=30, default="progress_note")
    title = models.CharField(max_length=300)
    body = models.TextField(default="")
    structured = models.JSONField(null=True)
    code_system = models.CharField(max_length=60, null=True)
    code = models.CharField(max_length=20, null=True)
    code_display = models.CharField(max_length=300, null=True)
    effective_at = models.DateTimeField()
    is_part2 = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True)
    attestation_mode = models.CharField(max_length=12, null=True)
    confidentiality = models.CharField(max_length=1, default="N")
    quantity = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    issued_on = models.DateField(null=True)
    phone = models.CharField(max_length=32, null=True)
    email = models.CharField(max_length=254, null=True)
    city = models.CharField(max_length=100, null=True)
    postal_code = models.CharField(max_length=10, null=True)
    language = models.CharField(max_length=35, null=True)
    labels = models.ManyToManyField(Label, through=Labelled)

    if CONTENDER == "django-simple-history":
        from simple_history.models import HistoricalRecords  # noqa: PLC0415 - of this contender only

        history = HistoricalRecords(m2m_fields=[labels])

    def __str__(self) -> str:
        return f"chart {self.pk}"


AUDITED: list[type[models.Model]] = [Chart, Label, Labelled]
if CONTENDER == "django-pghistory":
    import pghistory

    for _model in AUDITED:
        # It leaves deletes out unless they are asked for.
        pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(_model)

if CONTENDER == "django-simple-history":
    from simple_history import register

    register(Label)

if CONTENDER == "django-auditlog":
    from auditlog.registry import auditlog

    auditlog.register(Chart, m2m_fields={"labels"})
    auditlog.register(Label)


def tables() -> list[type[models.Model]]:
    """List every model of this app that has a table to be made, those of the contender among them."""
    from django.apps import apps  # noqa: PLC0415 - it is not ready while this module loads

    every: list[Any] = list(apps.get_app_config("charts").get_models())
    return [model for model in every if not model._meta.proxy]  # noqa: SLF001 - Django's API
