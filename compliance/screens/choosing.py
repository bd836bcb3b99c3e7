"""Choosing a row, and naming it so that a registrar knows which one it is.

`__str__` says nothing about a person, since it gets into logs and messages. The label of a ModelAdmin does: it is for
pages that only who may see the row is shown.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import prefetch_related_objects
from django.forms import Widget
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from compliance.access.rights import rights_in, viewing
from compliance.audit import recording, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Field, Model, QuerySet
    from django.http import HttpRequest, HttpResponse

    from compliance.access.rights import Rights


def label(row: Model | None) -> str:
    """Name a row in the words of its ModelAdmin. Holds PHI: for a label that is a part of another one."""
    if row is None:
        return "-"
    if not admin.site.is_registered(type(row)):
        return str(row)
    shown_by: Any = admin.site.get_model_admin(type(row))
    return str(shown_by.label(row))


def label_as(rights: Rights, row: Model | None) -> str:
    """Name a row by what the rights let one see of it."""
    return label(row) if row is not None and may_name(rights, type(row)) else "-" if row is None else str(row)


def label_for(request: HttpRequest, model: type[Model]) -> Callable[[Model | None], str]:
    """Give what names the rows of a model on somebody's page."""
    return functools.partial(label_as, rights_in(request))


def may_name(rights: Rights, model: type[Model]) -> bool:
    """Say whether the rights let one see everything that the label of such a row tells.

    Of what is about no patient, a label tells who or what it is: an account, a provider, a room.
    """
    if not admin.site.is_registered(model):
        return True
    if subjects.patient_column(model) and not rights.may(viewing(model)):
        return False
    told: Sequence[str] = getattr(admin.site.get_model_admin(model), "labelled_by", ())
    references = (model._meta.get_field(name).related_model for name in told)  # noqa: SLF001 - Django's API
    return rights.hidden(model).isdisjoint(told) and all(may_name(rights, one) for one in references if one is not None)


@dataclass(frozen=True)
class Naming:
    """What names, in a list or on a row's page, the row or rows that a reference points to.

    Without rights it does so as logs do. A ModelAdmin puts those of whoever looks into it, with `for_whom`.
    """

    field: str
    short_description: str
    links: bool
    rights: Rights | None = None

    @property
    def __name__(self) -> str:
        return self.field

    def __call__(self, row: Model) -> str:
        if not self.links:
            return self._label(getattr(row, self.field))
        # A page asks for a fact several times: what is prefetched is read once.
        prefetch_related_objects([row], self.field)
        found: Any = getattr(row, self.field, None)
        rows = list(found.all()) if hasattr(found, "all") else [found]
        return format_html("<br>".join(["{}"] * len(rows)), *(self._link(one) for one in rows)) if rows else "-"

    def _label(self, row: Model | None) -> str:
        return label_as(self.rights, row) if self.rights is not None else str(row or "-")

    def _link(self, row: Model | None) -> str:
        """Link to a page that whoever looks may open."""
        if row is None or self.rights is None or not self.rights.may(viewing(type(row))):
            return self._label(row)
        try:
            page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])  # noqa: SLF001
        except NoReverseMatch:
            return self._label(row)
        return format_html('<a href="{}" class="text-link">{}</a>', page, self._label(row))


def named(field: str, description: str | None = None) -> Naming:
    """Make the column of a list that names the row which a foreign key points to."""
    return Naming(field, description or field.replace("_", " "), links=False)


def linked(field: str, description: str | None = None) -> Naming:
    """Make the fact on a row's page that names what a foreign key, or a reverse one, points to, with links."""
    return Naming(field, description or field.replace("_", " "), links=True)


def for_whom(shown: Any, rights: Rights) -> Any:
    """Put the rights of whoever looks into what names rows; leave anything else as it is."""
    return replace(shown, rights=rights) if isinstance(shown, Naming) else shown


class PostedChoices(Widget):
    """Asks for choices by POST: what is typed is a name more often than not, and stays out of the URL."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().build_attrs(*args, **kwargs), "data-ajax--type": "POST"}


class ChoiceSelect(PostedChoices, AutocompleteSelect):
    """A row, chosen by typing."""

    def optgroups(self, name: str, value: Any, attr: dict[str, Any] | None = None) -> Any:
        """Show the form again also when what was sent is no key: the field says that it is no choice."""
        key = self.field.target_field
        return super().optgroups(name, [one for one in value if _is_value_of(key, one)], attr)


def _is_value_of(field: Field[Any, Any], sent: str) -> bool:
    try:
        field.to_python(sent)
    except ValidationError:
        return sent == ""
    return True


class ChoicesView(AutocompleteJsonView):
    """Answers with the labels of the rows, as many as fit, and whether there are more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = request.POST  # where Django's view and its paging look
        try:
            return self.get(request, *args, **kwargs)
        except DataError as error:
            raise Http404("There is no such page of choices.") from error

    def get_queryset(self) -> QuerySet[Any]:
        shown_by: Any = self.model_admin
        found: QuerySet[Any] = shown_by.offered(super().get_queryset())
        return found.select_related(*shown_by.list_select_related or ())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Record what is offered, before it is offered."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shown_by: Any = self.model_admin
        recording.listed(shown_by.model, context["object_list"], searched=self.term)
        return context

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": label_as(rights_in(self.request), obj)}
