"""user_audit_log is evidence: its model reads, and accounts that it speaks of stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from compliance.accounts.errors import TrailIsReadOnly
from compliance.audit.context import acting
from compliance.errors import RuleBroken
from compliance.models import AuditLog, User, UserAuditLog
from compliance.rules import explained

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> UserAuditLog:
    user = User.objects.create_user("seen@clinic.example")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_audit_log (user_id, action) VALUES (%s, 'login_ok')", [user.pk])
    return UserAuditLog.objects.get(action="login_ok")


WRITES = {
    "save": lambda event: event.save(),
    "delete": lambda event: event.delete(),
    "create": lambda _: UserAuditLog.objects.create(action="login_ok"),
    "update": lambda _: UserAuditLog.objects.update(action="logout"),
    "delete all": lambda _: UserAuditLog.objects.all().delete(),
    "bulk_create": lambda event: UserAuditLog.objects.bulk_create([event]),
    "bulk_update": lambda event: UserAuditLog.objects.bulk_update([event], ["action"]),
    "get_or_create": lambda _: UserAuditLog.objects.get_or_create(action="logout"),
    "update_or_create": lambda _: UserAuditLog.objects.update_or_create(action="logout"),
    "from the account": lambda event: event.user.audit_log.create(action="logout"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_trail_is_not_written_through_its_model(
    event: UserAuditLog, write: Callable[[UserAuditLog], object]
) -> None:
    before = list(UserAuditLog.objects.order_by("pk").values_list())
    with pytest.raises(TrailIsReadOnly, match="cannot be written through its model"):
        write(event)

    assert list(UserAuditLog.objects.order_by("pk").values_list()) == before


def test_the_trail_reads_what_sql_wrote(event: UserAuditLog) -> None:
    assert event.user is not None
    assert event.user.email == "seen@clinic.example"
    assert event.created_at.tzinfo is not None
    assert str(event) == f"account event {event.pk}"


def test_an_account_cannot_be_deleted(event: UserAuditLog) -> None:
    assert event.user is not None
    with pytest.raises(ProtectedError):
        event.user.delete()
    with pytest.raises(RuleBroken, match="An account is deactivated, not deleted"), explained(), transaction.atomic():
        User.objects.filter(pk=event.user.pk)._raw_delete("default")
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="an account is deactivated, not deleted"),
        transaction.atomic(),
    ):
        cursor.execute("DELETE FROM users")

    assert User.objects.get().email == "seen@clinic.example"


def by_orm(user: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.save()


def by_update(user: User, **values: Any) -> None:
    User.objects.filter(pk=user.pk).update(**values)


def by_sql(user: User, **values: Any) -> None:
    columns = {"password": "password_hash"}
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(f"UPDATE users SET {columns.get(name, name)} = %s WHERE id = %s", [value, user.pk])


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "password_change": ({"password": "md5$x$another"}, None),
    "role_change": ({"role": "nurse"}, {"role": ["patient", "nurse"]}),
    "privilege_change": (
        {"is_superuser": True},
        {"is_superuser": [False, True], "is_staff": [False, False]},
    ),
    "user_disabled": ({"is_active": False}, None),
}


@pytest.mark.parametrize("write", [by_orm, by_update, by_sql])
@pytest.mark.parametrize("action", CHANGES)
def test_what_changes_about_an_account_is_logged_however_it_is_written(
    administrator: User, write: Callable[..., None], action: str
) -> None:
    user = User.objects.create_user("seen@clinic.example", "a first password")
    values, fields = CHANGES[action]
    with acting(administrator, addr="192.0.2.7"):
        write(user, **values)

    event = UserAuditLog.objects.latest("pk")
    assert (event.user, event.action, event.changed_fields) == (user, action, fields)
    assert (event.changed_by, event.ip_address) == (administrator, "192.0.2.7")


def test_a_new_account_and_one_that_is_active_again_are_logged() -> None:
    user = User.objects.create_user("seen@clinic.example", role="nurse", is_active=False)
    by_update(user, is_active=True)

    events = UserAuditLog.objects.order_by("pk").values_list("action", "changed_fields", "changed_by")
    assert list(events) == [("user_created", {"role": "nurse"}, None), ("user_enabled", None, None)]


def test_what_nobody_asks_about_is_not_logged_there(administrator: User) -> None:
    before = UserAuditLog.objects.count()
    by_update(administrator, phone="+1 555 0100", role=administrator.role)

    assert UserAuditLog.objects.count() == before


def test_no_hash_of_a_password_stands_in_either_log(administrator: User) -> None:
    administrator.set_password("correct horse")
    administrator.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT json_agg(a) FROM audit_logs a)::text, (SELECT json_agg(u) FROM user_audit_log u)::text"
        )
        both = " ".join(cursor.fetchone())

    assert '"password_hash": ["***", "***"]' in both
    assert "md5$" not in both


def test_an_actor_that_does_not_exist_breaks_no_change(administrator: User) -> None:
    with acting(actor=10**15):
        by_update(administrator, role="auditor")

    event = UserAuditLog.objects.latest("pk")
    assert (event.action, event.changed_by) == ("role_change", None)
    assert AuditLog.objects.latest().actor_id == 10**15
