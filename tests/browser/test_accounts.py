"""Signing in with a second factor, and the browser's own opinion of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from compliance.models import AccountSession, AuditLog, User
from patients.models import Patient
from tests.compliance.accounts.devices import enrol, token_of
from tests.compliance.screens import page as path

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper


def test_no_page_asks_for_what_the_content_security_policy_forbids(window: Page, patient: Patient) -> None:
    for address in (
        reverse("admin:index"),
        path(Patient, "changelist"),
        path(Patient, "change", patient.pk),
        path(Patient, "add"),
        path(AuditLog, "changelist"),
        path(AccountSession, "changelist"),
        path(User, "changelist"),
        reverse("account:home"),
        reverse("account:enrol"),
        reverse("admin:password_change"),
    ):
        answer = window.goto(address)
        assert answer is not None
        assert "script-src 'self' 'unsafe-eval'" in answer.headers["content-security-policy"]
        window.wait_for_load_state("networkidle")
    # The fixture looks at the console.


def test_one_sets_up_an_app_and_goes_on_with_the_token(
    window: Page, administrator: User, settings: SettingsWrapper
) -> None:
    settings.SECOND_FACTOR = True
    window.goto(reverse("admin:index"))
    expect(window.locator("svg path").first).to_be_visible()
    expect(window.get_by_text("Or type this key into the app")).to_be_visible()

    device = enrol(administrator)
    window.goto(reverse("admin:index"))
    window.get_by_label("Token").fill(token_of(device))
    window.get_by_role("button", name="Go on").click()
    expect(window).to_have_url(f"{window.url.split('/admin')[0]}/admin/")


@pytest.mark.parametrize("width", [390, 1280])
def test_ones_own_page_is_no_wider_than_the_window(window: Page, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 844})
    window.goto(reverse("account:home"))

    assert window.evaluate("document.documentElement.scrollWidth") <= width
