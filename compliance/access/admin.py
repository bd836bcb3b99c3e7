"""Who treats whom, on screen."""

from __future__ import annotations

from django.contrib import admin

from compliance.access.care_relationship import CareRelationship
from compliance.admin import ClinicalAdmin
from compliance.screens.choosing import named


@admin.register(CareRelationship)
class CareRelationshipAdmin(ClinicalAdmin[CareRelationship]):
    """Found as its patient is found, or as the account is."""

    list_display = ("id", named("patient"), named("user", "cared for by"), "role", "starts_at", "ends_at")
    list_filter = ("role",)
    list_select_related = ("patient", "user")
    found_through = ("patient", "user")
    search_help_text = "The patient, as on the list of patients, or the beginning of an e-mail address."
    fieldsets = ((None, {"fields": ("patient", "user", "role", "starts_at", "ends_at")}),)
