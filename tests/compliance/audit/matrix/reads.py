"""The ways in which rows are looked at. Each is a door through which health information leaves.

A read path is added here with the name of its event, and tests/compliance/audit/matrix/test_reads.py walks it on every
table that has a screen. test_found.py fails when a page of the admin or a function that records is not among them.
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
from compliance.audit.subjects import patients_of
from compliance.audit.views import RecordsReads
from compliance.models import User
from tests.compliance.audit.matrix.through_admin import may

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
    """A way to look at rows, the event_type of the one entry that it leaves, and on which tables it exists.

    `via` is what it goes through: a page of the admin by the end of its URL's name, or a class or function of ours.
    """

    name: str
    look: Callable[[Subject, Client], object]
    event: str
    via: str
    applies: Callable[[Subject], bool] = on_screen


def may_change(subject: Subject) -> bool:
    return on_screen(subject) and may(subject, "change")


def is_account(subject: Subject) -> bool:
    return subject.model is User


def password_page(subject: Subject, client: Client) -> object:
    return client.get(reverse("admin:auth_user_password_change", args=[subject.row.pk]))


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


def listed(subject: Subject, _: Client) -> object:
    return recording.listed(subject.model, [subject.row])


def found(subject: Subject, _: Client) -> object:
    return recording.found(subject.model, count=1, patients=patients_of(subject.model, [subject.row]))


VERB = ("query", "AuditedQuerySet.recorded")
READS: dict[str, Read] = {
    read.name: read
    for read in (
        Read("page of a row", page("change"), "read", "change"),
        Read("popup", page("change", _popup="1"), "read", "change"),
        Read("form shown again", page("change", posted={"version": "x"}), "read", "change", may_change),
        Read("history", page("history"), "read", "history"),
        Read("page to set a password", password_page, "read", "password_change", is_account),
        Read("list", page("changelist"), "query", "changelist"),
        Read("search", page("changelist", posted={"q": "zzz"}), "query", "changelist"),
        Read("choices", choices, "query", "autocomplete", has_choices),
        Read("recorded(): get", lambda subject, _: subject.rows.recorded().get(pk=subject.row.pk), *VERB, has_verb),
        Read("recorded(): all", lambda subject, _: list(subject.rows.recorded()), *VERB, has_verb),
        Read("recorded(): iterator", lambda subject, _: list(subject.rows.recorded().iterator()), *VERB, has_verb),
        Read("view of one's own", own_page, "read", "RecordsReads"),
        Read("list of one's own", own_list, "query", "RecordsReads"),
        Read("recording.read", lambda subject, _: recording.read(subject.row), "read", "recording.read"),
        Read("recording.listed", listed, "query", "recording.listed"),
        Read("recording.found", found, "query", "recording.found"),
    )
}
