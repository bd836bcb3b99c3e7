"""The one app of the small projects."""

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """Charts of patients, under the audit of whichever contender the settings name."""

    name = "benchmarks.audit.charts"
    label = "charts"
    default_auto_field = "django.db.models.BigAutoField"
