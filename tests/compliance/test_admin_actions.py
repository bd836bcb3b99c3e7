"""The admin's buttons ask first, call the capability, and show its sentence when it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from compliance.audit.recording import digest
from compliance.models import AuditLog
from patients.models import Patient
from tests.compliance.screens import page, typed

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

    from appointments.models import Appointment
    from compliance.models import User
    from patients.models import InsuranceInfo
    from records.models import MedicalRecord, Prescription


def button(row: Model, verb: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}", args=[row.pk])


def press(inside: Client, row: Model, verb: str, **answers: str) -> str:
    """Answer a dialog with yes, and return what is said after it."""
    answer: Any = inside.post(button(row, verb), {"_form_submitted": "on", **answers})
    assert answer.headers["HX-Redirect"], answer.content
    return [str(message) for message in get_messages(answer.wsgi_request)][-1]


def test_every_button_asks_for_a_permission_that_there_is(db: None) -> None:
    known = {
        f"{one.content_type.app_label}.{one.codename}" for one in Permission.objects.select_related("content_type")
    }
    asked = {
        permission
        for shown_by in admin.site._registry.values()
        for kind in ("detail", "row", "submit_line")
        for button in getattr(shown_by, f"_get_base_actions_{kind}", list)()
        for permission in button.method.allowed_permissions
    }

    assert len(asked) >= 6
    assert asked <= known


@pytest.mark.parametrize("verb", ["arrive", "check_in", "start", "mark_no_show", "cancel"])
def test_following_the_link_of_a_button_only_asks(inside: Client, appointment: Appointment, verb: str) -> None:
    assert inside.get(button(appointment, verb)).status_code == 200

    appointment.refresh_from_db()
    assert appointment.status == "booked"


def test_a_visit_is_followed_from_the_door_to_the_room(inside: Client, appointment: Appointment) -> None:
    assert press(inside, appointment, "arrive") == "The patient has arrived."
    assert press(inside, appointment, "check_in") == "The patient is checked in."
    appointment.refresh_from_db()
    assert appointment.status == "checked-in"
    press(inside, appointment, "start")
    appointment.refresh_from_db()
    assert appointment.status == "fulfilled"


def test_an_appointment_is_cancelled_with_its_reason(inside: Client, appointment: Appointment) -> None:
    missing = inside.post(button(appointment, "cancel"), {"_form_submitted": "on"})
    assert "This field is required." in missing.content.decode()

    press(inside, appointment, "cancel", reason="pat-mv", note="")

    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancellation_reason, appointment.cancellation_note) == (
        "cancelled",
        "pat-mv",
        None,
    )


def test_what_a_capability_refuses_is_said_and_changes_nothing(inside: Client, appointment: Appointment) -> None:
    press(inside, appointment, "cancel", reason="pat-mv")

    assert "cancelled" in press(inside, appointment, "check_in")

    appointment.refresh_from_db()
    assert appointment.status == "cancelled"


def test_a_button_without_its_permission_does_nothing(
    client: Client, appointment: Appointment, django_user_model: Any
) -> None:
    client.force_login(django_user_model.objects.create_user("clerk@clinic.example", role="service", is_staff=True))

    assert client.post(button(appointment, "arrive"), {"_form_submitted": "on"}).status_code == 403
    appointment.refresh_from_db()
    assert appointment.status == "booked"


def test_a_patient_is_merged_by_record_number_and_unmerged(inside: Client, patient: Patient) -> None:
    twin = Patient.objects.create(
        mrn="B-7",
        assigning_authority="Example Clinic",
        family_name="Quillfether",
        birth_date=patient.birth_date,
        administrative_gender="female",
    )

    press(inside, twin, "merge", survivor="A-1001")
    twin.refresh_from_db()
    assert twin.merged_into == patient

    press(inside, twin, "unmerge")
    twin.refresh_from_db()
    assert twin.merged_into is None
    unknown = inside.post(button(twin, "merge"), {"_form_submitted": "on", "survivor": "Z-9"})
    assert "No record, or records of several authorities, have this number." in unknown.content.decode()


@pytest.mark.parametrize("number", ["A-1001", "Z-9"])
def test_the_record_to_merge_into_is_looked_up_with_an_entry(
    inside: Client, patient: Patient, other_patient: Patient, administrator: User, number: str
) -> None:
    inside.post(button(other_patient, "merge"), {"_form_submitted": "on", "survivor": number})

    entry = AuditLog.objects.get(event_type="query", table_name="patients")
    found = [patient.pk] if number == patient.mrn else None
    assert (entry.actor_id, entry.patient_ids, entry.query_digest) == (administrator.pk, found, digest(number.lower()))


def test_a_look_up_that_cannot_be_recorded_is_refused(inside: Client, patient: Patient, other_patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs ADD CONSTRAINT none CHECK (event_type <> 'query') NOT VALID")

    answer = inside.post(button(other_patient, "merge"), {"_form_submitted": "on", "survivor": patient.mrn})

    assert answer.status_code == 503


def test_insurance_is_confirmed_by_who_asked(inside: Client, insurance: InsuranceInfo) -> None:
    assert press(inside, insurance, "verify") == "It is written down that the payer confirmed it."

    insurance.refresh_from_db()
    assert str(insurance.verified_by_id) == inside.session["_auth_user_id"]


def test_a_record_is_signed_as_it_stands_on_the_page(
    inside: Client, record: MedicalRecord, administrator: User
) -> None:
    path = page(type(record), "change", record.pk)
    sent = typed(inside.get(path)) | {"body": "Red, without fever."}
    sign = f"{record._meta.app_label}_{record._meta.model_name}_sign"

    refused: Any = inside.post(path, {**sent, sign: "1"})
    assert refused.status_code == 200  # who is no provider signs nothing, and nothing is saved
    assert "Red, without fever." in refused.content.decode()
    record.refresh_from_db()
    assert (record.body, record.status) == ("", "preliminary")

    record.author.user = administrator
    record.author.save()
    assert inside.post(path, {**sent, sign: "1"}).status_code == 302
    record.refresh_from_db()
    assert (record.body, record.status) == ("Red, without fever.", "final")


def test_a_draft_that_was_not_signed_is_not_stopped(inside: Client, prescription: Prescription) -> None:
    said = press(inside, prescription, "discontinue", reason="salg")

    assert "draft" in said.lower()
    prescription.refresh_from_db()
    assert prescription.status == "draft"
