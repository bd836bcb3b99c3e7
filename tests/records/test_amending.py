"""Correcting what was signed: a new record stands in the place of another, or a record was a mistake as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from compliance.errors import RuleBroken
from records import errors
from records.amending import amend, enter_in_error
from records.charting import chart, revise
from records.models import MedicalRecord
from records.signing import sign, verify_content

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Patient

pytestmark = pytest.mark.django_db


def test_an_amendment_stands_once_it_is_signed(signed: MedicalRecord, colleague: User) -> None:
    signed.sensitivity = ["STD"]
    signed.save()

    draft = amend(signed, by=colleague, body="Red and swollen.")
    assert (draft.status, draft.amends, draft.title, draft.sensitivity) == (
        "preliminary",
        signed,
        "Sore throat",
        ["STD"],
    )
    assert list(MedicalRecord.objects.standing().exclude(status="preliminary")) == [signed]
    amendment = sign(draft, by=colleague)
    assert amendment.status == "amended"
    assert list(MedicalRecord.objects.standing()) == [amendment]
    assert verify_content(MedicalRecord.objects.get(pk=amendment.pk))
    assert MedicalRecord.objects.get(pk=signed.pk).body == "Red."


def test_a_draft_is_not_amended(draft: MedicalRecord, clinician: User) -> None:
    with pytest.raises(errors.NotSigned, match="change the draft itself"):
        amend(draft, by=clinician)


def test_a_record_has_one_amendment_at_a_time(signed: MedicalRecord, clinician: User) -> None:
    draft = amend(signed, by=clinician)
    with pytest.raises(errors.AlreadyAmended, match="finish that draft"):
        amend(signed, by=clinician)
    amendment = sign(draft, by=clinician)
    with pytest.raises(errors.AlreadyAmended, match="amend the amendment"):
        amend(signed, by=clinician)
    assert amend(amendment, by=clinician).amends == amendment


def test_after_a_mistaken_amendment_the_record_stands_again_and_is_amended_anew(
    signed: MedicalRecord, clinician: User
) -> None:
    mistaken = sign(amend(signed, by=clinician, body="Of another patient."), by=clinician)

    assert enter_in_error(mistaken, by=clinician).status == "entered-in-error"
    assert list(MedicalRecord.objects.standing()) == [signed]
    assert amend(signed, by=clinician).amends == signed


def test_of_a_mistake_nothing_more_becomes(draft: MedicalRecord, clinician: User) -> None:
    enter_in_error(draft, by=clinician)

    for verb in (revise, sign, amend, enter_in_error):
        with pytest.raises(errors.InError, match="entered in error"):
            verb(draft, by=clinician)  # type: ignore[operator]


def test_the_record_of_a_merged_patient_is_still_amended_but_gets_nothing_new(
    signed: MedicalRecord, patient: Patient, clinician: User
) -> None:
    survivor = type(patient).objects.get()
    survivor.pk, survivor._state.adding = None, True
    survivor.uid, survivor.mrn = type(patient)().uid, "A-1002"
    survivor.save()
    patient.merged_into, patient.merged_at = survivor, timezone.now()
    patient.save()

    assert sign(amend(signed, by=clinician), by=clinician).status == "amended"
    with pytest.raises(RuleBroken, match="use the one that goes on"):
        chart(patient, by=clinician, record_type="problem", title="Asthma")
