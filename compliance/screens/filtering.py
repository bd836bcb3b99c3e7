"""What a log is asked, in one form beside its list: whom, what, when. In the URL stand keys and codes, never names.

A list of years is never counted and never read to its end: what no index serves is looked for a month back only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils import timezone

from compliance.screens.choosing import PostedChoices, label_for
from compliance.screens.lists import ChangeList

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet
    from django.forms import TextInput
    from django.http import HttpRequest

    from compliance.screens import pages

    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    from django.forms import ModelMultipleChoiceField
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

DAYS_WITHOUT_INDEX = 31
_KEY_LENGTH = 18  # digits of a bigint


class Chosen(PostedChoices, AutocompleteSelectMultiple):
    """Offers rows by typing, in the sheet of filters."""

    def __init__(self, field: Any) -> None:
        super().__init__(field, admin.site)


class Keys(ModelMultipleChoiceField):
    """Keys of rows, which need not be there any more."""

    def __init__(self, field: Any, request: HttpRequest, **options: Any) -> None:
        model = field.related_model
        rows = model._default_manager.all()  # noqa: SLF001 - Django's API
        super().__init__(rows, required=False, widget=Chosen(field), **options)
        self.label_from_instance = label_for(request, model)  # type: ignore[method-assign, assignment]

    def clean(self, value: Any) -> Any:
        """Give the keys as they were sent; what is no key was left out before."""
        return [int(one) for one in value or []]


class Moment(forms.DateTimeField):
    """A time in UTC, chosen from the browser's own calendar."""

    def __init__(self, name: str) -> None:
        super().__init__(required=False, label=name, widget=TextInput(attrs={"type": "datetime-local"}))


class AskingForm(forms.Form):
    """The base of such forms. What is empty asks nothing."""

    # Field of the form with keys: the field of a model that refers to the same rows, and offers them by typing.
    keys: ClassVar[Mapping[str, Any]] = {}
    lookups: ClassVar[Mapping[str, str]] = {}  # what a field of the form is compared with

    def __init__(self, data: Any, request: HttpRequest) -> None:
        super().__init__(data)
        named = {name: Keys(field, request) for name, field in self.keys.items()}
        self.fields = {**named, **self.fields}

    def said(self) -> dict[str, Any]:
        """Give what is asked, by field: keys, codes and times."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}

    def conditions(self) -> dict[str, Any]:
        """Give what the rows must be. Of one key the index gives the rows in the order of time, of several not."""
        found = {self.lookups[name]: value for name, value in self.said().items() if name in self.lookups}
        for name in [name for name, value in found.items() if isinstance(value, list) and len(value) == 1]:
            found[name.removesuffix("__in")] = found.pop(name)[0]
        return found


class AskingFilter(admin.ListFilter):
    """The form as a filter of the list. Where it makes no sense, nothing is shown but its complaint."""

    template = "compliance/asking_filter.html"
    form_class: type[AskingForm]
    time: str  # the column that says when
    bound = ""  # the sentence about how far back was looked, where that was not asked for

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        form = self.form_class
        self.data: dict[str, Any] = {name: _last(params.pop(name)) for name in form.base_fields if name in params}
        self.data |= {name: _keys(params.pop(name)) for name in form.keys if name in params}
        self.form = form(self.data, request)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.form.fields)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.form.is_valid():
            return queryset.none()
        said, conditions = self.form.said(), self.form.conditions()
        if said.keys() - {"until"} and not said.keys() & {*self.form.keys, "since"}:
            until = said.get("until") or timezone.now()
            conditions[f"{self.time}__gte"] = until - timedelta(days=DAYS_WITHOUT_INDEX)
            self.bound = f"Of {DAYS_WITHOUT_INDEX} days; say from when, to look further back."
        return queryset.filter(**conditions)

    def asked(self) -> dict[str, Any]:
        """Give what is asked, for the entry about an export."""
        return self.form.said() if self.form.is_valid() else {}


class AskedList(ChangeList):
    """A list with one such filter. It keeps the one order that its indexes give, whatever the URL asks for."""

    @property
    def asked(self) -> AskingFilter:
        """The one filter of this list."""
        found: Any = self.filter_specs[0]
        return found  # type: ignore[no-any-return]

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return list(self.model_admin.get_ordering(request) or self.opts.ordering or ())

    def _tally(self, page: pages.KeyedPage[Any]) -> str:
        return self.asked.bound or super()._tally(page)


def _last(sent: Any) -> Any:
    return sent[-1] if isinstance(sent, list) else sent


def _keys(sent: Any) -> list[int]:
    values = sent if isinstance(sent, list) else [sent]
    return [int(one) for one in values if one.isascii() and one.isdecimal() and len(one) <= _KEY_LENGTH]
