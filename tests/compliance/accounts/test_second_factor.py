"""The second factor stands before everything, for those of whom the policy asks it."""

from __future__ import annotations

from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from compliance.accounts import second_factor
from compliance.accounts.errors import OwnSecondFactor, SuperusersOnly
from compliance.models import User, UserAuditLog
from tests.compliance.accounts.devices import a_wrong_token, enrol, token_of
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
TOKEN, ENROL, CODES = "/account/second-factor/", "/account/second-factor/set-up/", "/account/second-factor/codes/"


@pytest.fixture(autouse=True)
def on(settings: SettingsWrapper) -> None:
    settings.SECOND_FACTOR = True


def log_in(client: Client, user: User) -> None:
    client.post("/admin/login/", {"username": user.email, "password": PASSWORD})


def actions(user: User) -> list[str]:
    found = UserAuditLog.objects.filter(user=user).order_by("pk").values_list("action", flat=True)
    return [action for action in found if action.startswith(("mfa", "lockout"))]


@pytest.mark.parametrize(
    ("role", "needed"),
    [("physician", True), ("admin", True), ("front_desk", False), ("patient", False), ("unheard of", True)],
)
def test_the_policy_says_whom_it_is_asked_of(role: str, needed: bool) -> None:
    assert second_factor.needs_second_factor(User(pk=1, role=role)) is needed


def test_it_is_always_asked_of_a_superuser() -> None:
    assert second_factor.needs_second_factor(User(pk=1, role="patient", is_superuser=True))


@pytest.mark.parametrize("page", ["admin:index", "admin:compliance_user_changelist", "admin:search", "account:home"])
def test_without_an_app_one_is_led_to_set_one_up_before_anything_is_shown(
    client: Client, administrator: User, page: str
) -> None:
    log_in(client, administrator)

    for answer in (client.get(reverse(page)), client.post(reverse(page), {"q": "x"})):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(ENROL)


def test_setting_up_completes_the_login_and_shows_recovery_codes_once(client: Client, administrator: User) -> None:
    log_in(client, administrator)
    page = client.get(ENROL)
    assert "<svg" in page.content.decode()
    device = TOTPDevice(user=administrator, key=b32decode(page.context["secret"]).hex())

    wrong = client.post(ENROL, {"password": PASSWORD, "token": a_wrong_token(device)})
    assert wrong.context["form"].errors
    assert not TOTPDevice.objects.exists()
    answer = client.post(ENROL, {"password": PASSWORD, "token": token_of(device)})

    codes = answer.context["codes"]
    assert len(set(codes)) == 10
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get("/admin/").status_code == 200
    assert actions(administrator) == ["mfa_fail", "mfa_enroll", "mfa_ok", "mfa_enroll"]
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert kept.isdisjoint({code.replace("-", "") for code in codes} | set(codes))


def test_a_wrong_password_sets_nothing_up(client: Client, administrator: User) -> None:
    log_in(client, administrator)
    device = TOTPDevice(user=administrator, key=b32decode(client.get(ENROL).context["secret"]).hex())
    client.post(ENROL, {"password": "a guess", "token": token_of(device)})

    assert not TOTPDevice.objects.exists()


def test_with_an_app_the_token_is_asked_for_and_the_session_gets_a_new_key(client: Client, administrator: User) -> None:
    device = enrol(administrator)
    log_in(client, administrator)
    before = client.session.session_key

    assert client.get("/admin/").headers["Location"] == f"{TOKEN}?next=%2Fadmin%2F"
    assert client.get(ENROL).headers["Location"].startswith(TOKEN)
    answer = client.post(TOKEN, {"token": token_of(device), "next": "/admin/compliance/"})

    assert answer.headers["Location"] == "/admin/compliance/"
    assert client.get("/admin/").status_code == 200
    assert client.session.session_key != before
    assert actions(administrator) == ["mfa_ok"]


def test_the_way_on_leads_nowhere_else(client: Client, administrator: User) -> None:
    device = enrol(administrator)
    log_in(client, administrator)

    answer = client.post(TOKEN, {"token": token_of(device), "next": "https://evil.example/"})

    assert answer.headers["Location"] == "/admin/"


def test_after_a_wrong_token_the_next_waits_and_five_shut_the_account_out(client: Client, administrator: User) -> None:
    device = enrol(administrator)
    log_in(client, administrator)
    client.post(TOKEN, {"token": a_wrong_token(device)})

    assert client.post(TOKEN, {"token": token_of(device)}).status_code == 200
    answers = [client.post(TOKEN, {"token": a_wrong_token(device)}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert actions(administrator) == [*["mfa_fail"] * 5, "lockout"]
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert client.post(TOKEN, {"token": token_of(device)}).status_code == 429


def test_the_right_password_alone_does_not_begin_the_count_anew(client: Client, administrator: User) -> None:
    device = enrol(administrator)
    for _ in range(5):
        log_in(client, administrator)
        client.post(TOKEN, {"token": a_wrong_token(device)})
        client.post("/admin/logout/")

    assert "lockout" in actions(administrator)


def test_a_recovery_code_opens_once(client: Client, administrator: User, rf: object) -> None:
    device = enrol(administrator)
    log_in(client, administrator)
    client.post(TOKEN, {"token": token_of(device)})
    TOTPDevice.objects.update(last_t=-1)
    (code, *_) = client.post(CODES, {"password": PASSWORD, "token": token_of(device)}).context["codes"]
    client.post("/admin/logout/")

    log_in(client, administrator)
    client.post(TOKEN, {"token": code.upper()})
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    log_in(client, administrator)
    client.post(TOKEN, {"token": code})
    assert client.get("/admin/").status_code == 302


def test_a_lost_app_is_taken_away_by_somebody_else_and_sessions_end(client: Client, administrator: User) -> None:
    nurse = User.objects.create_user("nurse@clinic.example", PASSWORD, role="nurse", is_staff=True)
    device = enrol(nurse)
    log_in(client, nurse)
    client.post(TOKEN, {"token": token_of(device)})
    assert client.get("/admin/").status_code == 200

    second_factor.remove(nurse, by=administrator)

    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert actions(nurse)[-1] == "mfa_reset"
    with pytest.raises(OwnSecondFactor):
        second_factor.remove(administrator, by=administrator)


def test_a_superusers_app_is_taken_away_by_a_superuser_only(administrator: User) -> None:
    enrol(administrator)
    other = User.objects.create_user("admin@clinic.example", PASSWORD, role="admin", is_staff=True)

    with pytest.raises(SuperusersOnly):
        second_factor.remove(administrator, by=other)
    assert second_factor.has_device(administrator)


def test_a_role_without_it_is_not_asked_and_one_who_chose_it_is(client: Client, db: None) -> None:
    clerk = User.objects.create_user("desk@clinic.example", PASSWORD, role="front_desk", is_staff=True)
    log_in(client, clerk)
    assert client.get("/admin/").status_code == 200

    enrol(clerk)
    assert client.get("/admin/").headers["Location"].startswith(TOKEN)
