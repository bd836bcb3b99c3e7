"""Appointments on screen."""

from __future__ import annotations

from django.contrib import admin

from appointments.models import Appointment, Encounter, Location
from compliance.admin import ClinicalAdmin


@admin.register(Appointment)
class AppointmentAdmin(ClinicalAdmin[Appointment]):
    """Found by patient or provider."""

    list_display = ("id", "starts_at", "patient__family_name", "provider__family_name", "status")
    list_filter = ("status", "appointment_type")
    list_select_related = ("patient", "provider")
    autocomplete_fields = ("patient", "provider", "room", "rescheduled_from")
    search_fields = (
        "patient__mrn__exact",
        "patient__family_name__istartswith",
        "provider__family_name__istartswith",
    )


@admin.register(Location)
class LocationAdmin(ClinicalAdmin[Location]):
    """Places of care."""

    list_display = ("id", "name", "kind", "status", "part_of")
    list_filter = ("kind", "status")
    list_select_related = ("part_of",)
    autocomplete_fields = ("part_of",)
    search_fields = ("name__istartswith",)


@admin.register(Encounter)
class EncounterAdmin(ClinicalAdmin[Encounter]):
    """Found by patient."""

    list_display = ("id", "starts_at", "patient__family_name", "provider__family_name", "status", "encounter_class")
    list_filter = ("status", "encounter_class")
    list_select_related = ("patient", "provider")
    autocomplete_fields = ("patient", "provider", "appointment", "location")
    search_fields = ("patient__mrn__exact", "patient__family_name__istartswith")
