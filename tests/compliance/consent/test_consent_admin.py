"""Consents in the admin: typed in, shown in words, confirmed, and recorded by the capabilities and nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.models import ConsentRecord
from patients.models import Patient
from tests.compliance.consent.typing_in import ADD, authorization, confirmed, of, said, typed
from tests.compliance.screens import page

if TYPE_CHECKING:
    from django.test import Client

    from appointments.models import Encounter
    from tests.compliance.consent.conftest import Gives


@pytest.fixture
def minor(db: None) -> Patient:
    """Fourteen years old today."""
    today = timezone.localdate()
    return Patient.objects.create(
        mrn="A-2001",
        assigning_authority="Example Clinic",
        family_name="Youngblood",
        birth_date=date(today.year - 14, 1, 1),
        administrative_gender="unknown",
    )


def test_nothing_is_recorded_before_it_was_shown_and_confirmed(officer: Client, patient: Patient) -> None:
    sent = typed(patient, {"sensitivity_labels": ["HIV"]}, **authorization())
    shown = officer.post(ADD, sent)

    assert of(patient) == []
    text = shown.content.decode()
    assert "Permits: Research; by Example Clinic; to Example University and Example Registry" in text
    assert "Exception 1 denies: all of its purposes; of HIV or AIDS." in text
    changes = {what: (was, becomes) for what, was, becomes in shown.context["confirm"].changes}
    assert changes["Research"][0].startswith("no authorization, so denied (45 CFR 164.508(a)(1)")
    assert changes["Research"][1].startswith("permitted since")
    assert changes["Research, HIV or AIDS"][1].startswith("refused by an exception since")

    answer = officer.post(ADD, {**sent, "confirmed": shown.context["confirm"].digest})
    assert answer.url == page(ConsentRecord, "of", patient.pk)
    assert of(patient) == [("research", "active", 1)]
    assert ConsentRecord.objects.get().provisions.get().decision == "deny"


def test_what_is_confirmed_is_what_was_shown(officer: Client, patient: Patient) -> None:
    digest = officer.post(ADD, typed(patient)).context["confirm"].digest

    again = officer.post(ADD, typed(patient, purposes=["TREAT", "HPAYMT"], confirmed=digest))

    assert again.context["confirm"].digest != digest
    assert of(patient) == []


def test_a_draft_lacks_what_it_likes_and_is_signed_by_a_version_that_follows(officer: Client, patient: Patient) -> None:
    confirmed(officer, typed(patient, consent_type="research", purposes=["HRESCH"], step="draft"))
    assert of(patient) == [("research", "draft", 1)]

    follows = f"{ADD}?supersedes={ConsentRecord.objects.get().pk}"
    unsigned = officer.post(follows, typed(None, purposes=["HRESCH"]))
    assert any("An authorization holds once it says what is disclosed" in one for one in said(unsigned.context))

    facts = {name: value for name, value in authorization().items() if name != "consent_type"}
    confirmed(officer, typed(None, {"sensitivity_labels": ["HIV"]}, **facts), follows)
    assert of(patient) == [("research", "draft", 1), ("research", "active", 2)]
    assert ConsentRecord.objects.newest().get().provisions.get().sensitivity_labels == ["HIV"]


def test_a_revision_begins_with_what_was_said_and_takes_its_place(
    officer: Client, patient: Patient, gives: Gives
) -> None:
    consent = gives(exceptions=[{"decision": "deny", "sensitivity_labels": ["HIV"]}])
    follows = f"{ADD}?supersedes={consent.pk}"
    form = officer.get(follows).context

    assert form["adminform"].form["recipients"].value() == "The registry of sore throats"
    assert form["inline_admin_formsets"][0].formset.forms[0]["sensitivity_labels"].value() == ["HIV"]
    assert "patient" not in form["adminform"].form.fields

    facts = {name: value for name, value in authorization().items() if name != "consent_type"}
    confirmed(officer, typed(None, **facts), follows)
    newest = ConsentRecord.objects.newest().get()
    assert (newest.version_no, newest.consent_uid) == (2, consent.consent_uid)
    assert newest.recipients == ["Example University", "Example Registry"]
    assert newest.provisions.count() == 0


def test_of_two_who_revise_one_version_the_second_is_told(officer: Client, gives: Gives) -> None:
    consent = gives()
    follows = f"{ADD}?supersedes={consent.pk}"
    facts = {name: value for name, value in authorization().items() if name != "consent_type"}
    confirmed(officer, typed(None, **facts), follows)

    second = officer.post(follows, typed(None, **facts))

    assert said(second.context) == ["Somebody else has changed this consent meanwhile. Look at it as it is now."]


def test_a_restriction_is_agreed_to(officer: Client, patient: Patient) -> None:
    sent = typed(
        patient,
        {"purposes": ["HPAYMT"], "roles": ["billing"]},
        consent_type="restriction",
        decision="deny",
        purposes=["HPAYMT"],
        sensitivity_labels=["HIV"],
    )
    confirmed(officer, sent)

    restriction = ConsentRecord.objects.get()
    assert (restriction.decision, restriction.status) == ("deny", "active")
    assert restriction.provisions.get().decision == "permit"


def test_a_visit_that_was_paid_for_is_named_by_its_number_and_is_the_patients(
    officer: Client, patient: Patient, other_patient: Patient, encounter: Encounter
) -> None:
    paid = {"consent_type": "restriction", "decision": "deny", "purposes": ["HPAYMT"], "self_paid": "on"}
    foreign = officer.post(ADD, typed(other_patient, **paid, visit=encounter.pk))
    assert said(foreign.context) == ["The visit is another patient's."]

    confirmed(officer, typed(patient, **paid, visit=encounter.pk))
    assert ConsentRecord.objects.get().encounter_id == encounter.pk


def yesterday() -> dict[str, str]:
    over = timezone.now() - timedelta(days=1)
    return {"ends_at_0": f"{over:%Y-%m-%d}", "ends_at_1": f"{over:%H:%M}"}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"grantor_kind": "representative", "grantor_name": "Basil Quillfeather"},
            "A representative has a name and an authority to act; the patient needs neither.",
        ),
        (
            {"grantor_kind": "representative", "grantor_name": "B. Q.", "representative_authority": "parent"},
            "The patient is of age: a parent does not speak for them any more.",
        ),
        (
            {"starts_at_0": "2024-01-01", "starts_at_1": "00:00", **yesterday()},
            "The period of this consent is over: it cannot begin to hold any more.",
        ),
        ({"sensitivity_labels": ["FLU"]}, "Select a valid choice. FLU is not one of the available choices."),
        ({"purposes": ["FUN"]}, "Select a valid choice. FUN is not one of the available choices."),
        ({"purposes": []}, "A consent that holds says from when, and for what purposes."),
        (
            {"consent_type": "restriction", "decision": "deny", "purposes": ["PATRQT"]},
            "A patient's access to their own record is a right, which no consent takes away.",
        ),
    ],
    ids=["no authority", "parent of an adult", "over", "label", "purpose", "no purpose", "own access"],
)
def test_what_cannot_be_is_refused_in_a_sentence_with_all_that_was_typed(
    officer: Client, patient: Patient, facts: dict[str, Any], sentence: str
) -> None:
    answer = officer.post(ADD, typed(patient, witness="Nurse Ottilie", **facts))

    assert sentence in said(answer.context)
    assert answer.context["adminform"].form["witness"].value() == "Nurse Ottilie"
    assert of(patient) == []


def test_two_of_one_kind_do_not_hold_at_once(officer: Client, patient: Patient) -> None:
    confirmed(officer, typed(patient))

    second = officer.post(ADD, typed(patient))

    assert any("There is a consent of this kind" in one for one in said(second.context))
    assert len(of(patient)) == 1


def test_an_exception_beyond_its_consent_is_refused(officer: Client, patient: Patient) -> None:
    answer = officer.post(ADD, typed(patient, {"purposes": ["HMARKT"]}))

    assert any("An exception is about what its consent is about" in one for one in said(answer.context))
    assert of(patient) == []


def test_a_minor_decides_alone_about_some_and_is_told_about_the_rest(officer: Client, minor: Patient) -> None:
    told = officer.get(ADD, {"patient": minor.pk}).content.decode()
    assert "The patient is a minor (14): a parent, a guardian or a court gives consents for them" in told
    assert "they decide alone, and a parent does not: 45 CFR 164.502(g)(3)(i); state law." in told

    refused = officer.post(ADD, typed(minor))
    (sentence,) = said(refused.context)
    assert sentence.startswith("The patient is a minor, who does not decide about all of this alone.")
    confirmed(officer, typed(minor, sensitivity_labels=["STD"]))
    shown = officer.get(page(ConsentRecord, "change", ConsentRecord.objects.get().pk)).content.decode()
    assert "Confidential to the minor, who gave this alone" in shown


def test_a_parent_gives_for_a_minor_and_that_is_no_secret(officer: Client, minor: Patient) -> None:
    parent = {"grantor_kind": "representative", "grantor_name": "B. Q.", "representative_authority": "parent"}
    assert any(
        "a patient of this age decides alone, and not a parent" in one
        for one in said(officer.post(ADD, typed(minor, sensitivity_labels=["STD"], **parent)).context)
    )

    confirmed(officer, typed(minor, **parent))

    shown = officer.get(page(ConsentRecord, "change", ConsentRecord.objects.get().pk)).content.decode()
    assert "Confidential to the minor" not in shown
