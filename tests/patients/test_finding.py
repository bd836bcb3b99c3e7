"""The screens from which a patient is found and, in an emergency, the chart is opened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from compliance.models import AuditLog, BreakGlassGrant, User
from patients.models import Patient
from tests.compliance.accounts.devices import enrol, token_of
from tests.compliance.screens import page
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
REASON = "Found unconscious, no relatives here"


@pytest.fixture
def ward(client: Client, physician: User, reviewer: User) -> Client:
    """A browser in which the physician has logged in."""
    client.force_login(physician)
    return client


def find(ward: Client, **typed: str) -> Any:
    return ward.post(reverse("admin:patients_patient_locate"), typed)


def note_of(answer: Any) -> str:
    """The signed note of the only one who was found."""
    ((_, located),) = answer.context["rows"]
    return str(located)


def emergency(ward: Client, located: str, **typed: str) -> Any:
    answers = {"reason": REASON, "minutes": "60", "password": PASSWORD, **typed} if typed != {"ask": ""} else {}
    return ward.post(reverse("admin:patients_patient_emergency"), {"located": located, **answers})


def test_the_locator_shows_who_it_is_and_nothing_else(ward: Client, patient: Patient) -> None:
    patient.ssn, patient.city, patient.phone = "123-45-6789", "Farhaven", "555-0100"
    patient.save()

    shown = find(ward, family_name="quill", birth_date="1980-02-29")

    text = shown.content.decode()
    assert "Quillfeather, Marigold, born 1980-02-29, MRN A-1001" in " ".join(text.split())
    assert "Open in an emergency" in text
    for other in ("Farhaven", "555-0100", "123-45-6789", "female"):
        assert other not in text
    assert AuditLog.objects.filter(event_type="query").latest().patient_ids == [patient.pk]


def test_a_name_in_the_url_finds_nobody(ward: Client, patient: Patient) -> None:
    shown = ward.get(reverse("admin:patients_patient_locate"), {"family_name": "quill", "birth_date": "1980-02-29"})

    assert "Quill" not in shown.content.decode()
    assert not AuditLog.objects.filter(event_type="query").exists()


def test_too_little_is_answered_with_what_is_needed(ward: Client, patient: Patient) -> None:
    assert "a name or a day alone is not enough" in find(ward, family_name="quill").content.decode()
    assert "Enter a valid date" in find(ward, family_name="quill", birth_date="soon").content.decode()


def test_from_the_locator_to_the_chart(ward: Client, patient: Patient, physician: User) -> None:
    chart = page(Patient, "change", patient.pk)
    assert ward.get(chart).status_code == 302
    located = note_of(find(ward, mrn="A-1001"))
    assert "Quillfeather, Marigold" in emergency(ward, located, ask="").content.decode()

    opened = emergency(ward, located, minutes="30")

    assert (opened.status_code, opened.url) == (302, chart)
    grant = BreakGlassGrant.objects.get()
    assert (grant.user, grant.reason) == (physician, REASON)
    assert grant.ends_at - grant.opened_at == timedelta(minutes=30)
    assert "Quillfeather" in ward.get(chart).content.decode()
    assert "Open the chart" in find(ward, mrn="A-1001").content.decode()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"password": "a guess"}, "not right"),
        ({"password": ""}, "required"),
        ({"reason": "urgent"}, "few words"),
        ({"minutes": "300"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_opens_nothing(
    ward: Client, patient: Patient, typed: dict[str, str], complaint: str
) -> None:
    answer = emergency(ward, note_of(find(ward, mrn="A-1001")), **typed)

    assert answer.status_code == 200
    assert complaint in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not BreakGlassGrant.objects.exists()


def test_the_token_is_asked_for_where_the_second_factor_is_on(
    client: Client, patient: Patient, physician: User, reviewer: User, settings: SettingsWrapper
) -> None:
    device = enrol(physician)
    client.force_login(physician)
    located = note_of(find(client, mrn="A-1001"))
    settings.SECOND_FACTOR = True
    session = client.session
    session["otp_device_id"] = device.persistent_id
    session.save()

    assert "required" in emergency(client, located).content.decode()
    assert emergency(client, located, token=token_of(device)).status_code == 302


def test_who_has_just_shown_who_they_are_is_not_asked_again(
    ward: Client, patient: Patient, other_patient: Patient
) -> None:
    emergency(ward, note_of(find(ward, mrn="A-1001")))
    located = note_of(find(ward, mrn="A-1002"))

    assert "Your password" not in emergency(ward, located, ask="").content.decode()
    assert emergency(ward, located, password="").status_code == 302


@pytest.mark.parametrize("located", ["", "1", "1:2:3", "x" * 5000])
def test_a_chart_that_was_not_found_first_is_not_opened(ward: Client, patient: Patient, located: str) -> None:
    answer = emergency(ward, located)

    assert (answer.status_code, answer.url) == (302, reverse("admin:patients_patient_locate"))
    assert not BreakGlassGrant.objects.exists()


def test_what_another_found_opens_nothing(ward: Client, client: Client, patient: Patient) -> None:
    located = note_of(find(ward, mrn="A-1001"))
    client.force_login(User.objects.create_user("other@clinic.example", PASSWORD, role="nurse", is_staff=True))

    assert emergency(client, located).status_code == 302
    assert not BreakGlassGrant.objects.exists()


def test_the_address_of_the_emergency_leads_to_the_locator(ward: Client) -> None:
    answer: Any = ward.get(reverse("admin:patients_patient_emergency"))

    assert (answer.status_code, answer.url) == (302, reverse("admin:patients_patient_locate"))


def test_who_may_find_but_not_break_the_glass_is_offered_no_more(client: Client, patient: Patient) -> None:
    client.force_login(User.objects.create_user("bill@clinic.example", PASSWORD, role="billing", is_staff=True))

    shown = find(client, mrn="A-1001")

    assert "Open in an emergency" not in shown.content.decode()
    assert emergency(client, note_of(shown)).status_code == 403
    assert not BreakGlassGrant.objects.exists()


def test_who_may_not_find_patients_is_refused(client: Client) -> None:
    client.force_login(User.objects.create_user("audit@clinic.example", PASSWORD, role="auditor", is_staff=True))

    assert find(client, mrn="A-1001").status_code == 403


def test_a_chart_out_of_reach_and_one_that_does_not_exist_are_answered_alike(ward: Client, patient: Patient) -> None:
    answers: list[Any] = [ward.get(page(Patient, "change", key), follow=True) for key in (patient.pk, 10**12)]

    assert {tuple(answer.redirect_chain) for answer in answers} == {((reverse("admin:patients_patient_locate"), 302),)}
    there, nowhere = ([str(one) for one in answer.context["messages"]] for answer in answers)
    assert there == nowhere
    assert "withheld" in there[-1]
    assert AuditLog.objects.filter(event_type="denied").count() == 2


def test_a_chart_whose_time_is_over_is_withheld_again(ward: Client, patient: Patient, physician: User) -> None:
    emergency(ward, note_of(find(ward, mrn="A-1001")))
    chart = page(Patient, "change", patient.pk)
    assert ward.get(chart).status_code == 200

    BreakGlassGrant.objects.update(closed_at=BreakGlassGrant.objects.get().opened_at)

    assert ward.get(chart).status_code == 302
