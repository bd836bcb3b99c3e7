"""Appointments on screen."""

from __future__ import annotations

from django.contrib import admin

from appointments.models import Appointment
from compliance.admin import ClinicalAdmin


@admin.register(Appointment)
class AppointmentAdmin(ClinicalAdmin[Appointment]):
    """Found by patient or provider."""

    list_display = ("id", "starts_at", "patient__family_name", "provider__family_name", "status")
    list_filter = ("status", "appointment_type")
    list_select_related = ("patient", "provider")
    autocomplete_fields = ("patient", "provider", "rescheduled_from")
    search_fields = (
        "patient__mrn__exact",
        "patient__family_name__istartswith",
        "provider__family_name__istartswith",
    )
