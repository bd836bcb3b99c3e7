"""What `manage.py check --database default` and migrate say of the application's database login."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection

from compliance import granting, login_checks, postflight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.checks import CheckMessage
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
MONTH = f"audit_partitions.audit_logs_{datetime.now(UTC):%Y_%m}"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def said(found: Iterable[CheckMessage]) -> list[tuple[str | None, str]]:
    return [(one.id, str(one.msg)) for one in found]


def remedy(found: CheckMessage) -> str:
    return str(found.hint).partition("sql_migrations/: ")[2].partition(";")[0]


def test_what_the_migrations_grant_is_what_the_models_declare() -> None:
    assert said(login_checks.findings("default")) == []
    assert len(granting.held("default")) > len(apps.get_models())


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("REVOKE UPDATE ON patients FROM webqx_app", "patients: the application may not UPDATE, which it must."),
        (
            "REVOKE INSERT (object_pk) ON audit_logs FROM webqx_app",
            "audit_logs: the application may not INSERT (object_pk), which it must.",
        ),
    ],
)
def test_a_right_that_is_lacking_is_found_and_the_line_of_the_hint_grants_it(statement: str, message: str) -> None:
    run(statement)
    (found,) = login_checks.findings("default")

    assert said([found]) == [("compliance.E040", message)]
    assert list(postflight.problems("default")) == [f"{found.msg} {found.hint}"]
    run(remedy(found))
    assert said(login_checks.findings("default")) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("GRANT DELETE ON patients TO webqx_app", "patients: the application may DELETE, which no model declares."),
        ("GRANT SELECT ON patients TO PUBLIC", "patients: everybody may SELECT, which no model declares."),
        ("GRANT TRUNCATE ON users TO webqx_app", "users: the application may TRUNCATE, which no model declares."),
        ("GRANT TRIGGER ON users TO webqx_app", "users: the application may TRIGGER, which no model declares."),
        (
            "GRANT UPDATE (actor_id), INSERT (captured_by) ON audit_logs TO webqx_app",
            "audit_logs: the application may INSERT (captured_by), UPDATE (actor_id), which no model declares.",
        ),
        (
            "GRANT INSERT ON django_migrations TO webqx_app",
            "django_migrations: the application may INSERT, which no model declares.",
        ),
        (f"GRANT SELECT ON {MONTH} TO webqx_app", f"{MONTH}: the application may SELECT, which no model declares."),
    ],
)
def test_a_right_too_many_is_found_and_the_line_of_the_hint_takes_it(statement: str, message: str) -> None:
    run(statement)
    found = list(login_checks.findings("default"))

    assert said(found) == [("compliance.E041", message)]
    for one in found:
        run(remedy(one))
    assert said(login_checks.findings("default")) == []


@pytest.mark.parametrize(
    ("statement", "power"),
    [
        ("CREATE SCHEMA mine; ALTER SCHEMA mine OWNER TO webqx_app", "owns something"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "may make things in the schema public"),
        ("GRANT CREATE ON DATABASE {} TO webqx_app", "may make schemas"),
        ("GRANT TEMPORARY ON DATABASE {} TO PUBLIC", "may make temporary tables and functions"),
    ],
)
def test_a_power_of_the_login_is_found(statement: str, power: str) -> None:
    run(statement.format(connection.ops.quote_name(connection.settings_dict["NAME"])))

    assert said(login_checks.findings("default")) == [
        ("compliance.E042", f"The database login webqx_app {power}: it must not.")
    ]


def test_a_login_that_was_made_after_the_migrations_is_granted_by_the_next_migrate() -> None:
    run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM webqx_app")
    run("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM webqx_app")
    assert list(login_checks.findings("default"))

    granting.after_migrate(sender=apps.get_app_config("compliance"), using="default")
    assert said(login_checks.findings("default")) == []


def test_migrate_does_not_grant_what_a_migration_left_out() -> None:
    run("REVOKE ALL ON patients FROM webqx_app")

    granting.after_migrate(sender=apps.get_app_config("compliance"), using="default")
    assert [id_ for id_, _ in said(login_checks.findings("default"))] == ["compliance.E040"]


@pytest.mark.parametrize(
    ("user", "production", "ids"),
    [
        ("webqx_app", True, []),
        ("webqx_app", False, []),
        ("the owner", True, ["compliance.E043"]),
        ("the owner", False, ["compliance.W043"]),
    ],
)
def test_an_owner_that_serves_is_told_of(
    user: str, production: bool, ids: list[str], settings: SettingsWrapper
) -> None:
    owner = connection.get_connection_params().get("user", "")
    serving: dict[str, Any] = {**settings.DATABASES["default"], "USER": owner if user == "the owner" else user}
    settings.SERVING_DATABASE, settings.PRODUCTION = serving, production

    assert [id_ for id_, _ in said(login_checks.serving("default"))] == ids
