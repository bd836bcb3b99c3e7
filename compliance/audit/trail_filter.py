"""What the trail is asked: about whom, by whom, what, when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.access.care_relationship import CareRelationship
from compliance.audit.models import AuditLog, EventType, Outcome
from compliance.audit.subjects import with_other_records
from compliance.screens.filtering import AskingFilter, AskingForm, Moment

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import Select, TextInput
    from django.http import HttpRequest
else:
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

# The trail refers to no table; care relationships refer to the same rows, and offer them by typing.
PATIENT: Any = CareRelationship._meta.get_field("patient")  # noqa: SLF001 - Django's API
ACTOR: Any = AuditLog._meta.get_field("actor")  # noqa: SLF001


class TrailForm(AskingForm):
    """The fields of the filter; the patients are asked for apart."""

    keys = {"patient": PATIENT, "actor": ACTOR}
    lookups = {
        "actor": "actor_id__in",
        "event": "event_type",
        "outcome": "outcome",
        "purpose": "purpose_of_use",
        "source": "source__startswith",
        "attributed": "attributed",
        "since": "timestamp__gte",
        "until": "timestamp__lte",
    }
    event = forms.ChoiceField(choices=[("", "All"), *EventType.choices], required=False, widget=Select)
    outcome = forms.TypedChoiceField(
        choices=[("", "All"), *Outcome.choices], coerce=int, empty_value=None, required=False, widget=Select
    )
    purpose = forms.CharField(max_length=20, required=False, label="Purpose of use", widget=TextInput)
    source = forms.CharField(max_length=100, required=False, label="Source begins with", widget=TextInput)
    attributed = forms.TypedChoiceField(
        choices=[("", "All"), ("1", "Somebody was named"), ("0", "Nobody was named")],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
        widget=Select,
    )
    since = Moment("From (UTC)")
    until = Moment("To (UTC)")


class TrailFilter(AskingFilter):
    """The form, and the patients that it names, with all of their records."""

    title = "the trail"
    form_class = TrailForm
    time = "timestamp"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.patients = with_other_records(keys) if (keys := self.data.get("patient")) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        kept: Any = super().queryset(request, queryset)
        return kept.about(*self.patients) if self.patients else kept  # type: ignore[no-any-return]
