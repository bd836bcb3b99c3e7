"""The ways in which rows are looked at. Each is a door through which health information leaves.

A read path is added here with the name of its event, and tests/compliance/audit/matrix/test_reads.py walks it on every
table that has a screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.views.generic import DetailView, ListView

from compliance.audit import recording
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.views import RecordsReads

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.test import Client

    from tests.compliance.audit.matrix.subject import Subject


def on_screen(subject: Subject) -> bool:
    return admin.site.is_registered(subject.model)


def has_verb(subject: Subject) -> bool:
    return isinstance(subject.rows.all(), AuditedQuerySet)


@dataclass(frozen=True, slots=True)
class Read:
    """A way to look at rows, the event_type of the one entry that it leaves, and on which tables it exists."""

    name: str
    look: Callable[[Subject, Client], object]
    event: str
    applies: Callable[[Subject], bool] = on_screen


def page(view: str, *, posted: dict[str, str] | None = None, **query: str) -> Callable[[Subject, Client], object]:
    """Ask for a page of the admin: of the row, or of the list."""

    def look(subject: Subject, client: Client) -> object:
        meta = subject.model._meta
        keys = [] if view == "changelist" else [subject.row.pk]
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=keys)
        return client.get(url, query) if posted is None else client.post(url, posted, follow=True)

    return look


def choices(subject: Subject, client: Client) -> object:
    field: Any = _reference(subject.model)
    meta = field.model._meta
    sent = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": field.name, "term": ""}
    return client.post(reverse("admin:autocomplete"), sent)


def _reference(model: type[Model]) -> Any:
    """Find a foreign key that points to a model, as a form of the admin has it."""
    found = (one.field for one in model._meta.related_objects if one.one_to_many and not one.hidden)
    return next((field for field in found if admin.site.is_registered(field.model) and field.editable), None)


def has_choices(subject: Subject) -> bool:
    return on_screen(subject) and _reference(subject.model) is not None


def own_page(subject: Subject, _: Client) -> object:
    view = type("Own", (RecordsReads, DetailView), {"model": subject.model})
    return view.as_view()(RequestFactory().get("/"), pk=subject.row.pk)


def own_list(subject: Subject, _: Client) -> object:
    view = type("Own", (RecordsReads, ListView), {"model": subject.model})
    return view.as_view()(RequestFactory().get("/"))


READS: dict[str, Read] = {
    read.name: read
    for read in (
        Read("page of a row", page("change"), "read"),
        Read("popup", page("change", _popup="1"), "read"),
        Read("form shown again", page("change", posted={"version": "x"}), "read"),
        Read("history", page("history"), "read"),
        Read("list", page("changelist"), "query"),
        Read("search", page("changelist", posted={"q": "zzz"}), "query"),
        Read("choices", choices, "query", has_choices),
        Read("recorded(): get", lambda subject, _: subject.rows.recorded().get(pk=subject.row.pk), "query", has_verb),
        Read("recorded(): all", lambda subject, _: list(subject.rows.recorded()), "query", has_verb),
        Read("recorded(): iterator", lambda subject, _: list(subject.rows.recorded().iterator()), "query", has_verb),
        Read("view of one's own", own_page, "read"),
        Read("list of one's own", own_list, "query"),
        Read("recording.read", lambda subject, _: recording.read(subject.row), "read"),
    )
}
