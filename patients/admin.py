"""Patients and their insurance on screen."""

from __future__ import annotations

from django.contrib import admin

from compliance.admin import ClinicalAdmin
from patients.models import InsuranceInfo, Patient


@admin.register(Patient)
class PatientAdmin(ClinicalAdmin[Patient]):
    """Found by record number, or by the beginning of a name."""

    list_display = ("id", "mrn", "family_name", "given_name", "birth_date", "administrative_gender")
    list_filter = ("administrative_gender",)
    search_fields = ("mrn__exact", "family_name__istartswith", "given_name__istartswith")


@admin.register(InsuranceInfo)
class InsuranceInfoAdmin(ClinicalAdmin[InsuranceInfo]):
    """Found by its patient or by member number."""

    list_display = ("id", "patient__family_name", "kind", "status", "payer_name", "coverage_order")
    list_filter = ("kind", "status")
    list_select_related = ("patient",)
    autocomplete_fields = ("patient",)
    search_fields = ("member_id__exact", "patient__mrn__exact", "patient__family_name__istartswith")
