"""Who guesses passwords is shut out, by account and by address, and the answer tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from axes.models import AccessAttempt
from django.contrib.auth import aauthenticate
from django.core.management import call_command
from django.http import HttpRequest

from compliance.accounts import lockout
from compliance.errors import AccessDenied
from compliance.models import AuditLog, User, UserAuditLog
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
NOBODY = "nobody@clinic.example"


def attempt(client: Client, name: str, password: str = "a guess", address: str = "192.0.2.7") -> Any:
    return client.post("/admin/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def lock(client: Client, name: str) -> None:
    for _ in range(5):
        attempt(client, name)


def events(action: str) -> Any:
    return UserAuditLog.objects.filter(action=action)


def test_after_five_failures_the_right_password_opens_nothing(client: Client, administrator: User) -> None:
    answers = [attempt(client, administrator.email).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 200, 429]
    answer = attempt(client, administrator.email.upper(), PASSWORD, "198.51.100.4")
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    assert [event.user for event in events("lockout")] == [administrator]
    assert AuditLog.objects.filter(event_type="account").latest().outcome_reason == (
        "too many failed logins to one account"
    )


def test_a_name_that_no_account_has_is_answered_alike(client: Client, administrator: User) -> None:
    lock(client, administrator.email)
    lock(client, NOBODY)

    known, unknown = attempt(client, administrator.email), attempt(client, NOBODY)
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [event.user for event in events("lockout").order_by("pk")] == [administrator, None]


def test_others_log_in_meanwhile(client: Client, administrator: User) -> None:
    lock(client, NOBODY)

    assert attempt(client, administrator.email, PASSWORD).status_code == 302


def test_an_address_that_tries_many_names_is_shut_out(
    client: Client, administrator: User, settings: SettingsWrapper
) -> None:
    settings.LOCKOUT_ADDRESS_LIMIT = 3
    for number in range(3):
        attempt(client, f"{number}@clinic.example")

    assert attempt(client, administrator.email, PASSWORD).status_code == 429
    assert attempt(client, administrator.email, PASSWORD, "198.51.100.4").status_code == 302
    assert events("lockout").get().user is None


def test_a_lockout_ends_by_itself_and_is_made_no_longer_by_trying(client: Client, administrator: User) -> None:
    lock(client, administrator.email)
    last = AccessAttempt.objects.get().attempt_time
    attempt(client, administrator.email)

    assert AccessAttempt.objects.get().attempt_time == last
    AccessAttempt.objects.update(attempt_time=last - lockout.settings.AXES_COOLOFF_TIME)
    assert attempt(client, administrator.email, PASSWORD).status_code == 302


def test_a_login_begins_the_count_anew(client: Client, administrator: User) -> None:
    for _ in range(2):
        for _ in range(4):
            attempt(client, administrator.email)
        assert attempt(client, administrator.email, PASSWORD).status_code == 302
        client.logout()


def test_an_administrator_ends_a_lockout(client: Client, administrator: User) -> None:
    nurse = User.objects.create_user("nurse@clinic.example", PASSWORD, role="nurse", is_staff=True)
    lock(client, nurse.email)

    with pytest.raises(AccessDenied):
        lockout.unlock(nurse, by=nurse)
    lockout.unlock(nurse, by=administrator)

    assert attempt(client, nurse.email, PASSWORD).status_code == 302
    assert events("unlock").get().user == nurse


def test_the_command_of_django_axes_leaves_an_event(client: Client, administrator: User) -> None:
    lock(client, administrator.email)
    call_command("axes_reset_username", administrator.email, verbosity=0)

    assert attempt(client, administrator.email, PASSWORD).status_code == 302
    assert events("unlock").get().user == administrator


@pytest.mark.parametrize("typed", ["nul\0l", "x" * 100_000, "hunter2", "ŚŁ'\"\\"])
def test_whatever_is_typed_is_a_failed_login_of_which_nothing_is_kept(client: Client, db: None, typed: str) -> None:
    answer = client.post(
        "/admin/login/?next=/admin/secret/", {"username": typed, "password": f"{typed}\0"}, HTTP_ACCEPT="secret"
    )

    assert answer.status_code == 200
    assert events("login_fail").count() == 1
    kept = AccessAttempt.objects.values().get()
    assert kept["username"] == lockout.digest(typed.strip().lower())
    assert (kept["user_agent"], kept["path_info"], kept["http_accept"]) == ("", "", "")
    assert (kept["get_data"], kept["post_data"]) == ("", "")


def test_an_async_login_is_shut_out_too(client: Client, administrator: User) -> None:
    lock(client, administrator.email)

    log_in = async_to_sync(aauthenticate)
    assert log_in(HttpRequest(), username=administrator.email, password=PASSWORD) is None


def test_failures_from_long_ago_are_removed(client: Client, db: None) -> None:
    attempt(client, NOBODY)
    AccessAttempt.objects.update(attempt_time="2024-01-01T00:00Z")

    assert lockout.purge() == 1
    assert lockout.purge() == 0


def test_a_name_that_only_postgresql_reads_as_the_accounts_counts_for_the_account(
    client: Client, administrator: User
) -> None:
    dotted = administrator.email.replace("i", "\u0130")  # which lower() of PostgreSQL makes an i, and Python's does not
    lock(client, dotted)

    assert attempt(client, administrator.email, PASSWORD).status_code == 429
    assert attempt(client, dotted, PASSWORD).status_code == 429


def test_guessing_the_old_password_at_a_screen_left_open_shuts_out(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    new = "another battery, another staple"

    def change(old: str) -> Any:
        typed = {"old_password": old, "new_password1": new, "new_password2": new}
        return client.post("/admin/password_change/", typed)

    answers = [change("a guess").status_code for _ in range(5)]

    assert answers == [200, 200, 200, 200, 429]
    assert events("login_fail").filter(user=administrator).count() == 5
    assert change(PASSWORD).status_code == 429
    administrator.refresh_from_db()
    assert administrator.check_password(PASSWORD)
