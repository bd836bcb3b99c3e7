"""A session is asked at each request whether it still holds, and what its account may do now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import path, reverse
from django.utils import timezone

from compliance.accounts import revoking, sessions
from compliance.accounts.errors import SessionOver
from compliance.audit import context
from compliance.errors import AccessDenied
from compliance.models import AccountSession, User, UserAuditLog
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(db: None) -> User:
    return User.objects.create_user("nurse@clinic.example", PASSWORD, role="nurse", is_staff=True)


@pytest.fixture
def inside(client: Client, nurse: User) -> Client:
    client.force_login(nurse)
    assert client.get("/account/").status_code == 200
    return client


def is_out(client: Client) -> bool:
    return client.get("/account/").status_code == 302


def test_a_login_is_listed_with_time_and_address_and_without_its_key(client: Client, nurse: User) -> None:
    client.post("/admin/login/", {"username": nurse.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")

    row = AccountSession.objects.going_on().get()
    assert (row.user, row.login.ip_address, row.login.action) == (nurse, "192.0.2.7", "login_ok")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(a)::text FROM account_sessions AS a")
        assert str(client.session.session_key) not in cursor.fetchone()[0]
    assert "192.0.2.7" in client.get("/account/").content.decode()


def test_an_ended_session_is_out_at_its_next_request(inside: Client, nurse: User, administrator: User) -> None:
    row = AccountSession.objects.get()
    revoking.revoke(row, by=administrator)

    assert is_out(inside)
    row.refresh_from_db()
    assert row.ending == "revoked"
    assert UserAuditLog.objects.latest("pk").action == "session_revoked"
    with pytest.raises(SessionOver):
        revoking.revoke(row, by=administrator)


def test_one_ends_ones_own_and_nobody_elses(inside: Client, nurse: User) -> None:
    other = Client()
    other.force_login(nurse)
    stranger = Client()
    stranger.force_login(User.objects.create_user("other@clinic.example", PASSWORD, role="nurse"))
    mine, theirs = (AccountSession.objects.order_by("pk")[number] for number in (1, 2))

    assert inside.post(reverse("account:end_session", args=[theirs.pk])).status_code == 404
    assert inside.post(reverse("account:end_session", args=[mine.pk])).status_code == 302

    assert is_out(other)
    assert not is_out(stranger)
    with pytest.raises(AccessDenied):
        revoking.revoke(theirs, by=nurse)


def test_logout_and_idleness_are_how_a_session_ended(inside: Client, nurse: User) -> None:
    inside.post("/admin/logout/")

    assert AccountSession.objects.get().ending == "logout"


def test_a_deactivated_account_is_out_at_its_next_request(inside: Client, nurse: User) -> None:
    User.objects.filter(pk=nurse.pk).update(is_active=False)

    assert is_out(inside)


def test_a_role_that_is_taken_away_opens_nothing_at_the_next_request(client: Client, db: None) -> None:
    officer = User.objects.create_user("officer@clinic.example", PASSWORD, role="compliance_officer", is_staff=True)
    client.force_login(officer)
    trail = reverse("admin:compliance_userauditlog_changelist")
    assert client.get(trail).status_code == 200

    User.objects.filter(pk=officer.pk).update(role="researcher")

    assert client.get(trail).status_code == 403


def test_a_new_password_ends_the_other_sessions_and_not_this_one(inside: Client, nurse: User) -> None:
    other = Client()
    other.force_login(nurse)
    new = "another battery, another staple"
    said = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert inside.post(reverse("admin:password_change"), said).status_code == 302

    assert not is_out(inside)
    assert is_out(other)
    assert UserAuditLog.objects.filter(user=nurse, action="password_change").count() == 1


def forge(client: Client, **said: Any) -> None:
    forged = SessionStore()
    forged.update(said)
    forged.save()
    client.cookies["sessionid"] = forged.session_key


def test_a_forged_session_opens_nothing(client: Client, nurse: User) -> None:
    said = {
        SESSION_KEY: str(nurse.pk),
        BACKEND_SESSION_KEY: "compliance.accounts.lockout.Backend",
        HASH_SESSION_KEY: nurse.get_session_auth_hash(),
    }
    stranger = User.objects.create_user("other@clinic.example", PASSWORD)
    theirs = AccountSession.objects.create(user=stranger, login_id=1, seen_at=timezone.now())
    mine = AccountSession.objects.create(user=nurse, login_id=1, seen_at=timezone.now())

    for kept in ({}, {sessions.KEPT: theirs.pk}, {sessions.KEPT: "1"}, {sessions.KEPT: None}):
        forge(client, **said, **kept)
        assert is_out(client), kept
    forge(client, **said, **{sessions.KEPT: mine.pk})
    assert not is_out(client)  # what was refused above was refused for its row
    client.cookies["sessionid"] = "x" * 32
    assert is_out(client)


async def _who(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    said = context.current()
    return HttpResponse(f"{user.pk} {said.actor if said else None}")


urlpatterns = [path("who/", _who)]


@pytest.mark.parametrize("ended", [False, True])
def test_an_async_view_sees_nobody_in_a_session_that_was_ended(
    inside: Client, nurse: User, administrator: User, settings: SettingsWrapper, ended: bool
) -> None:
    if ended:
        revoking.revoke(AccountSession.objects.get(), by=administrator)
    settings.ROOT_URLCONF = __name__
    client = AsyncClient()
    client.cookies = inside.cookies

    answer = async_to_sync(client.get)("/who/")

    assert answer.content.decode() == ("None None" if ended else f"{nurse.pk} {nurse.pk}")


def test_what_one_request_said_is_gone_for_the_next_on_the_same_connection(inside: Client, nurse: User) -> None:
    inside.get("/account/")
    Client().get("/admin/login/")

    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('webqx.context', true), '')")
        assert cursor.fetchone()[0] is None


def test_rows_of_sessions_go_after_a_month(inside: Client) -> None:
    assert sessions.purge() == 0
    AccountSession.objects.update(seen_at=timezone.now() - timedelta(days=31))

    assert sessions.purge() == 1
    assert is_out(inside)
