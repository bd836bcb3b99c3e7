"""`manage.py accounts`: help for who cannot log in."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from compliance.models import User, UserAuditLog
from tests.compliance.accounts.devices import enrol
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


def guess(user: User, password: str = "a guess") -> User | None:
    return authenticate(HttpRequest(), username=user.email, password=password)  # type: ignore[return-value]


def test_unlock_lets_an_account_in_again(administrator: User, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        guess(administrator)
    assert guess(administrator, PASSWORD) is None

    call_command("accounts", "unlock", administrator.email)

    assert guess(administrator, PASSWORD) == administrator
    assert UserAuditLog.objects.latest("pk").action == "unlock"
    assert capsys.readouterr().out == f"Account {administrator.pk} can log in again.\n"


def test_a_lost_second_factor_is_removed(administrator: User) -> None:
    enrol(administrator)
    call_command("accounts", "remove_second_factor", administrator.email)

    assert not TOTPDevice.objects.exists()
    assert UserAuditLog.objects.latest("pk").action == "mfa_reset"


def test_purge_says_what_it_removed(administrator: User, capsys: pytest.CaptureFixture[str]) -> None:
    guess(administrator)
    AccessAttempt.objects.update(attempt_time="2024-01-01T00:00Z")
    call_command("accounts", "purge")

    assert capsys.readouterr().out == "Removed: failed logins 1, sessions 0.\n"


@pytest.mark.parametrize("word", ["unlock", "remove_second_factor"])
def test_an_account_that_is_not_there_is_named_as_such(word: str, db: None) -> None:
    with pytest.raises(CommandError, match="No account has this e-mail address"):
        call_command("accounts", word, "nobody@clinic.example")


def test_a_recovery_code_is_not_added_by_command() -> None:
    with pytest.raises(CommandError, match="account's page"):
        call_command("addstatictoken")
