"""Consents in a real browser: given with a yes to what it comes to, seen at a glance, withdrawn, and printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from compliance.models import ConsentRecord
from tests.compliance.screens import page as path
from tests.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from compliance.models import User
    from patients.models import Patient


@pytest.fixture
def office(chromium: Browser, served: str, reviewer: User) -> Iterator[Page]:
    """A compliance officer's window. No page in it may write an error on the console."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)  # milliseconds
    window = context.new_page()
    window.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    window.goto("/admin/")
    window.get_by_label("E-mail address").fill(reviewer.email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Log in").click()
    window.wait_for_url("**/admin/")
    yield window
    context.close()
    assert complaints == []


def test_an_authorization_is_given_seen_at_a_glance_and_withdrawn(office: Page, patient: Patient) -> None:
    office.goto(path(ConsentRecord, "of", patient.pk))
    expect(row(office, "Research")).to_contain_text("no authorization, so denied (45 CFR 164.508(a)(1)")
    office.get_by_role("link", name="Give a consent").click()
    expect(office.get_by_text("The patient is of age.")).to_be_visible()
    type_in_research(office)
    except_hiv(office)
    confirm(office)

    office.wait_for_url(f"**{path(ConsentRecord, 'of', patient.pk)}")
    expect(row(office, "Research")).to_contain_text("permitted since")
    expect(row(office, "of HIV or AIDS")).to_contain_text("refused by an exception since")

    withdraw(office)
    office.get_by_role("link", name="All consents of the patient").click()
    expect(row(office, "Research")).to_contain_text("no authorization, so denied")
    expect(office.locator(".consent-timeline > li").first).to_contain_text("Withdrawn")


def test_an_empty_form_is_shown_as_it_is_printed(office: Page, patient: Patient) -> None:
    office.goto(path(ConsentRecord, "of", patient.pk))
    office.get_by_label("Empty form").select_option("part2_tpo")
    office.get_by_role("button", name="Print").click()

    expect(office.get_by_text("Quillfeather, Marigold, born 1980-02-29, MRN A-1001")).to_be_visible()
    expect(office.get_by_role("button", name="Print")).to_be_visible()
    office.emulate_media(media="print")
    expect(office.get_by_role("button", name="Print")).to_be_hidden()
    expect(office.get_by_text("42 CFR part 2 prohibits unauthorized use")).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page[^s]", office.pdf(format="Letter"))
    assert len(sheets) == 1


def row(office: Page, what: str) -> object:
    """The line of the glance about something."""
    return office.locator(".consent-glance tr").filter(has=office.get_by_role("rowheader", name=what, exact=True)).first


def type_in_research(office: Page) -> None:
    office.locator("#id_consent_type").select_option("research")
    office.locator("#id_purposes").get_by_label("Research").check()
    office.get_by_label("Information").fill("Laboratory results")
    office.get_by_label("Disclosers").fill("Example Clinic")
    office.get_by_label("Recipients").fill("Example University\nExample Registry")
    office.get_by_label("Expires event").fill("end of the study")
    for statement in office.locator("#id_statements_shown input").all():
        statement.check()
    office.locator("#id_signed_at_0").fill("2024-05-06")
    office.locator("#id_signed_at_1").fill("09:00")
    office.get_by_label("Signature method").select_option("ink")


def except_hiv(office: Page) -> None:
    office.get_by_role("link", name="Add another Exception").click()
    office.locator("#id_provisions-0-sensitivity_labels").get_by_label("HIV or AIDS").check()


def confirm(office: Page) -> None:
    office.get_by_role("button", name="Save", exact=True).click()
    shown = office.locator("#confirm")
    expect(shown).to_contain_text("Permits: Research; by Example Clinic; to Example University and Example Registry")
    expect(shown).to_contain_text("Exception 1 denies: all of its purposes; of HIV or AIDS.")
    expect(office.get_by_text("Nothing is recorded yet.")).to_be_visible()
    shown.get_by_label("This is what was said, and it is to be recorded so.").check()
    office.get_by_role("button", name="Save", exact=True).click()


def withdraw(office: Page) -> None:
    office.locator(".consent-timeline a").first.click()
    office.locator("a").filter(has_text="Change").first.click()
    office.get_by_role("link", name="Withdraw").click()
    office.locator("#dialog").get_by_label("How it came").select_option("letter")
    office.locator("#dialog").get_by_role("button", name="Withdraw", exact=True).click()
    expect(office.get_by_text("The withdrawal is recorded, and bites from now on.")).to_be_visible()
    expect(office.get_by_text("withdrawn on").first).to_be_visible()
