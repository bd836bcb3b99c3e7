"""What the matrix does not cover is found by itself: a table, a method that writes, a path that nothing walks."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.backends.postgresql.base import CursorMixin

from compliance.models import User
from providers.models import Provider
from tests.compliance.audit.matrix import paths, tables, trail

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
# Tables that are not audited, and why.
UNAUDITED = {
    "audit_logs": "the trail itself",
    "user_audit_log": "a trail itself",
    "sql_migration_history": "a trail itself",
    "sql_migration_journal": "progress of a run",
    "django_migrations": "what was applied; the history has it too",
    "django_content_type": "names of models",
    "auth_permission": "names of permissions, made by migrate; who has them is audited",
    "django_admin_log": "the admin's own log, beside the trail",
    "django_session": "sessions; logins are events of their own",
}
# What only Django's own methods call, which are walked.
INSIDE = {"_insert", "_clear"}
# What psycopg's cursors offer that sends nothing.
CURSOR_READS = {
    *("adapters", "arraysize", "close", "closed", "connection", "description", "fetchall", "fetchmany", "fetchone"),
    *("format", "nextset", "pgresult", "results", "row_factory", "rowcount", "rownumber", "scroll", "set_result"),
    *("setinputsizes", "setoutputsize", "statusmessage", "mogrify"),
}


def test_every_table_is_in_the_matrix_or_is_named_as_one_that_needs_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        every = {table for (table,) in cursor.fetchall()}

    assert set(trail.audited()) == set(tables.TABLES)
    assert every - set(tables.TABLES) == every & set(UNAUDITED)


def test_every_many_to_many_relation_of_an_audited_model_is_audited() -> None:
    found = trail.audited()
    joined = {
        field.remote_field.through._meta.db_table
        for model in apps.get_models()
        for field in model._meta.many_to_many
        if model._meta.db_table in found
    }

    assert joined
    assert joined <= set(found)


def test_every_method_that_writes_is_walked() -> None:
    walked = {via for path in paths.load().values() for via in path.via}

    assert set(methods()) <= walked


def methods() -> Iterator[str]:
    """Name the methods that Django marks as writing, and those of a cursor that send something."""
    provider, user = Provider(pk=1), User(pk=1)
    owners: dict[str, Any] = {
        "Model": models.Model,
        "QuerySet": models.QuerySet,
        "RelatedManager": provider.patients,
        "ManyRelatedManager": user.groups,
    }
    for owner, found in owners.items():
        for name in dir(found):
            own = owner in {"Model", "QuerySet"} or not hasattr(models.Manager, name) or name in vars(type(found))
            if own and name not in INSIDE and getattr(inspect.getattr_static(found, name, None), "alters_data", False):
                yield f"{owner}.{name}"
    for name in {*dir(psycopg.ClientCursor), *dir(CursorMixin)} - CURSOR_READS:
        if not name.startswith("_"):
            yield f"Cursor.{name}"


def test_every_path_is_walked_on_some_table(request: pytest.FixtureRequest) -> None:
    subjects = [tables.subject(table, request) for table in tables.TABLES]
    left = {
        name
        for name, path in paths.load().items()
        if not name.startswith("admin") and not any(path.applies(one) for one in subjects)
    }

    assert left == set()
