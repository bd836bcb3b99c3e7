"""What must be audited and is not is found, with the line that mends it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from compliance.audit.checks import findings, statements_can_carry_who_acts
from compliance.audit.registry import declarations
from compliance.models import User
from providers.models import Provider

pytestmark = pytest.mark.django_db


def messages() -> list[str]:
    return [finding.msg for finding in findings("default")]


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_nothing_is_found_in_what_ships() -> None:
    assert messages() == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DROP TRIGGER zz_audit_row ON patients", "patients has no audit trigger: its changes leave no trace."),
        ("DROP TRIGGER zz_audit_row ON users_groups", "users_groups has no audit trigger: its changes leave no trace."),
        ("DROP TRIGGER zz_audit_row ON auth_group", "auth_group has no audit trigger: its changes leave no trace."),
        ("SELECT end_audit('allergies')", "allergies has no audit trigger: its changes leave no trace."),
        (
            "ALTER TABLE patients DISABLE TRIGGER zz_audit_row",
            "patients: the audit trigger does not fire always; it was disabled, or can be.",
        ),
        (
            "ALTER TABLE patients ENABLE TRIGGER USER",
            "patients: the audit trigger does not fire always; it was disabled, or can be.",
        ),
        (
            "SELECT audit_table('allergies', 'patients.allergy')",
            "allergies: the audit trigger says patients.allergy and no patient.",
        ),
        (
            "SELECT audit_table('patients', 'patients.patient', 'id', also_clear => '{family_name}')",
            "patients: the audit trigger shows in clear what the model does not: family_name.",
        ),
        (
            "SELECT audit_table('users', 'compliance.user')",
            "users: the audit trigger shows in clear what the model does not: password_hash.",
        ),
        (
            "SELECT audit_table('auth_group_permissions', 'auth.group')",
            "auth_group_permissions: the audit trigger says auth.group and no patient.",
        ),
    ],
)
def test_an_audit_that_is_not_as_declared_is_found(change: str, found: str) -> None:
    run(change)

    assert messages() == [found]


def test_entries_that_no_month_took_are_found(provider: Provider) -> None:
    (month,) = _months_of(provider)
    run(f"ALTER TABLE audit_logs DETACH PARTITION {month}", "UPDATE providers SET specialty = 'x'")

    assert messages() == ["audit_logs: entries stand in the default partition, since their month was not made in time."]


def _months_of(provider: Provider) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM audit_logs WHERE object_id = %s", [provider.pk])
        return [month for (month,) in cursor.fetchall()]


def test_tables_between_models_are_declared_with_them() -> None:
    between = {model._meta.db_table for model in declarations() if model._meta.auto_created}

    assert between == {"users_groups", "users_user_permissions", "auth_group_permissions"}
    assert {User, Group, Provider} <= set(declarations())


def test_binding_in_the_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert statements_can_carry_who_acts() == []
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "server_side_binding", True)

    (error, *_) = statements_can_carry_who_acts()
    assert error.id == "compliance.E023"
    assert "its statements cannot carry who acts" in error.msg
