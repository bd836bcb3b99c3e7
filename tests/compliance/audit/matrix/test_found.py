"""What the matrix does not cover is found by itself: a table, a method that writes, a path that nothing walks."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.db.backends.postgresql.base import CursorMixin
from django.urls import URLResolver

from compliance.audit import recording
from compliance.models import User
from providers.models import Provider
from tests.compliance.audit.matrix import paths, tables, trail
from tests.compliance.audit.matrix.reads import READS
from tests.compliance.audit.matrix.through_admin import may

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
    "otp_totp_totpdevice": "second factors; that there is a new one, or one less, is an event",
    "otp_static_staticdevice": "the same, of recovery codes",
    "otp_static_statictoken": "recovery codes, digested",
    "consent_effects": "what the database makes of consents, which are audited",
    "notices": "what somebody is told of an event that has entries of its own",
    "django_session": "sessions; logins are events of their own",
    "account_sessions": "who is logged in; how a session began and ended is an event of its own",
    "axes_accessattempt": "failed logins, which are events of their own",
    "axes_accessattemptexpiration": "stays empty",
    "axes_accessfailurelog": "stays empty",
    "axes_accesslog": "stays empty",
}
# Audited tables whose rows no path here can write, and why.
ELSEWHERE = {
    "access_reviews": "only added to, by its capability: see tests/compliance/access/test_recertifying.py",
    "consent_records": "only added to, by capabilities: see tests/compliance/consent/",
    "consent_provisions": "only added to, with their consent: see tests/compliance/consent/",
    "consent_rules": "written by migrate from rules.toml: see tests/compliance/consent/",
}
# What only Django's own methods call, which are walked.
INSIDE = {"_insert", "_clear"}
# What psycopg's cursors offer that sends nothing.
CURSOR_READS = {
    *("adapters", "arraysize", "close", "closed", "connection", "description", "fetchall", "fetchmany", "fetchone"),
    *("format", "nextset", "pgresult", "results", "row_factory", "rowcount", "rownumber", "scroll", "set_result"),
    *("setinputsizes", "setoutputsize", "statusmessage", "mogrify"),
}
# Screens whose buttons are pressed where their capabilities are tried.
PRESSED_ELSEWHERE = {"users", "account_sessions", "notices", "break_glass_grants", "consent_records"}
# Pages of the admin that show no row of an audited table, and why.
WITHOUT_ROWS = {
    "index": "names of screens",
    "app_list": "names of screens",
    "search": "finds names of screens",
    "login": "an event of its own",
    "logout": "an event of its own",
    "password_change": "one's own password, whose page names nobody",
    "password_change_done": "a sentence",
    "jsi18n": "translations",
    "view_on_site": "leads elsewhere",
    "add": "an empty form",
    "trail": "leads to the trail",
    "export": "of the trail: see test_trail_admin",
    "delete": "refused to everybody, on every screen",
    "present": "the roles of accounts, to be reviewed: see tests/compliance/access",
    "locate": "an event of its own: see tests/compliance/access",
    "emergency": "an event of its own: see tests/compliance/access",
    "matrix": "the rules of the policy",
    "blank": "a form to be filled in on paper",
    "of": "a patient's consents: see tests/compliance/consent",
}


def test_every_table_is_in_the_matrix_or_is_named_as_one_that_needs_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        every = {table for (table,) in cursor.fetchall()}

    assert set(trail.audited()) == {*tables.TABLES, *ELSEWHERE}
    assert not ELSEWHERE.keys() & set(tables.TABLES)
    assert every - {*tables.TABLES, *ELSEWHERE} == every & set(UNAUDITED)


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
        if "admin" not in path.via and not any(path.applies(one) for one in subjects)
    }

    assert left == set()


def test_every_table_that_a_restrict_foreign_key_holds_has_a_row_that_holds_it(request: pytest.FixtureRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'r'"
        )
        # Of some, no row may go anyhow.
        held = {table for (table,) in cursor.fetchall()} - {*tables.KEPT, *ELSEWHERE, "break_glass_grants"}

    assert held == {table for table in tables.TABLES if tables.subject(table, request).holder}


def test_every_table_whose_rows_are_signed_is_tried_with_a_signed_row(request: pytest.FixtureRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'hold_signed'")
        signed = {table for (table,) in cursor.fetchall()}

    assert signed == {table for table in tables.TABLES if tables.subject(table, request).signed}


def test_every_screen_with_buttons_that_write_has_one_pressed() -> None:
    written = {
        screen.model._meta.db_table
        for screen, button in buttons()
        if button.method.allowed_permissions != ["compliance.view_auditlog"]
    }

    assert written == {*tables.BUTTONS, *PRESSED_ELSEWHERE}


def test_no_screen_deletes(request: pytest.FixtureRequest, administrator: User) -> None:
    assert [table for table in tables.TABLES if may(tables.subject(table, request), "delete")] == []


def test_every_page_of_the_admin_is_looked_at_or_shows_no_row() -> None:
    pressed = {button.action_name for _, button in buttons()}
    named = {(prefix, pattern.name) for prefix, pattern in pages(admin.site.get_urls()) if pattern.name}
    ends = {name.removeprefix(prefix) for prefix, name in named if name not in pressed}

    assert ends == {read.via for read in READS.values() if read.via in ends} | (WITHOUT_ROWS.keys() & ends)
    assert WITHOUT_ROWS.keys() <= ends | {"trail"}


def test_every_function_that_records_what_is_shown_is_walked() -> None:
    verbs = {
        f"recording.{name}"
        for name, found in vars(recording).items()
        if inspect.isfunction(found) and found.__module__ == recording.__name__ and not name.startswith("_")
    }
    # What the others are made of, and what records no look.
    verbs -= {"recording.record", "recording.denied", "recording.digest", "recording.or_refused"}

    assert {*verbs, "AuditedQuerySet.recorded", "RecordsReads"} <= {read.via for read in READS.values()}


def test_every_way_to_look_is_walked_on_some_table(request: pytest.FixtureRequest, administrator: User) -> None:
    subjects = [tables.subject(table, request) for table in tables.TABLES]

    assert {name for name, read in READS.items() if not any(read.applies(one) for one in subjects)} == set()


def buttons() -> Iterator[tuple[Any, Any]]:
    """Give each screen with each of its buttons, of a row and below a form."""
    for screen in admin.site._registry.values():
        for kind in ("detail", "row"):
            for button in getattr(screen, f"_get_base_actions_{kind}", list)():
                yield screen, button


def pages(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give each page of the admin, with what stands in front of the end of its name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            parts = str(pattern.pattern).strip("/").split("/")
            yield from pages(pattern.url_patterns, f"{'_'.join(parts)}_" if len(parts) > 1 else prefix)
        else:
            own = "auth_user_" if pattern.name == "auth_user_password_change" else prefix
            yield own, pattern
