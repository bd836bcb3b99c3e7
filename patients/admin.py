"""Patients, their insurance and their allergies on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import reverse

from compliance.admin import ClinicalAdmin
from compliance.audit import recording
from compliance.screens.asking import Question, account, action, asks, timeline
from compliance.screens.choosing import named
from patients import coverage, merging
from patients.finding import FindingAdmin
from patients.models import Allergy, InsuranceInfo, Patient
from patients.queries import family_name_begins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.forms import TextInput
    from django.http import HttpRequest, HttpResponse
else:
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput


NAMED = "family_name__istartswith"


class WhichGoesOn(Question):
    """The record that goes on, by its number: who merges two records has both before them."""

    survivor = forms.CharField(label="Record number of the one that goes on", widget=TextInput)

    def clean_survivor(self) -> Patient:
        """Find the record, and leave an entry of it: who tries numbers here learns whose they are."""
        number = self.cleaned_data["survivor"]
        found = list(Patient.objects.with_mrn(number)[:2])
        recording.listed(Patient, found, searched=number)
        if len(found) != 1:
            raise ValidationError("No record, or records of several authorities, have this number.")
        return found[0]


@admin.register(Patient)
class PatientAdmin(FindingAdmin):
    """Found by what a front desk is told: a number that is theirs alone, or a name."""

    list_display = ("id", "mrn", "family_name", "given_name", "birth_date", "administrative_gender", "standing")
    list_filter = ("administrative_gender", "is_deceased")
    sortable_by = ("mrn", "birth_date")
    search_fields = ("mrn__exact", "ssn__exact", "phone__exact", "mobile_phone__exact", NAMED)
    search_help_text = (
        "A whole record number, SSN or telephone number, or the beginning of a family name; "
        "after a comma, the beginning of a given name: Quill, Mar"
    )
    facts = (
        "merged_into",
        "merged_at",
        "merged_from",
    )
    fieldsets = (
        (None, {"fields": (("mrn", "assigning_authority"),)}),
        (
            "Name",
            {
                "fields": (
                    ("family_name", "given_name"),
                    ("middle_name", "name_suffix"),
                    ("preferred_name", "previous_name"),
                )
            },
        ),
        (
            "Person",
            {
                "fields": (
                    ("birth_date", "administrative_gender"),
                    ("birth_sex", "pronouns"),
                    "race_codes",
                    ("ethnicity_code", "marital_status"),
                    ("language", "interpreter_needed"),
                    "ssn",
                    "is_deceased",
                    "deceased_at",
                )
            },
        ),
        (
            "How to reach the patient",
            {
                "fields": (
                    ("phone", "mobile_phone"),
                    "email",
                    "address_line",
                    "city",
                    ("state", "postal_code"),
                    "confidential_contact",
                )
            },
        ),
        ("In an emergency", {"fields": (("contact_name", "contact_relationship"), "contact_phone")}),
        ("Care", {"fields": ("general_practitioner", "user", "is_vip")}),
        ("Merged records", {"fields": facts}),
    )

    labelled_by = ("family_name", "given_name", "birth_date", "mrn")

    def label(self, row: Patient) -> str:
        name = ", ".join(filter(None, (row.family_name, row.given_name)))
        return f"{name}, born {row.birth_date}, MRN {row.mrn}" + (" (merged)" if row.merged_into_id else "")

    actions_detail = ("consents", "merge", "unmerge", "trail")

    @action(description="Consents", permissions=["compliance.view_consentrecord"], icon="fact_check")
    def consents(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:compliance_consentrecord_of", args=[object_id]))

    @timeline("Audit trail")
    def trail(self, row: Patient) -> dict[str, Any]:
        """Ask about the person: the trail takes all of their records."""
        return {"patient": row.pk}

    @asks(
        "Merge",
        permission="patients.merge_patient",
        question="The other record goes on in this one's place; both keep their rows, and it can be undone.",
        form=WhichGoesOn,
        icon="merge",
    )
    def merge(self, request: HttpRequest, row: Patient, survivor: Patient) -> str:
        merging.merge(row, into=survivor, by=account(request))
        return f"This record goes on as {survivor}."

    @asks(
        "Unmerge",
        permission="patients.merge_patient",
        question="This record goes on by itself again.",
        icon="call_split",
    )
    def unmerge(self, request: HttpRequest, row: Patient) -> str:
        merging.unmerge(row, by=account(request))
        return "This record goes on by itself again."

    def offered(self, rows: QuerySet[Patient]) -> QuerySet[Patient]:
        return rows.filter(merged_into__isnull=True)  # a merged record takes no new rows

    def is_closed(self, row: Patient) -> bool:
        return row.merged_into_id is not None

    def matches(self, term: str, lookups: Sequence[str]) -> Q:
        family, comma, given = (part.strip() for part in term.partition(","))
        if NAMED not in lookups:
            return super().matches(term, lookups)
        named = family_name_begins(family)
        if not comma:
            return super().matches(term, [one for one in lookups if one != NAMED]) | named
        return named & (Q(given_name__istartswith=given) if given else Q())

    @admin.display(description="record")
    def standing(self, row: Patient) -> str:
        return "merged" if row.merged_into_id else "current"


@admin.register(InsuranceInfo)
class InsuranceInfoAdmin(ClinicalAdmin[InsuranceInfo]):
    """Found by member number, or as its patient is found."""

    list_display = (
        "id",
        named("patient"),
        "coverage_order",
        "kind",
        "status",
        "payer_name",
        "period_end",
        "verified_at",
    )
    list_filter = ("kind", "status")
    list_select_related = ("patient",)
    search_fields = ("member_id__exact",)
    found_through = ("patient",)
    search_help_text = "A whole member number, or the patient, as on the list of patients."
    facts = ("verified_at", "verified_by")
    actions_detail = actions_row = ("verify",)
    fieldsets = (
        (None, {"fields": ("patient", ("kind", "status"), "coverage_order", ("period_start", "period_end"))}),
        ("Payer", {"fields": (("payer_name", "payer_id"), ("plan_name", "network"), "copay", "self_pay_restriction")}),
        (
            "Member",
            {
                "fields": (
                    ("member_id", "group_number"),
                    ("relationship", "subscriber_id"),
                    ("subscriber_name", "subscriber_birth_date"),
                )
            },
        ),
        ("Pharmacy benefit", {"fields": (("rx_bin", "rx_pcn"), "rx_group")}),
        ("Confirmed by the payer", {"fields": facts}),
    )

    @asks(
        "Verify",
        permission="patients.verify_insuranceinfo",
        question="Has the payer confirmed today that this coverage is in force?",
        icon="verified",
    )
    def verify(self, request: HttpRequest, row: InsuranceInfo) -> str:
        coverage.verify(row, by=account(request))
        return "It is written down that the payer confirmed it."


@admin.register(Allergy)
class AllergyAdmin(ClinicalAdmin[Allergy]):
    """Found as its patient is found."""

    list_display = ("id", named("patient"), "substance", "category", "criticality", "clinical_status")
    list_filter = ("category", "criticality", "clinical_status", "verification_status")
    list_select_related = ("patient",)
    found_through = ("patient",)
    search_help_text = "The patient, as on the list of patients."
    fieldsets = (
        (None, {"fields": ("patient", "substance", ("code_system", "code"), ("category", "allergy_type"))}),
        ("Standing", {"fields": (("clinical_status", "verification_status"), "criticality")}),
        ("Reaction", {"fields": ("onset_on", "reaction", "severity", "recorder")}),
        ("Labels", {"fields": ("confidentiality", "sensitivity")}),
    )
