"""What a person sees and does in the admin, in a real browser, with nothing on its console."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from patients.models import InsuranceInfo, Patient
from providers.models import Provider
from tests.compliance.screens import page as path

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from appointments.models import Appointment

CONFLICT = "Somebody else changed this meanwhile."


def save(window: Page) -> None:
    window.get_by_role("button", name="Save", exact=True).click()


def test_one_finds_a_patient_and_opens_the_record(window: Page, patient: Patient) -> None:
    window.goto("/admin/")
    window.locator(f'a[href="{path(Patient, "changelist")}"]').first.click()
    window.get_by_role("textbox", name="Search").fill("quillf")
    window.keyboard.press("Enter")

    expect(window.get_by_role("cell", name="Quillfeather")).to_be_visible()
    assert "quillf" not in window.url.lower()
    window.get_by_role("link", name=str(patient.pk), exact=True).click()
    expect(window.get_by_label("Family name")).to_have_value("Quillfeather")


def test_a_wrong_value_is_explained_beside_it_and_what_was_typed_stays(window: Page, provider: Provider) -> None:
    window.goto(path(Provider, "change", provider.pk))
    window.get_by_label("NPI").fill("1234567890")
    window.get_by_label("Specialty").fill("Dermatology")
    save(window)

    expect(window.locator(".field-npi")).to_contain_text("This is no NPI")
    expect(window.get_by_label("Specialty")).to_have_value("Dermatology")

    window.get_by_label("NPI").fill("1993999998")
    save(window)
    expect(window).to_have_url(re.compile("/provider/$"))
    provider.refresh_from_db()
    assert (provider.npi, provider.specialty) == ("1993999998", "Dermatology")


def test_a_patient_is_chosen_by_typing(window: Page, patient: Patient) -> None:
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(path(InsuranceInfo, "add"))
    window.locator(".field-patient .select2-selection").click()
    window.keyboard.type("quillf")
    window.get_by_role("option", name="Quillfeather, Marigold, born 1980-02-29, MRN A-1001").click()
    window.get_by_label("Payer name").fill("Example Mutual")
    window.get_by_label("Member ID").fill("M-77")
    window.get_by_label("Period start").fill("2024-01-01")
    save(window)

    expect(window).to_have_url(re.compile("/insuranceinfo/$"))
    assert InsuranceInfo.objects.get().patient == patient
    assert [url for url in asked if "quillf" in url.lower()] == []


def test_races_are_ticked(window: Page, patient: Patient) -> None:
    window.goto(path(Patient, "change", patient.pk))
    window.get_by_label("White").check()
    window.get_by_label("Asian").check()
    save(window)

    expect(window).to_have_url(re.compile("/patient/$"))
    patient.refresh_from_db()
    assert sorted(patient.race_codes) == ["2028-9", "2106-3"]


def test_of_two_who_change_one_record_the_second_sees_what_the_first_wrote(window: Page, patient: Patient) -> None:
    other = window.context.new_page()
    for one in (window, other):
        one.goto(path(Patient, "change", patient.pk))
    window.get_by_label("Given name").fill("Margaret")
    save(window)
    expect(window).to_have_url(re.compile("/patient/$"))

    other.get_by_label("Given name").fill("Mary")
    save(other)

    expect(other.get_by_text(CONFLICT)).to_be_visible()
    expect(other.locator(".field-given_name")).to_contain_text("It now says: Margaret")
    expect(other.get_by_label("Given name")).to_have_value("Mary")
    save(other)
    expect(other).to_have_url(re.compile("/patient/$"))
    patient.refresh_from_db()
    assert patient.given_name == "Mary"


def test_an_appointment_is_cancelled_in_a_dialog_that_asks_for_the_reason(
    window: Page, appointment: Appointment
) -> None:
    window.goto(path(type(appointment), "change", appointment.pk))
    window.locator("a").filter(has_text="Visit").first.click()
    window.get_by_role("link", name="Cancel appointment").click()
    dialog = window.locator("#dialog")
    dialog.get_by_label("Reason").select_option("pat-mv")
    dialog.get_by_role("button", name="Cancel appointment").click()

    expect(window.get_by_text("The appointment is cancelled.")).to_be_visible()
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancellation_reason) == ("cancelled", "pat-mv")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_window(window: Page, appointment: Appointment, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 844})
    wide = []
    for one in (appointment, appointment.patient, appointment.provider):
        for view, key in (("changelist", ()), ("add", ()), ("change", (one.pk,))):
            window.goto(path(type(one), view, *key))
            if window.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(window.url)

    assert wide == []
