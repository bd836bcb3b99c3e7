"""Writes through other doors: management commands, psql, a SQL file of the plan, the admin."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core import serializers
from django.core.management import call_command

from tests.compliance.audit.matrix.paths import Who, path
from tests.compliance.audit.matrix.subject import delete, insert, typed, update
from tests.compliance.audit.matrix.through_orm import cascades

if TYPE_CHECKING:
    from tests.compliance.audit.matrix.subject import Subject


@path("loaddata of a new row", "manage.py loaddata", creates=1)
def load_new(subject: Subject) -> None:
    row = subject.new(2)
    row.pk = 900_000
    load(row)


@path("loaddata over a row that stands", "manage.py loaddata", updates=1)
def load_over(subject: Subject) -> None:
    load(subject.changed())


@path("psql: INSERT", "psql", creates=1, who=Who.NOBODY, needs_commits=True)
def psql_insert(subject: Subject) -> None:
    subject.psql(typed(insert(subject.new(2))))  # type: ignore[misc]


@path("psql: UPDATE", "psql", updates=1, who=Who.NOBODY, needs_commits=True)
def psql_update(subject: Subject) -> None:
    subject.psql(typed(update(subject.changed(3), subject.change(3))))  # type: ignore[misc]


@path("psql: DELETE", "psql", deletes=1, who=Who.NOBODY, needs_commits=True, when=lambda subject: not subject.cascade)
def psql_delete(subject: Subject) -> None:
    subject.psql(typed(delete(subject.spare)))  # type: ignore[misc]


@path("a raw SQL migration", "migrate", creates=1, updates=1, who=Who.NOBODY, needs_commits=True)
def sql_migration(subject: Subject) -> None:
    subject.deploy(typed(insert(subject.new(3))) + typed(update(subject.changed(4), subject.change(4))))  # type: ignore[misc]


def in_admin(view: str) -> Any:
    return lambda subject: subject.post is not None and may(subject, view)


def may(subject: Subject, view: str) -> bool:
    from django.contrib import admin  # noqa: PLC0415 - the settings say which apps have one
    from django.test import RequestFactory  # noqa: PLC0415

    screen = admin.site._registry.get(subject.model)
    if screen is None:
        return False
    request = RequestFactory().get("/")
    request.user = _Superuser()  # type: ignore[assignment]
    allowed: bool = getattr(screen, f"has_{view}_permission")(request, *([subject.spare] if view != "add" else []))
    return allowed


class _Superuser:
    is_active = is_staff = is_superuser = True

    def has_perm(self, *_: object) -> bool:
        return True


@path("admin: the form of a new row", "admin", creates=1, who=Who.REQUEST, when=in_admin("add"))
def admin_add(subject: Subject) -> None:
    row = subject.new(2)
    said = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    subject.post("add", None, {**said, **subject.typed})  # type: ignore[misc]


@path("admin: the form of a row that stands", "admin", updates=1, who=Who.REQUEST, when=in_admin("change"))
def admin_change(subject: Subject) -> None:
    names = {field.attname: field.name for field in subject.model._meta.concrete_fields}
    subject.post("change", subject.row, {names[name]: value for name, value in subject.change(1).items()})  # type: ignore[misc]


@path("admin: delete", "admin", deletes=1, more=cascades, who=Who.REQUEST, when=in_admin("delete"))
def admin_delete(subject: Subject) -> None:
    subject.post("delete", subject.spare, {"post": "yes"})  # type: ignore[misc]


def load(row: Any) -> None:
    names = [field.name for field in row._meta.concrete_fields]
    said = [name for name in names if type(getattr(row, name)).__name__ != "DatabaseDefault"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        # Django's own JSON cuts times off at the millisecond: the row's would not be the same.
        rows = serializers.serialize("python", [row], fields=said)
        file.write_text(json.dumps(rows, default=str), encoding="utf-8")
        call_command("loaddata", str(file), verbosity=0)
