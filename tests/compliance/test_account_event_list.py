"""The log of accounts on screen: asked by account, by who did it, what and when; paged by key and never counted."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.accounts import events
from compliance.accounts.actions import AccountAction
from compliance.models import User, UserAuditLog

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
LIST = "/admin/compliance/userauditlog/"
EVENT = "INSERT INTO user_audit_log (user_id, action, changed_by, created_at) VALUES (%s, %s, %s, %s)"


@pytest.fixture
def nurse(administrator: User) -> User:
    return User.objects.create_user("nurse@clinic.example")


def happened(user: User | None, action: str, *, by: User | None = None, at: str = "now") -> None:
    said = [user.pk if user else None, action, by.pk if by else None, at]
    with connection.cursor() as cursor:
        cursor.execute(EVENT, said)


def shown(inside: Client, **filters: Any) -> list[UserAuditLog]:
    answer: Any = inside.get(LIST, filters)
    assert answer.status_code == 200
    rows: list[UserAuditLog] = answer.context["cl"].result_list
    return rows


def test_each_filter_keeps_what_it_says(inside: Client, administrator: User, nurse: User) -> None:
    happened(nurse, "role_change", by=administrator)
    happened(nurse, "login_ok")
    happened(None, "login_fail", at="2020-03-01 12:00+00")
    mine = list(UserAuditLog.objects.order_by("-pk")[:3])[::-1]

    def kept(**filters: Any) -> list[bool]:
        rows = shown(inside, **filters)
        return [row in rows for row in mine]

    assert kept() == [True, True, True]
    assert kept(account=nurse.pk) == [True, True, False]
    assert kept(account=[nurse.pk, administrator.pk]) == [True, True, False]
    assert kept(by=administrator.pk) == [True, False, False]
    assert kept(by=nurse.pk) == [False, False, False]
    assert kept(action="login_ok") == [False, True, False]
    assert kept(since="2020-01-01T00:00", until="2020-12-31T00:00") == [False, False, True]
    assert kept(action="login_fail") == [False, False, False]
    assert kept(action="login_fail", since="2020-01-01") == [False, False, True]
    assert kept(since="yesterday") == [False, False, False]


def test_an_action_alone_looks_back_a_month_and_says_so(inside: Client, nurse: User) -> None:
    said = "Of 31 days; say from when, to look further back."

    assert said in inside.get(LIST, {"action": "login_ok"}).content.decode()
    assert said not in inside.get(LIST, {"action": "login_ok", "account": nurse.pk}).content.decode()


def test_pages_follow_each_other_without_a_gap_and_nothing_is_counted(inside: Client, nurse: User) -> None:
    for number in range(120):
        happened(nurse, "login_ok", at=f"2024-05-06 09:{number // 4:02}+00")
    with CaptureQueriesContext(connection) as captured:
        pages: list[Any] = [inside.get(LIST, {"account": nurse.pk}).context["cl"]]
        while pages[-1].next_page is not None:
            pages.append(inside.get(LIST + pages[-1].next_page).context["cl"])

    rows = [row for page in pages for row in page.result_list]
    assert rows == list(UserAuditLog.objects.filter(user=nurse).order_by("-created_at", "-id"))
    assert len(pages) == 3
    assert [one["sql"] for one in captured if re.search(r"COUNT\(|DISTINCT|OFFSET", one["sql"])] == []


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "user_audit_log_newest"),
        ({"since": "2023-01-01", "until": "2023-01-02"}, "user_audit_log_newest"),
        ({"account": "7"}, "idx_user_audit_log_user"),
        ({"by": "7"}, "user_audit_log_by"),
    ],
)
def test_each_way_to_ask_has_its_index(inside: Client, filters: dict[str, str], index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (id, email, password_hash) SELECT n, n || '@clinic.example', 'x'"
            " FROM generate_series(1, 500) AS n ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO user_audit_log (user_id, action, changed_by, created_at)"
            " SELECT 1 + n % 400, 'login_ok', nullif(n % 300, 0), timestamptz '2023-01-01 00:00Z' + n * interval '1 h'"
            " FROM generate_series(1, 20000) AS n"
        )
        cursor.execute("ANALYZE user_audit_log")
    with CaptureQueriesContext(connection) as captured:
        inside.get(LIST, filters)
    (rows,) = [one["sql"] for one in captured if 'FROM "user_audit_log"' in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + rows.rpartition(", true);")[2])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert index in plan
    assert "Seq Scan on user_audit_log" not in plan


def test_every_action_that_is_written_can_be_asked_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'log_account_change'")
        trigger = re.findall(r"^\s+\('(\w+)',\s", cursor.fetchone()[0], re.MULTILINE)
    application = re.findall(r"EventType\.\w+,\s+\"(\w+)\"", inspect.getsource(events))

    assert len(trigger) >= 6
    assert len(application) >= 4
    assert {*trigger, *application} <= set(AccountAction.values)
