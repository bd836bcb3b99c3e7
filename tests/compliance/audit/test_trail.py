"""The trail is added to and never changed, and its times are the database's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import Error, connection, transaction

from compliance.audit import partitions
from compliance.audit.errors import TrailIsAppendOnly
from compliance.models import AuditLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.models import Provider

pytestmark = pytest.mark.django_db
PARTITION = "audit_partitions.audit_logs_" + datetime.now(UTC).strftime("%Y_%m")


def refused(statement: str, match: str, parameters: list[Any] | None = None) -> None:
    with pytest.raises(Error, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.mark.parametrize("table", ["audit_logs", PARTITION])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor_email = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_changes_what_stands(provider: Provider, table: str, statement: str) -> None:
    assert AuditLog.objects.exists()

    refused(statement.format(table), "is append-only: (UPDATE|DELETE|TRUNCATE) refused")


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_neither_does_anybody_change_the_log_of_accounts(db: None, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_audit_log (action) VALUES ('login_ok')")

    refused(statement.format("user_audit_log"), "user_audit_log is append-only")


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditLog.objects.update(actor_email="x"),
        lambda entry: AuditLog.objects.all().delete(),
        lambda entry: AuditLog.objects.bulk_update([entry], ["actor_email"]),
    ],
)
def test_its_model_refuses_the_same(provider: Provider, change: Callable[[AuditLog], Any]) -> None:
    with pytest.raises(TrailIsAppendOnly, match="append-only"):
        change(AuditLog.objects.latest())


@pytest.mark.parametrize("moment", [timedelta(days=-1), timedelta(seconds=-30), timedelta(minutes=1)])
def test_an_entry_of_another_time_is_refused(db: None, moment: timedelta) -> None:
    refused(
        "INSERT INTO audit_logs (action, event_type, timestamp) VALUES (3, 'read', now() + %s)",
        "the time of an entry of audit_logs is given by the database",
        [moment],
    )


def test_an_entry_that_claims_to_be_a_triggers_is_refused(db: None) -> None:
    refused(
        "INSERT INTO audit_logs (action, event_type, captured_by) VALUES (1, 'update', 'trigger')",
        "only a trigger says what a trigger saw",
    )


@pytest.mark.parametrize("codes", ["3, 'guess', 0", "4, 'read', 0", "3, 'read', 1"])
def test_an_entry_with_a_code_that_is_not_known_is_refused(db: None, codes: str) -> None:
    refused(
        f"INSERT INTO audit_logs (action, event_type, outcome) VALUES ({codes})",
        "an entry of audit_logs has a code that is not known",
    )


def test_an_entry_of_another_login_is_refused(db: None) -> None:
    refused(
        "INSERT INTO audit_logs (action, event_type, db_role) VALUES (3, 'read', 'somebody')",
        "the role of an entry of audit_logs is that of the session",
    )


def test_truncate_of_an_audited_table_is_refused(db: None) -> None:
    refused("TRUNCATE providers CASCADE", "providers is audited row by row: TRUNCATE refused")


def test_the_months_ahead_are_there_and_are_made_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass")
        assert cursor.fetchone() == (partitions.MONTHS_AHEAD + 1 + 1,)  # this one, those ahead, and the default
    assert partitions.make_ahead() == 0
    assert partitions.make_ahead(months=partitions.MONTHS_AHEAD + 2) == 2


def test_an_entry_goes_into_the_partition_of_its_month(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM audit_logs")
        assert cursor.fetchall() == [(PARTITION,)]


def test_a_month_that_is_missing_stops_no_write(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_logs DETACH PARTITION {PARTITION}")
        cursor.execute("UPDATE providers SET specialty = 'x'")
        cursor.execute("SELECT count(*) FROM audit_partitions.audit_logs_default")
        assert cursor.fetchone() == (1,)
