"""Providers on screen."""

from __future__ import annotations

from django.contrib import admin

from compliance.admin import ClinicalAdmin
from providers.models import Provider


@admin.register(Provider)
class ProviderAdmin(ClinicalAdmin[Provider]):
    """Found by NPI, or by the beginning of a name."""

    list_display = ("id", "npi", "family_name", "given_name", "credentials", "specialty", "active_to")
    list_filter = ("accepting_patients", "license_state")
    autocomplete_fields = ("user",)
    search_fields = ("npi__exact", "family_name__istartswith", "given_name__istartswith")
