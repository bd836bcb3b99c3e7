"""Writes through the admin: its forms, an action on rows that were ticked, the buttons that call a capability."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tests.compliance.audit.matrix.paths import Who, path
from tests.compliance.audit.matrix.through_orm import both, each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.compliance.audit.matrix.subject import Subject


def in_admin(view: str) -> Any:
    return lambda subject: subject.post is not None and may(subject, view)


def may(subject: Subject, view: str) -> bool:
    from django.contrib import admin  # noqa: PLC0415 - the settings say which apps have one
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    screen = admin.site._registry.get(subject.model)
    if screen is None:
        return False
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(is_superuser=True)
    allowed: bool = getattr(screen, f"has_{view}_permission")(request, *([subject.spare] if view != "add" else []))
    return allowed


@path("admin: the form of a new row", "admin", creates=1, who=Who.REQUEST, own=True, when=in_admin("add"))
def admin_add(subject: Subject) -> None:
    row = subject.new(2)
    said = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    subject.post("add", None, {**said, **subject.typed})  # type: ignore[misc]


@path("admin: the form of a row that stands", "admin", updates=1, who=Who.REQUEST, own=True, when=in_admin("change"))
def admin_change(subject: Subject) -> None:
    names = {field.attname: field.name for field in subject.model._meta.concrete_fields}
    subject.post("change", subject.row, {names[name]: value for name, value in subject.change(1).items()})  # type: ignore[misc]


@path("admin: an action on chosen rows", "admin", updates=2, who=Who.REQUEST, own=True, when=in_admin("change"))
def admin_action(subject: Subject) -> None:
    def change_both(*_: object) -> None:
        both(subject).update(**each(subject))

    with offered(subject, change_both):
        chosen = {"action": "change_both", "_selected_action": [subject.row.pk, subject.spare.pk]}
        subject.post("changelist", None, chosen)  # type: ignore[misc]


@contextlib.contextmanager
def offered(subject: Subject, action: Callable[..., None]) -> Iterator[None]:
    """Let a list offer an action while a `with` lasts: this project has none of its own yet, and may get some."""
    from django.contrib import admin  # noqa: PLC0415

    screen: Any = admin.site.get_model_admin(subject.model)
    before, screen.actions = screen.actions, [action]
    try:
        yield
    finally:
        screen.actions = before


def has_button(subject: Subject) -> bool:
    return subject.post is not None and subject.button is not None


def ready(subject: Subject) -> None:
    assert subject.button is not None
    if subject.button.given:
        subject.rows.filter(pk=subject.row.pk).update(**subject.button.given)


@path("admin: a button of a row", "admin", updates=1, who=Who.REQUEST, own=True, when=has_button, given=ready)
def admin_button(subject: Subject) -> None:
    assert subject.button is not None
    subject.post(subject.button.verb, subject.row, {"_form_submitted": "on", **subject.button.answers})  # type: ignore[misc]
