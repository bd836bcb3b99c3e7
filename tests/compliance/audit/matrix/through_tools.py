"""Writes through other doors: management commands, psql, a SQL file of the plan."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core import serializers
from django.core.management import call_command

from tests.compliance.audit.matrix.paths import Who, path
from tests.compliance.audit.matrix.subject import delete, insert, typed, update

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


def load(row: Any) -> None:
    names = [field.name for field in row._meta.concrete_fields]
    said = [name for name in names if type(getattr(row, name)).__name__ != "DatabaseDefault"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        # Django's own JSON cuts times off at the millisecond: the row's would not be the same.
        rows = serializers.serialize("python", [row], fields=said)
        file.write_text(json.dumps(rows, default=str), encoding="utf-8")
        call_command("loaddata", str(file), verbosity=0)
