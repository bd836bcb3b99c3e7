"""An emergency in a real browser: found, opened with a reason, seen, told of, and reviewed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from compliance.models import BreakGlassGrant
from patients.models import Patient
from tests.compliance.screens import page as path
from tests.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from compliance.models import User


@pytest.fixture
def windows(chromium: Browser, served: str, physician: User, reviewer: User) -> Iterator[tuple[Page, Page]]:
    """A physician's window and a compliance officer's. No page in them may write an error on the console."""
    complaints: list[str] = []
    opened = []
    for account in (physician, reviewer):
        context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)  # milliseconds
        window = context.new_page()
        window.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        window.goto("/admin/")
        window.get_by_label("E-mail address").fill(account.email)
        window.get_by_label("Password").fill(PASSWORD)
        window.get_by_role("button", name="Log in").click()
        window.wait_for_url("**/admin/")
        opened.append(window)
    yield opened[0], opened[1]
    for window in opened:
        window.context.close()
    assert complaints == []


def test_from_the_locator_over_the_glass_to_the_chart_and_its_review(
    windows: tuple[Page, Page], patient: Patient
) -> None:
    ward, office = windows
    asked: list[str] = []
    ward.on("request", lambda request: asked.append(request.url))

    # A chart that is out of reach leads to the locator.
    ward.goto(path(Patient, "change", patient.pk))
    expect(ward.get_by_text("Something may be withheld.")).to_be_visible()
    find(ward)
    break_glass(ward)
    expect(ward).to_have_url(re.compile(rf"/patient/{patient.pk}/change/$"))
    expect(ward.get_by_text("The chart is open to you until")).to_be_visible()
    expect(ward.get_by_text("Quillfeather").first).to_be_visible()
    assert [url for url in asked if "quill" in url.lower()] == []
    close(ward)

    acknowledge(office)
    look_and_review(office)
    assert BreakGlassGrant.objects.get().review_outcome == "justified"


def find(ward: Page) -> None:
    ward.get_by_label("Or the beginning of the family name").fill("quill")
    ward.get_by_label("Together with the birth date").fill("1980-02-29")
    ward.get_by_role("button", name="Find", exact=True).click()
    expect(ward.get_by_text("Quillfeather, Marigold, born 1980-02-29, MRN A-1001")).to_be_visible()


def break_glass(ward: Page) -> None:
    ward.get_by_role("button", name="Open in an emergency").click()
    ward.get_by_label("Why must this chart be opened now?").fill("Found unconscious, no relatives here")
    ward.get_by_label("For how long").select_option("30")
    ward.get_by_label("Your password").fill("a guess")
    ward.get_by_role("button", name="Open the chart").click()
    expect(ward.get_by_text("The password or the token is not right.")).to_be_visible()
    expect(ward.get_by_label("Why must this chart be opened now?")).to_have_value(re.compile("unconscious"))

    ward.get_by_label("Your password").fill(PASSWORD)
    ward.get_by_role("button", name="Open the chart").click()


def close(ward: Page) -> None:
    ward.goto("/admin/")
    expect(ward.get_by_role("alert")).to_contain_text("for another 29")
    ward.get_by_role("link", name="A chart is open to you").click()
    ward.get_by_role("link", name="Close the chart").click()
    ward.locator("#dialog").get_by_role("button", name="Close the chart").click()
    expect(ward.get_by_text("The chart is closed.")).to_be_visible()


def acknowledge(office: Page) -> None:
    office.goto("/admin/")
    office.get_by_role("link", name="1 notice of an emergency to acknowledge").click()
    expect(office.get_by_role("cell", name="not yet", exact=True)).to_be_visible()
    office.locator("#result_list a").first.click()
    office.get_by_role("link", name="Acknowledge").click()
    office.locator("#dialog").get_by_role("button", name="Acknowledge").click()
    expect(office.get_by_text("It is written down that you have seen it.")).to_be_visible()


def look_and_review(office: Page) -> None:
    """From the notice to the emergency, to what was done under it, and to what is found."""
    office.get_by_role("link", name=re.compile(r"emergency \d")).first.click()
    expect(office.get_by_text("Found unconscious, no relatives here")).to_be_visible()
    grant = office.url
    office.get_by_role("link", name="What was done").click()
    expect(office.get_by_role("cell", name="Emergency access", exact=True).first).to_be_visible()
    office.goto(grant)
    office.get_by_role("link", name=re.compile("Review$")).click()
    office.locator("#dialog").get_by_label("Outcome").select_option("justified")
    office.locator("#dialog").get_by_role("button", name="Review", exact=True).click()
    expect(office.get_by_text("The review is written down.")).to_be_visible()
