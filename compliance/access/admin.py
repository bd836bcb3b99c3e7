"""Who treats whom, on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

from compliance.access.care_relationship import CareRelationship, CareRole
from compliance.access.relating import begin_care, end_care
from compliance.admin import ClinicalAdmin
from compliance.screens.asking import Question, account, asks
from compliance.screens.choosing import named

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.admin.widgets import AdminSplitDateTime as SplitDateTime
    from django.http import HttpRequest
else:
    from unfold.widgets import UnfoldAdminSplitDateTimeWidget as SplitDateTime

UTC_SAID = "Times are UTC. From `starts at` up to, not including, `ends at`, the patient is in this person's care."


class WhenItEnds(Question):
    """A moment, or now."""

    at = forms.SplitDateTimeField(
        label="Ends at (UTC)",
        required=False,
        widget=SplitDateTime,
        help_text="Empty for now.",
    )


@admin.register(CareRelationship)
class CareRelationshipAdmin(ClinicalAdmin[CareRelationship]):
    """Found as its patient is found, or as the account is."""

    list_display = ("id", named("patient"), named("user", "cared for by"), "role", "starts_at", "ends_at")
    list_filter = ("role",)
    list_select_related = ("patient", "user")
    found_through = ("patient", "user")
    search_help_text = "The patient, as on the list of patients, or the beginning of an e-mail address."
    fieldsets = ((None, {"fields": ("patient", "user", "role", "starts_at", "ends_at"), "description": UTC_SAID}),)
    actions_detail = actions_row = ("end",)

    @asks(
        "End",
        permission="compliance.change_carerelationship",
        question="The patient is not in this person's care any more, from the moment on that is given here in UTC.",
        form=WhenItEnds,
        icon="event_busy",
    )
    def end(self, request: HttpRequest, row: CareRelationship, at: datetime | None) -> str:
        ended = end_care(row, by=account(request), at=at)
        return f"The care ends at {ended.ends_at:%Y-%m-%d %H:%M} UTC."

    def save_model(self, request: HttpRequest, obj: CareRelationship, form: Any, change: bool) -> None:
        """Begin care by the capability."""
        if change:
            super().save_model(request, obj, form, change)
            return
        begun = begin_care(
            obj.patient,
            obj.user,
            by=account(request),
            role=CareRole(obj.role),
            starts_at=obj.starts_at,
            ends_at=obj.ends_at,
        )
        obj.pk, obj._state.adding = begun.pk, False  # noqa: SLF001 - the page goes on with the row that was made
