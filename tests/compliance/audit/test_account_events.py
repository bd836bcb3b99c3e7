"""Logins, failed ones and ends of sessions stand in the trail and in the log of accounts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.db import connection

from compliance.accounts.idle import SEEN
from compliance.audit.models import EventType, Outcome
from compliance.audit.recording import digest
from compliance.models import AuditLog, User, UserAuditLog
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
FROM = {"REMOTE_ADDR": "192.0.2.7", "headers": {"user-agent": "a browser"}}


def log_in(client: Client, user: User, password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"username": user.email, "password": password}, **FROM).status_code  # type: ignore[arg-type]


def only(event: EventType) -> AuditLog:
    return AuditLog.objects.get(event_type=event)


def last() -> UserAuditLog:
    return UserAuditLog.objects.latest("pk")


def test_a_login_is_recorded_in_both(client: Client, administrator: User) -> None:
    assert log_in(client, administrator) == 302

    entry = only(EventType.LOGIN)
    assert (entry.actor_id, entry.object_id, entry.table_name) == (administrator.pk, administrator.pk, "users")
    assert (entry.remote_addr, entry.source, entry.outcome) == ("192.0.2.7", f"POST {LOGIN}", Outcome.SUCCESS)
    event = last()
    assert (event.user, event.action, event.ip_address) == (administrator, "login_ok", "192.0.2.7")
    assert event.user_agent == "a browser"


def test_what_the_request_of_a_login_still_changes_is_the_accounts_own_act(client: Client, administrator: User) -> None:
    log_in(client, administrator)

    entry = AuditLog.objects.filter(table_name="users", event_type=EventType.UPDATE).latest()
    assert "last_login" in entry.changes
    assert entry.actor_id == administrator.pk
    assert entry.session_digest == only(EventType.LOGIN).session_digest is not None


@pytest.mark.parametrize("typed", ["root@clinic.example", " Root@Clinic.example", "hunter2", "x" * 5000, "nul\0l"])
def test_a_failed_login_keeps_a_digest_of_what_was_typed(client: Client, administrator: User, typed: str) -> None:
    authenticate(username=typed, password="wrong")

    entry = only(EventType.LOGIN_FAILED)
    assert entry.outcome == Outcome.SERIOUS_FAILURE
    assert entry.query_digest == digest(typed.strip().lower())
    assert (last().action, last().user) == ("login_fail", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT json_agg(a)::text FROM audit_logs a WHERE event_type = 'login_failed'")
        assert typed.strip()[:20] not in cursor.fetchone()[0]


def test_a_name_with_a_nul_finds_nobody_beside_an_event_loop_too(administrator: User) -> None:
    assert async_to_sync(aauthenticate)(username=f"{administrator.email}\0", password=PASSWORD) is None

    assert only(EventType.LOGIN_FAILED).outcome == Outcome.SERIOUS_FAILURE


def test_a_name_with_a_nul_on_the_page_of_the_login_is_a_failed_login(client: Client, administrator: User) -> None:
    said = {"username": f"{administrator.email}\0", "password": PASSWORD}

    assert client.post(LOGIN, said, **FROM).status_code == 200  # type: ignore[arg-type]

    assert only(EventType.LOGIN_FAILED).remote_addr == "192.0.2.7"
    assert last().action == "login_fail"


def test_a_wrong_password_is_a_failed_login_without_an_account(client: Client, administrator: User) -> None:
    assert log_in(client, administrator, "wrong") == 200

    assert only(EventType.LOGIN_FAILED).remote_addr == "192.0.2.7"
    assert (last().action, last().user, last().ip_address) == ("login_fail", None, "192.0.2.7")


def test_a_logout_is_recorded_in_both(client: Client, administrator: User) -> None:
    log_in(client, administrator)
    client.post("/admin/logout/", **FROM)  # type: ignore[arg-type]

    assert only(EventType.LOGOUT).actor_id == administrator.pk
    assert (last().action, last().user) == ("logout", administrator)


def test_nobody_logs_out_of_nothing(client: Client, db: None) -> None:
    client.logout()

    assert not AuditLog.objects.filter(event_type=EventType.LOGOUT).exists()


def test_a_user_agent_that_no_text_can_hold_stops_no_login(client: Client, administrator: User) -> None:
    said = {"username": administrator.email, "password": PASSWORD}
    client.post(LOGIN, said, headers={"user-agent": "nul\0l" + "x" * 5000})

    assert last().action == "login_ok"
    assert len(last().user_agent or "") == 400 - 1


def test_a_login_that_cannot_be_recorded_is_none(client: Client, administrator: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE user_audit_log RENAME COLUMN user_agent TO agent")
    answer = client.post(LOGIN, {"username": administrator.email, "password": PASSWORD})

    assert answer.status_code == 503
    assert "could not record" in answer.content.decode()
    assert not AuditLog.objects.filter(event_type=EventType.LOGIN).exists()
    assert client.get("/admin/").status_code == 302


def idle_for(client: Client, seconds: float) -> None:
    session = client.session
    session[SEEN] = int(time.time() - seconds)
    session.save()


def test_a_session_in_which_nothing_happened_ends(
    client: Client, administrator: User, settings: SettingsWrapper
) -> None:
    client.force_login(administrator)
    assert client.get("/admin/").status_code == 200
    idle_for(client, settings.IDLE_SECONDS + 5)

    assert client.get("/admin/", **FROM).status_code == 302  # type: ignore[arg-type]
    entry = only(EventType.LOGOUT)
    assert (entry.actor_id, entry.remote_addr) == (administrator.pk, "192.0.2.7")
    assert entry.outcome_reason == "idle for too long"
    assert (last().user, last().action) == (administrator, "timeout_logoff")
    assert client.get("/admin/").status_code == 302


def test_one_in_which_something_happens_goes_on(client: Client, administrator: User, settings: SettingsWrapper) -> None:
    client.force_login(administrator)
    for _ in range(3):
        idle_for(client, settings.IDLE_SECONDS - 60)
        assert client.get("/admin/").status_code == 200
        assert time.time() - client.session[SEEN] < 60
