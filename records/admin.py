"""Charts and prescriptions on screen. What was signed is shown and not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages

from compliance.admin import ClinicalAdmin
from compliance.screens.asking import Question, account, action, asks
from compliance.screens.choosing import label, named
from records import discontinuing, signing
from records.models import MedicalRecord, Prescription
from records.value_sets import StatusReason

if TYPE_CHECKING:
    from django.forms import Select
    from django.http import HttpRequest
else:
    from unfold.widgets import UnfoldAdminSelectWidget as Select


class WhyStopped(Question):
    """The reason for which an order is held or stopped."""

    reason = forms.ChoiceField(choices=StatusReason.choices, widget=Select)


@admin.register(MedicalRecord)
class MedicalRecordAdmin(ClinicalAdmin[MedicalRecord]):
    """Found by code, or as its patient is found; the text is shown on the record's own page only."""

    list_display = ("id", "effective_at", named("patient"), "record_type", "status", named("author"))
    list_filter = ("record_type", "status", "confidentiality")
    list_select_related = ("patient", "author")
    found_through = ("patient",)
    search_help_text = "The patient, as on the list of patients."
    facts = ("status", "signed_at", "signed_by", "attestation_mode", "amends", "amended_by")
    fieldsets = (
        (None, {"fields": ("patient", "author", "encounter", "record_type", "effective_at")}),
        ("Content", {"fields": ("title", "body", "structured", ("code_system", "code"), "code_display")}),
        ("Signature", {"fields": facts}),
        ("Labels", {"fields": ("confidentiality", "sensitivity", "is_part2")}),
    )

    actions_submit_line = ("sign",)

    # A button of the form, not a dialog: what is signed is what stands on the page, saved in the same transaction.
    @action(description="Save and sign", permissions=["records.sign_medicalrecord"])
    def sign(self, request: HttpRequest, row: MedicalRecord) -> None:
        signing.sign(row, by=account(request))
        messages.success(request, "The record is signed, and stands for good.")

    def get_actions_submit_line(self, request: HttpRequest, object_id: str) -> Any:
        row = self.get_object(request, str(object_id))
        closed = row is None or (request.method == "GET" and self.is_closed(row))
        return [] if closed else super().get_actions_submit_line(request, object_id)  # type: ignore[misc]

    labelled_by = ("record_type", "effective_at", "patient")

    def label(self, row: MedicalRecord) -> str:
        return f"{row.get_record_type_display()}, {row.effective_at:%Y-%m-%d}, {label(row.patient)}"

    def is_closed(self, row: MedicalRecord) -> bool:
        return row.signed_at is not None


@admin.register(Prescription)
class PrescriptionAdmin(ClinicalAdmin[Prescription]):
    """Found as its patient is found."""

    list_display = ("id", "authored_on", named("patient"), "drug_name", "strength", "status", "dea_schedule")
    list_filter = ("status", "dea_schedule")
    list_select_related = ("patient",)
    found_through = ("patient",)
    search_help_text = "The patient, as on the list of patients."
    facts = ("status", "status_reason", "signed_at", "ended_at", "prior_prescription")
    fieldsets = (
        (None, {"fields": ("patient", "prescriber", "encounter", "medical_record", ("intent", "priority"))}),
        (
            "Medication",
            {
                "fields": (
                    ("drug_name", "strength"),
                    ("dose_form", "route"),
                    ("rxcui", "ndc11"),
                    "dea_schedule",
                    ("indication_system", "indication_code"),
                )
            },
        ),
        (
            "Dispensing",
            {
                "fields": (
                    "sig",
                    ("quantity", "quantity_unit"),
                    "days_supply",
                    ("refills_allowed", "substitution_allowed"),
                    "authored_on",
                    ("earliest_fill_on", "valid_until"),
                    "pharmacy_ncpdp",
                )
            },
        ),
        ("Signature", {"fields": facts}),
        ("Labels", {"fields": ("confidentiality", "sensitivity")}),
    )

    actions_detail = actions_row = ("hold", "resume", "discontinue")

    @asks(
        "Hold",
        permission=discontinuing.PERMISSION,
        question="Nothing is to be dispensed until it is resumed.",
        form=WhyStopped,
        icon="pause",
    )
    def hold(self, request: HttpRequest, row: Prescription, reason: StatusReason) -> str:
        discontinuing.hold(row, by=account(request), reason=reason)
        return "The prescription is on hold."

    @asks("Resume", permission=discontinuing.PERMISSION, question="It may be dispensed again.", icon="play_arrow")
    def resume(self, request: HttpRequest, row: Prescription) -> str:
        discontinuing.resume(row, by=account(request))
        return "The prescription is active again."

    @asks(
        "Discontinue",
        permission=discontinuing.PERMISSION,
        question="It is stopped for good.",
        form=WhyStopped,
        icon="block",
    )
    def discontinue(self, request: HttpRequest, row: Prescription, reason: StatusReason) -> str:
        discontinuing.discontinue(row, by=account(request), reason=reason)
        return "The prescription is stopped."

    labelled_by = ("drug_name", "authored_on", "patient")

    def label(self, row: Prescription) -> str:
        return f"{row.drug_name}, {row.authored_on:%Y-%m-%d}, {label(row.patient)}"

    def is_closed(self, row: Prescription) -> bool:
        return row.signed_at is not None
