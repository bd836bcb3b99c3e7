"""Choosing a row, and naming it so that a registrar knows which one it is.

`__str__` says nothing about a person, since it gets into logs and messages. The label of a ModelAdmin does: it is for
pages that only who may see the row is shown.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import prefetch_related_objects
from django.forms import Widget
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from compliance.audit import recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse


def label(row: Model | None) -> str:
    """Name a row for who may see it, in the words of its ModelAdmin. Holds PHI: for pages only."""
    if row is None:
        return "-"
    if not admin.site.is_registered(type(row)):
        return str(row)
    shown_by: Any = admin.site.get_model_admin(type(row))
    return str(shown_by.label(row))


def label_for(request: HttpRequest, model: type[Model]) -> Callable[[Model | None], str]:
    """Give what names the rows of a model on somebody's page: by their label only to who may see them."""
    if not admin.site.is_registered(model):
        return str
    shown_by: Any = admin.site.get_model_admin(model)
    return label if shown_by.has_view_permission(request) else str


@cache
def named(field: str, description: str | None = None) -> Callable[[Model], str]:
    """Make the column of a list that names the row which a foreign key points to."""

    def column(row: Model) -> str:
        return label(getattr(row, field))

    column.__name__ = field
    column.short_description = description or field.replace("_", " ")  # type: ignore[attr-defined]
    return column


@cache
def linked(field: str, description: str | None = None) -> Callable[[Model], str]:
    """Make the fact on a row's page that names what a foreign key, or a reverse one, points to, with links."""

    def fact(row: Model) -> str:
        # A page asks for a fact several times: what is prefetched is read once.
        prefetch_related_objects([row], field)
        found: Any = getattr(row, field, None)
        rows = list(found.all()) if hasattr(found, "all") else [found]
        return format_html("<br>".join(["{}"] * len(rows)), *(_link(one) for one in rows)) if rows else "-"

    fact.__name__ = field
    fact.short_description = description or field.replace("_", " ")  # type: ignore[attr-defined]
    return fact


def _link(row: Model | None) -> str:
    if row is None:
        return "-"
    try:
        page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])  # noqa: SLF001 - Django's API
    except NoReverseMatch:
        return label(row)
    return format_html('<a href="{}" class="text-link">{}</a>', page, label(row))


class PostedChoices(Widget):
    """Asks for choices by POST: what is typed is a name more often than not, and stays out of the URL."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().build_attrs(*args, **kwargs), "data-ajax--type": "POST"}


class ChoiceSelect(PostedChoices, AutocompleteSelect):
    """A row, chosen by typing."""


class ChoicesView(AutocompleteJsonView):
    """Answers with the labels of the rows, as many as fit, and whether there are more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = request.POST  # where Django's view and its paging look
        return self.get(request, *args, **kwargs)

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
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}
