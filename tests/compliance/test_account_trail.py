"""user_audit_log is evidence: its model reads, and accounts that it speaks of stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from compliance.accounts.errors import TrailIsReadOnly
from compliance.models import User, UserAuditLog

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> UserAuditLog:
    user = User.objects.create_user("seen@clinic.example")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_audit_log (user_id, action) VALUES (%s, 'login_ok')", [user.pk])
    return UserAuditLog.objects.get()


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
    with pytest.raises(TrailIsReadOnly, match="cannot be written through its model"):
        write(event)

    assert list(UserAuditLog.objects.values_list("pk", "action")) == [(event.pk, "login_ok")]


def test_the_trail_reads_what_sql_wrote(event: UserAuditLog) -> None:
    assert event.user is not None
    assert event.user.email == "seen@clinic.example"
    assert event.created_at.tzinfo is not None
    assert str(event) == f"account event {event.pk}"


def test_an_account_that_the_trail_speaks_of_cannot_be_deleted(event: UserAuditLog) -> None:
    assert event.user is not None
    with pytest.raises(ProtectedError):
        event.user.delete()
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="user_audit_log_user_id_fkey"),
        transaction.atomic(),
    ):
        cursor.execute("DELETE FROM users")
