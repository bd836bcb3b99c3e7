"""Step-up: a password, and a token where the second factor is on, show again who sits at the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.utils import timezone

from compliance.accounts.errors import StepUpRefused
from compliance.accounts.stepping_up import Proof, prove, recent, remember
from compliance.models import AuditLog, User, UserAuditLog
from tests.compliance.accounts.devices import a_wrong_token, enrol, token_of
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(administrator: User) -> HttpRequest:
    request = RequestFactory().post("/admin/", HTTP_USER_AGENT="a test")
    request.user, request.session = administrator, SessionStore()
    return request


@pytest.fixture
def with_token(settings: SettingsWrapper) -> None:
    settings.SECOND_FACTOR = True


def test_the_password_is_enough_where_the_second_factor_is_off(administrator: User, request_of: HttpRequest) -> None:
    proof = prove(administrator, password=PASSWORD, request=request_of)

    assert proof.user_id == administrator.pk
    assert timezone.now() - proof.at < timedelta(minutes=1)


def test_a_wrong_password_is_refused_and_recorded_with_the_account(
    administrator: User, request_of: HttpRequest
) -> None:
    with pytest.raises(StepUpRefused, match="not right"):
        prove(administrator, password="a guess", request=request_of)

    event = UserAuditLog.objects.latest("pk")
    assert (event.action, event.user, event.user_agent) == ("login_fail", administrator, "a test")
    assert AuditLog.objects.latest().event_type == "login_failed"


@pytest.mark.usefixtures("with_token")
def test_password_and_token_are_both_needed(administrator: User, request_of: HttpRequest) -> None:
    device = enrol(administrator)

    with pytest.raises(StepUpRefused):
        prove(administrator, password="a guess", token=token_of(device), request=request_of)
    proof = prove(administrator, password=PASSWORD, token=token_of(device), request=request_of)

    assert proof.user_id == administrator.pk


@pytest.mark.usefixtures("with_token")
@pytest.mark.parametrize("token", ["", "wrong", "0" * 6, "1" * 5000, "12\0456", "\ud800"])
def test_a_wrong_token_is_refused_and_recorded(administrator: User, request_of: HttpRequest, token: str) -> None:
    device = enrol(administrator)
    token = a_wrong_token(device) if token == "0" * 6 else token

    with pytest.raises(StepUpRefused, match="not right"):
        prove(administrator, password=PASSWORD, token=token, request=request_of)

    event = UserAuditLog.objects.latest("pk")
    assert (event.action, event.user) == ("mfa_fail", administrator)
    assert AuditLog.objects.latest().outcome_reason == "wrong token of the second factor"


@pytest.mark.usefixtures("with_token")
def test_a_token_is_taken_once(administrator: User, request_of: HttpRequest) -> None:
    token = token_of(enrol(administrator))
    prove(administrator, password=PASSWORD, token=token, request=request_of)

    with pytest.raises(StepUpRefused):
        prove(administrator, password=PASSWORD, token=token, request=request_of)


@pytest.mark.usefixtures("with_token")
def test_another_ones_token_is_refused(administrator: User, request_of: HttpRequest) -> None:
    enrol(administrator)
    other = enrol(User.objects.create_user("other@clinic.example", PASSWORD, role="nurse"))

    with pytest.raises(StepUpRefused):
        prove(administrator, password=PASSWORD, token=token_of(other), request=request_of)


@pytest.mark.usefixtures("with_token")
def test_without_a_device_one_is_told_to_set_one_up(administrator: User, request_of: HttpRequest) -> None:
    with pytest.raises(StepUpRefused, match="set one up first"):
        prove(administrator, password=PASSWORD, token="123456", request=request_of)


def test_a_proof_holds_for_five_minutes_in_the_session_and_for_the_account_that_gave_it(
    administrator: User, request_of: HttpRequest
) -> None:
    now = timezone.now()
    for age, holds in ((0, True), (299, True), (301, False), (-60, False)):
        remember(request_of, Proof(administrator.pk, now - timedelta(seconds=age)))
        assert (recent(request_of) is not None) is holds, age

    remember(request_of, proof := Proof(administrator.pk, now))
    assert recent(request_of) == proof
    request_of.user = User.objects.create_user("other@clinic.example", PASSWORD)
    assert recent(request_of) is None
    request_of.user = AnonymousUser()
    assert recent(request_of) is None


def test_a_proof_is_not_kept_in_the_session_of_another(administrator: User, request_of: HttpRequest) -> None:
    with pytest.raises(StepUpRefused, match="another account"):
        remember(request_of, Proof(administrator.pk + 1, timezone.now()))

    assert recent(request_of) is None


@pytest.mark.parametrize("forged", [None, "yes", [], [1], ["1", "2"], [1, "2"], {"user": 1}])
def test_what_is_no_proof_in_a_session_is_none(request_of: HttpRequest, forged: object) -> None:
    request_of.session["compliance_proof"] = forged

    assert recent(request_of) is None


def test_an_inactive_account_proves_nothing(administrator: User, request_of: HttpRequest) -> None:
    User.objects.filter(pk=administrator.pk).update(is_active=False)

    with pytest.raises(StepUpRefused):
        prove(administrator, password=PASSWORD, request=request_of)
