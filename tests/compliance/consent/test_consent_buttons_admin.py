"""The buttons on the page of a consent, and who may press them."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from compliance.models import CareRelationship, ConsentRecord, User
from patients.models import Patient
from tests.compliance.consent.typing_in import ADD, DIALOG, confirmed, of, pressed, said, typed
from tests.compliance.screens import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.compliance.consent.conftest import Gives


@pytest.mark.parametrize(
    ("button", "answers", "status"),
    [
        ("withdraw", {"channel": "letter"}, "inactive"),
        ("verify", {}, "active"),
        ("mistaken", {}, "entered-in-error"),
    ],
)
def test_a_button_asks_first_and_leads_to_the_version_that_it_made(
    officer: Client, gives: Gives, button: str, answers: dict[str, Any], status: str
) -> None:
    consent = gives()
    officer.get(page(ConsentRecord, button, consent.pk))
    assert ConsentRecord.objects.count() == 1

    answer = pressed(officer, consent, button, **answers)

    newest = ConsentRecord.objects.newest().get()
    assert (newest.version_no, newest.status) == (2, status)
    assert (newest.verified_at is not None) is (button == "verify")
    assert answer.headers["HX-Redirect"] == page(ConsentRecord, "change", newest.pk)


def test_a_draft_is_declined(officer: Client, patient: Patient) -> None:
    confirmed(officer, typed(patient, step="draft"))

    pressed(officer, ConsentRecord.objects.get(), "decline")

    assert of(patient) == [("treatment", "draft", 1), ("treatment", "not-done", 2)]


def test_an_authorization_is_not_revoked_by_word_of_mouth(officer: Client, gives: Gives) -> None:
    consent = gives()

    pressed(officer, consent, "withdraw", channel="verbal")

    shown = officer.get(page(ConsentRecord, "change", consent.pk)).content.decode()
    assert "An authorization is revoked in writing." in shown
    assert ConsentRecord.objects.count() == 1


def test_buttons_stand_on_the_version_that_stands(officer: Client, gives: Gives) -> None:
    consent = gives()
    pressed(officer, consent, "withdraw", channel="letter")

    for version in ConsentRecord.objects.all():
        text = officer.get(page(ConsentRecord, "change", version.pk)).content.decode()
        assert page(ConsentRecord, "withdraw", version.pk) not in text
        assert page(ConsentRecord, "compare", version.pk) in text
    assert "Version 2 is in its place" in officer.get(page(ConsentRecord, "change", consent.pk)).content.decode()


def test_the_digest_of_a_document_is_recorded_once_confirmed_and_tells_another_one(
    officer: Client, gives: Gives
) -> None:
    consent = gives()

    def sent(content: bytes, **facts: str) -> Any:
        document = SimpleUploadedFile("signed.pdf", content)
        standing = ConsentRecord.objects.newest().get()
        return officer.post(page(ConsentRecord, "document", standing.pk), {"document": document, **facts}, follow=True)

    assert "Nothing is recorded yet." in sent(b"signed", attach="1").content.decode()
    assert ConsentRecord.objects.count() == 1
    sent(b"signed", attach="1", confirmed="on", reference="Archive 7")
    newest = ConsentRecord.objects.newest().get()
    assert (newest.supersedes, newest.document_reference) == (consent, "Archive 7")
    assert "This is the document that was recorded" in sent(b"signed", compare="1").content.decode()
    assert "This is not the document that was recorded" in sent(b"another", compare="1").content.decode()


# Who may


@pytest.fixture
def as_role(client: Client, patient: Patient) -> Callable[[str], Client]:
    """Logs in somebody of a role, with the patient in care."""

    def logged_in(role: str) -> Client:
        user = User.objects.create_user(f"{role}@walk.example", role=role, is_staff=True)
        CareRelationship.objects.create(patient=patient, user=user, starts_at=timezone.now() - timedelta(days=1))
        client.force_login(user)
        return client

    return logged_in


def test_who_may_not_restrict_is_not_offered_it_and_refused(as_role: Callable[[str], Client], patient: Patient) -> None:
    nurse = as_role("nurse")
    offered = nurse.get(ADD, {"patient": patient.pk}).context["adminform"].form.fields["consent_type"].choices
    assert "restriction" not in dict(offered)

    answer = nurse.post(ADD, typed(patient, consent_type="restriction", decision="deny"))

    assert said(answer.context) == ["Select a valid choice. restriction is not one of the available choices."]
    assert of(patient) == []


def test_who_treats_gives_for_those_in_care_and_for_nobody_else(
    as_role: Callable[[str], Client], patient: Patient, other_patient: Patient
) -> None:
    nurse = as_role("nurse")

    outside = nurse.post(ADD, typed(other_patient))
    confirmed(nurse, typed(patient))

    assert said(outside.context) == ["Select a valid choice. That choice is not one of the available choices."]
    assert of(other_patient) == []
    assert of(patient) == [("treatment", "active", 1)]


def test_a_restriction_is_not_lifted_by_who_may_not_agree_to_one(
    as_role: Callable[[str], Client], patient: Patient, restricts: Gives
) -> None:
    restriction = restricts(purposes=["HPAYMT"])
    nurse = as_role("nurse")

    pressed(nurse, restriction, "mistaken")
    revised = nurse.post(f"{ADD}?supersedes={restriction.pk}", typed(None, purposes=["HMARKT"]))

    assert said(revised.context) == ["This account does not have the permission compliance.restrict_consentrecord."]
    assert of(patient) == [("restriction", "active", 1)]


def test_a_patient_reads_and_records_nothing(client: Client, patient: Patient, gives: Gives) -> None:
    consent = gives()
    user = User.objects.create_user("own@walk.example", role="patient", is_staff=True)
    Patient.objects.filter(pk=patient.pk).update(user=user)
    client.force_login(user)

    assert client.get(page(ConsentRecord, "of", patient.pk)).status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(page(ConsentRecord, "withdraw", consent.pk), {**DIALOG, "channel": "letter"}).status_code == 403
    document = {"document": io.BytesIO(b"signed"), "attach": "1", "confirmed": "on"}
    refused = client.post(page(ConsentRecord, "document", consent.pk), document)
    assert "does not have the permission compliance.give_consentrecord" in refused.content.decode()
    assert ConsentRecord.objects.count() == 1
