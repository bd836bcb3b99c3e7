"""What a compliance officer sees and does with the trail, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from compliance.models import AuditLog
from patients.models import Patient
from tests.compliance.screens import page as path

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_one_follows_a_patient_to_who_read_and_what_changed(window: Page, patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(family_name="Featherquill")
    window.goto(path(Patient, "change", patient.pk))
    window.get_by_role("link", name="Audit trail").click()

    expect(window).to_have_url(re.compile(rf"/auditlog/\?patient={patient.pk}$"))
    expect(window.get_by_role("cell", name="Read", exact=True)).to_be_visible()
    window.locator("tr", has_text="Update").get_by_role("link").first.click()
    expect(window.locator("table.changes")).to_contain_text("family_name")
    assert "eatherquill" not in window.content()


def test_entries_are_filtered_by_a_patient_who_is_found_by_typing(window: Page, patient: Patient) -> None:
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(path(AuditLog, "changelist"))
    window.get_by_text("Filters filter_list").click()
    window.locator("#changelist-filter .select2-selection").first.click()
    window.keyboard.type("quillf")
    window.get_by_role("option", name="Quillfeather, Marigold, born 1980-02-29, MRN A-1001").click()
    window.get_by_label("Event").select_option("create")
    window.get_by_role("button", name="Apply Filters").click()

    expect(window).to_have_url(re.compile(rf"patient={patient.pk}&"))
    expect(window.get_by_role("cell", name=f"patients {patient.pk}", exact=True)).to_be_visible()
    assert [url for url in asked if "quillf" in url.lower()] == []


def test_what_is_shown_can_be_saved_as_a_file(window: Page, patient: Patient) -> None:
    window.goto(f"{path(AuditLog, 'changelist')}?patient={patient.pk}")
    with window.expect_download() as saved:
        window.get_by_role("button", name="Export as CSV").click()

    assert saved.value.suggested_filename == "audit-trail.csv"
    assert f"patients {patient.pk}" in saved.value.path().read_text(encoding="utf-8")
    assert AuditLog.objects.filter(event_type="export").latest().patient_ids == [patient.pk]
