"""Charting, signing and amending: who may say what, and that what was signed stands."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from records import errors
from records.amending import amend, enter_in_error
from records.charting import chart, revise
from records.models import MedicalRecord
from records.signing import sign, verify_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


def test_a_draft_is_its_writers_own(draft: MedicalRecord, provider: Provider, patient: Patient) -> None:
    stored = MedicalRecord.objects.get()

    assert (stored.author, stored.patient, stored.status, stored.body) == (provider, patient, "preliminary", "Red.")
    assert stored.content_digest is None


def test_a_draft_is_of_now_unless_it_says_otherwise(patient: Patient, clinician: User) -> None:
    before = timezone.now()

    assert before <= chart(patient, by=clinician, record_type="problem", title="Asthma").effective_at <= timezone.now()


def test_an_account_without_a_provider_charts_only_for_another(
    patient: Patient, provider: Provider, administrator: User
) -> None:
    with pytest.raises(errors.NotAProvider, match="belongs to no provider"):
        chart(patient, by=administrator, record_type="problem", title="Asthma")
    assert chart(patient, by=administrator, author=provider, record_type="problem", title="Asthma").author == provider


def test_who_has_left_charts_no_more(patient: Patient, provider: Provider, clinician: User) -> None:
    provider.active_to = timezone.localdate() - timedelta(days=1)
    provider.save()

    with pytest.raises(errors.NotAProvider):
        chart(patient, by=clinician, record_type="problem", title="Asthma")


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        ({"record_type": "sud_counseling_note"}, RuleBroken, "is a Part 2 record"),
        ({"code": "J02.9"}, RuleBroken, "needs its code system"),
        ({"title": " "}, FieldsRefused, "title: This field cannot be blank"),
        ({"record_type": "poem"}, FieldsRefused, "record_type: This cannot be taken"),
    ],
)
def test_what_breaks_a_rule_is_said_in_a_sentence(
    patient: Patient, clinician: User, content: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        chart(patient, by=clinician, **{"record_type": "problem", "title": "Asthma", **content})


def test_a_draft_is_revised(draft: MedicalRecord, clinician: User) -> None:
    revised = revise(draft, by=clinician, body="Red and swollen.", structured={"temperature": 38.5})

    assert (revised.body, revised.structured, revised.version) == ("Red and swollen.", {"temperature": 38.5}, 2)


def test_of_two_who_revise_a_draft_the_second_is_told(draft: MedicalRecord, clinician: User) -> None:
    as_read = MedicalRecord.objects.get()
    revise(draft, by=clinician, body="Red and swollen.")

    with pytest.raises(RuleBroken, match="Somebody else changed this meanwhile"):
        revise(as_read, by=clinician, body="Pale.")
    with pytest.raises(RuleBroken, match="Somebody else changed this meanwhile"):
        sign(as_read, by=clinician)
    assert MedicalRecord.objects.get().body == "Red and swollen."


def test_signing_makes_a_draft_final(draft: MedicalRecord, clinician: User, provider: Provider) -> None:
    before = timezone.now()
    sign(draft, by=clinician)

    stored = MedicalRecord.objects.get()
    assert (stored.status, stored.signed_by, stored.attestation_mode) == ("final", provider, "professional")
    assert stored.signed_at is not None
    assert before <= stored.signed_at <= timezone.now()
    assert verify_content(stored)


def test_only_the_author_signs(draft: MedicalRecord, colleague: User) -> None:
    with pytest.raises(errors.NotTheAuthor, match="signed by its author"):
        sign(draft, by=colleague)


@pytest.mark.parametrize("said", [{"body": ""}, {"body": " ", "structured": {}}])
def test_nothing_is_not_signed(draft: MedicalRecord, clinician: User, said: dict[str, Any]) -> None:
    empty = revise(draft, by=clinician, **said)

    with pytest.raises(errors.NothingToSign, match="neither text nor measurements"):
        sign(empty, by=clinician)


def test_measurements_alone_are_enough(draft: MedicalRecord, clinician: User) -> None:
    assert sign(revise(draft, by=clinician, body="", structured={"pulse": 61}), by=clinician).status == "final"


def test_what_was_signed_is_neither_revised_nor_signed_again(signed: MedicalRecord, clinician: User) -> None:
    with pytest.raises(errors.AlreadySigned, match="Amend it with a new one"):
        revise(signed, by=clinician, body="Pale.")
    with pytest.raises(errors.AlreadySigned):
        sign(signed, by=clinician)


def test_the_digest_is_made_as_it_is_described(signed: MedicalRecord, clinician: User, provider: Provider) -> None:
    """Put together by hand, from records/signing.py."""
    values = [
        *(str(signed.uid), str(signed.patient.uid), str(provider.uid), None, None),
        *("progress_note", "Sore throat", "Red.", None, None, None, None),
        "2024-05-06T12:00:00.000000+00:00",
        f"{signed.signed_at:%Y-%m-%dT%H:%M:%S.%f}+00:00",
        *(str(provider.uid), "professional"),
    ]
    form = b"webqx medical record 1"
    for value in values:
        form += b"\xff" * 4 if value is None else len(value).to_bytes(4, "big") + value.encode()

    assert signed.content_digest == hashlib.sha256(form).digest()


@pytest.mark.parametrize(
    "written",
    [{"b": 1, "a": [1e22, 0.1, -0.0, 1e-7, 12345678901234567890]}, {"ü": "Fieber 38 °C", "z": None}, {"a": [1.50]}],
)
def test_measurements_verify_after_their_way_through_the_database(
    draft: MedicalRecord, clinician: User, written: object
) -> None:
    sign(revise(draft, by=clinician, structured=written), by=clinician)

    assert verify_content(MedicalRecord.objects.get())


@pytest.mark.parametrize(
    "change",
    [
        "title = 'Sore throa', body = 'tRed.'",
        "body = 'Red. '",
        "structured = '{}'",
        "effective_at = effective_at + interval '1 microsecond'",
        "signed_at = signed_at - interval '1 day'",
        "attestation_mode = 'legal'",
        "record_type = 'consult'",
        "code_system = 'http://loinc.org', code = '8310-5'",
        "code_display = 'Asthma'",
        "uid = gen_random_uuid()",
    ],
)
def test_what_somebody_changed_past_the_triggers_is_found_out(signed: MedicalRecord, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE medical_records DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE medical_records SET {change}")

    assert not verify_content(MedicalRecord.objects.get())


def test_labels_may_change_after_the_signature(signed: MedicalRecord) -> None:
    signed.confidentiality, signed.sensitivity = "R", ["HIV"]
    signed.save()

    assert verify_content(MedicalRecord.objects.get())


def test_a_draft_has_nothing_to_verify(draft: MedicalRecord) -> None:
    with pytest.raises(errors.NotSigned, match="has not been signed"):
        verify_content(draft)


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        (lambda row, by: chart(row.patient, by=by, record_type="problem", title="Asthma"), "add_medicalrecord"),
        (revise, "change_medicalrecord"),
        (sign, "sign_medicalrecord"),
        (amend, "amend_medicalrecord"),
        (enter_in_error, "amend_medicalrecord"),
    ],
)
def test_each_step_needs_its_permission(draft: MedicalRecord, verb: Callable[..., Any], permission: str) -> None:
    with pytest.raises(AccessDenied, match=permission):
        verb(draft, by=User.objects.create_user("desk@clinic.example"))
