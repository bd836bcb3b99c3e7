"""What the trail is asked: about whom, by whom, what, when. One form, in the URL as keys and codes, never as names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils import timezone

from compliance.access.care_relationship import CareRelationship
from compliance.audit.models import AuditLog, EventType, Outcome
from compliance.screens.choosing import PostedChoices, label_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.forms import Select, TextInput
    from django.http import HttpRequest

    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    from django.forms import ModelMultipleChoiceField
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

# No index serves these: asked alone, they look at so many days only, so that they stay fast when years are kept.
UNINDEXED = ("event", "outcome", "purpose", "source", "attributed")
DAYS_WITHOUT_INDEX = 31
_KEY_LENGTH = 18  # digits of a bigint
# The trail refers to no table; care relationships refer to the same rows, and offer them by typing.
PATIENT: Any = CareRelationship._meta.get_field("patient")  # noqa: SLF001 - Django's API
ACTOR: Any = AuditLog._meta.get_field("actor")  # noqa: SLF001


class Chosen(PostedChoices, AutocompleteSelectMultiple):
    """Offers rows by typing, in the sheet of filters."""

    def __init__(self, field: Any) -> None:
        super().__init__(field, admin.site)


class Keys(ModelMultipleChoiceField):
    """Keys of rows, which need not be there any more."""

    def __init__(self, field: Any, request: HttpRequest) -> None:
        model = field.related_model
        super().__init__(model._default_manager.all(), required=False, widget=Chosen(field))  # noqa: SLF001
        self.label_from_instance = label_for(request, model)  # type: ignore[method-assign, assignment]

    def clean(self, value: Any) -> Any:
        """Give the keys as they were sent; what is no key was left out before."""
        return [int(one) for one in value or []]


class Moment(forms.DateTimeField):
    """A time in UTC, chosen from the browser's own calendar."""

    def __init__(self, name: str) -> None:
        super().__init__(required=False, label=name, widget=TextInput(attrs={"type": "datetime-local"}))


class TrailForm(forms.Form):
    """The fields of the filter. What is empty asks nothing."""

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

    def __init__(self, data: Any, request: HttpRequest) -> None:
        super().__init__(data)
        people = {"patient": Keys(PATIENT, request), "actor": Keys(ACTOR, request)}
        self.fields = {**people, **self.fields}

    def lookups(self) -> dict[str, Any]:
        """Give the conditions on entries, but for that on patients."""
        asked = self.cleaned_data
        found = {
            "actor_id__in": asked["actor"],
            "event_type": asked["event"],
            "outcome": asked["outcome"],
            "purpose_of_use": asked["purpose"],
            "source__startswith": asked["source"],
            "attributed": asked["attributed"],
            "timestamp__gte": asked["since"],
            "timestamp__lte": asked["until"],
        }
        lookups = {name: value for name, value in found.items() if value not in (None, "", [])}
        if len(asked["actor"]) == 1:  # so that the index gives an account's entries in the order of time
            lookups["actor_id"] = lookups.pop("actor_id__in")[0]
        return lookups


class TrailFilter(admin.ListFilter):
    """The form as a filter of the list. Where it makes no sense, nothing is shown but its complaint."""

    title = "the trail"
    template = "compliance/trail_filter.html"
    bound = ""  # the sentence about how far back was looked, where that was not asked for

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        data: dict[str, Any] = {name: _last(params.pop(name)) for name in TrailForm.base_fields if name in params}
        data |= {name: _keys(params.pop(name)) for name in ("patient", "actor") if name in params}
        self.form = TrailForm(data, request)
        self.patients: list[int] = data.get("patient", [])

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.form.fields)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        if not self.form.is_valid():
            return queryset.none()
        lookups = self.form.lookups()
        said = {name for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}
        if said.intersection(UNINDEXED) and not said.intersection({"patient", "actor", "since"}):
            until = lookups.get("timestamp__lte") or timezone.now()
            lookups["timestamp__gte"] = until - timedelta(days=DAYS_WITHOUT_INDEX)
            self.bound = f"Of {DAYS_WITHOUT_INDEX} days; say from when, to look further back."
        kept: Any = queryset.filter(**lookups)
        return kept.about(*self.patients) if self.patients else kept  # type: ignore[no-any-return]

    def asked(self) -> dict[str, Any]:
        """Give what is asked, for the entry about an export: keys, codes and times."""
        said = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in said.items() if value not in (None, "", [])}


def _last(sent: Any) -> Any:
    return sent[-1] if isinstance(sent, list) else sent


def _keys(sent: Any) -> list[int]:
    values = sent if isinstance(sent, list) else [sent]
    return [int(one) for one in values if one.isascii() and one.isdecimal() and len(one) <= _KEY_LENGTH]
