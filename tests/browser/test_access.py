"""The admin as roles see it: the menu, what is withheld, the role matrix and the signature under who holds what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from playwright.sync_api import expect

from tests.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from patients.models import Patient

# Models load after the settings.
# ruff: noqa: PLC0415


def log_in(chromium: Browser, served: str, role: str) -> Page:
    from compliance.models import User

    email = f"{role}@clinic.example"
    User.objects.create_user(email, PASSWORD, role=role, is_staff=True)
    window = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 900}).new_page()
    window.set_default_timeout(15_000)
    window.goto("/admin/")
    window.get_by_label("E-mail address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Log in").click()
    window.wait_for_url("**/admin/")
    return window


def test_a_physician_sees_the_patients_in_care_and_that_there_are_others(
    chromium: Browser, served: str, patient: Patient, other_patient: Patient
) -> None:
    from compliance.models import CareRelationship, User

    window = log_in(chromium, served, "physician")
    expect(window.get_by_role("link", name="Insurance", exact=True)).to_have_count(0)
    physician = User.objects.get(role="physician")
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=timezone.now() - timedelta(days=1))

    window.goto("/admin/patients/patient/")

    expect(window.get_by_text("Quillfeather")).to_be_visible()
    expect(window.get_by_text("Brackenbury")).to_have_count(0)
    expect(window.get_by_text("Your role does not show you everything")).to_be_visible()


def test_the_front_desk_fills_in_what_it_is_shown(chromium: Browser, served: str, patient: Patient) -> None:
    window = log_in(chromium, served, "front_desk")

    window.goto(f"/admin/patients/patient/{patient.pk}/change/")

    expect(window.get_by_label("Social security number")).to_be_visible()
    expect(window.get_by_label("Watched")).to_have_count(0)


def test_a_compliance_officer_reads_the_matrix_and_signs(chromium: Browser, served: str) -> None:
    window = log_in(chromium, served, "compliance_officer")

    window.goto("/admin/compliance/accessrule/matrix/")
    expect(window.get_by_role("heading", name="Physician (physician)")).to_be_visible()

    window.goto("/admin/compliance/accessreview/present/")
    expect(window.get_by_role("cell", name="compliance_officer@clinic.example")).to_be_visible()
    window.get_by_role("button", name="Sign that this is right").click()
    expect(window.get_by_text("It is signed that access is held rightly.")).to_be_visible()
