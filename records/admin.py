"""Charts and prescriptions on screen."""

from __future__ import annotations

from django.contrib import admin

from compliance.admin import ClinicalAdmin
from records.models import MedicalRecord, Prescription


@admin.register(MedicalRecord)
class MedicalRecordAdmin(ClinicalAdmin[MedicalRecord]):
    """Found by patient; the text is shown on the record's own page only."""

    list_display = ("id", "effective_at", "patient__family_name", "record_type", "status", "title")
    list_filter = ("record_type", "status", "confidentiality")
    list_select_related = ("patient",)
    autocomplete_fields = ("patient", "author", "encounter")
    search_fields = ("patient__mrn__exact", "patient__family_name__istartswith", "code__exact")


@admin.register(Prescription)
class PrescriptionAdmin(ClinicalAdmin[Prescription]):
    """Found by patient or by the beginning of the medication's name."""

    list_display = ("id", "authored_on", "patient__family_name", "drug_name", "status", "dea_schedule")
    list_filter = ("status", "dea_schedule")
    list_select_related = ("patient",)
    autocomplete_fields = ("patient", "prescriber", "medical_record")
    search_fields = (
        "patient__mrn__exact",
        "patient__family_name__istartswith",
        "drug_name__istartswith",
    )
