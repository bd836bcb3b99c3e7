"""The test project's only app."""

from django.apps import AppConfig


class WardConfig(AppConfig):
    """Wards and the beds in them."""

    name = "ward"
