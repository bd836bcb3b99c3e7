"""Fills in the admin's forms as a browser does: with what the page shows, but for what somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.db.models import Model
    from django.http import HttpResponse
    from django.test import Client

    from compliance.models import User
FOUND = 302
FORMS = {"add", "change"}  # views whose form shows what the row has


def poster(client: Client, user: User, model: type[Model]) -> Callable[..., HttpResponse]:
    """Return a function that posts to the admin as this user: to which view, of which row, and what is typed there."""
    client.force_login(user)

    def post(view: str, row: Model | None, values: Mapping[str, Any]) -> HttpResponse:
        meta = model._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=[row.pk] if row else [])
        data = dict(filled(client.get(url), values)) if view in FORMS else dict(values)
        answer = client.post(url, data)
        assert answer.status_code == FOUND or "HX-Redirect" in answer.headers, errors(answer)
        return answer  # type: ignore[return-value]

    return post


def filled(page: Any, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what a browser would send for the form of a page."""
    form = page.context["adminform"].form
    for field in form:
        # What wraps a widget, for the plus sign beside it, shows nothing of its own.
        widget = getattr(field.field.widget, "widget", field.field.widget)
        value = field.field.prepare_value(values.get(field.name, field.value()))
        if getattr(widget, "input_type", "") == "password":  # such a widget does not show what is in it
            yield field.html_name, value
        else:
            yield from _sent(widget.get_context(field.html_name, value, {})["widget"])
    for formset in page.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            yield field.html_name, field.value()


def _sent(widget: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "subwidgets" in widget:
        for part in widget["subwidgets"]:
            yield from _sent(part)
    elif widget.get("type") == "checkbox":
        if widget["attrs"].get("checked"):
            yield widget["name"], "on"
    elif widget["value"] not in (None, [], ""):
        yield widget["name"], widget["value"]


def errors(answer: Any) -> Any:
    """Say why a form was not taken."""
    context = answer.context or {}
    return context["adminform"].form.errors if "adminform" in context else answer.status_code
