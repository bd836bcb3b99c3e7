"""Providers and their hours on screen."""

from __future__ import annotations

from django.contrib import admin

from compliance.admin import ClinicalAdmin
from compliance.screens.choosing import named
from providers.models import Provider, ProviderAvailability


@admin.register(Provider)
class ProviderAdmin(ClinicalAdmin[Provider]):
    """Found by NPI, or by the beginning of the family name."""

    list_display = ("id", "npi", "family_name", "given_name", "credentials", "specialty", "active_to")
    list_filter = ("accepting_patients",)
    sortable_by = ("npi",)
    search_fields = ("npi__exact", "family_name__istartswith")
    search_help_text = "A whole NPI, or the beginning of a family name."
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "npi",
                    ("family_name", "given_name"),
                    "middle_name",
                    ("credentials", "taxonomy_code"),
                    ("specialty", "department"),
                )
            },
        ),
        ("Licence", {"fields": (("license_number", "license_state"), "license_expires_on")}),
        ("DEA registration", {"fields": (("dea_number", "dea_expires_on"), "dea_schedules")}),
        ("At work", {"fields": (("active_from", "active_to"), "accepting_patients", ("phone", "email"), "user")}),
    )

    def label(self, row: Provider) -> str:
        return ", ".join(filter(None, (row.family_name, row.given_name, row.credentials))) + f", NPI {row.npi}"


@admin.register(ProviderAvailability)
class ProviderAvailabilityAdmin(ClinicalAdmin[ProviderAvailability]):
    """Found as the provider is found."""

    list_display = (
        "id",
        named("provider"),
        "weekday",
        "starts_at",
        "ends_at",
        "time_zone",
        "valid_from",
        "valid_until",
    )
    list_filter = ("weekday",)
    list_select_related = ("provider",)
    found_through = ("provider",)
    search_help_text = "The provider: a whole NPI, or the beginning of a family name."
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "provider",
                    "weekday",
                    ("starts_at", "ends_at"),
                    "time_zone",
                    "slot_minutes",
                    ("valid_from", "valid_until"),
                )
            },
        ),
    )
