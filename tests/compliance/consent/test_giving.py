"""What a patient said is written down, changed by new versions, and ended: by whom, and from when on it holds."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from compliance.consent.deciding import decide
from compliance.consent.errors import (
    ConsentChanged,
    ConsentOver,
    DocumentDiffers,
    NotADraft,
    RepresentativeNeeded,
    RepresentativeRefused,
    UnfitPatient,
    VerifiedAlready,
)
from compliance.consent.giving import activate, decline, draft, give, mark_entered_in_error, revise
from compliance.consent.restricting import restrict, restrict_self_paid
from compliance.consent.verifying import attach_document, compare_document, verify
from compliance.consent.withdrawing import withdraw
from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import AuditLog, CareRelationship, ConsentEffect, ConsentRecord, User
from patients.models import Patient
from tests.compliance.consent.conftest import WHOLE
from tests.logins import as_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from appointments.models import Encounter
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db


def permits(patient: Patient, user: User, purpose: str = "HRESCH", *labels: str, at: datetime | None = None) -> bool:
    return decide(patient, user, purpose, labels, at).permits


def drafted(patient: Patient, by: User, **facts: Any) -> ConsentRecord:
    with as_app():
        return draft(patient, by=by, consent_type="hipaa_authorization", **{"purposes": ["HRESCH"], **facts})  # type: ignore[arg-type]


# What each does.


def test_what_is_given_holds_from_now_on_and_is_in_the_trail(patient: Patient, reviewer: User, gives: Gives) -> None:
    assert not permits(patient, reviewer)

    consent = gives()

    assert permits(patient, reviewer)
    assert (consent.version_no, consent.status, consent.recorded_by) == (1, "active", reviewer)
    entry = AuditLog.objects.get(table_name="consent_records", event_type="create")
    assert (entry.actor_id, entry.patient_id, entry.object_id) == (reviewer.pk, patient.pk, consent.pk)


def test_a_draft_permits_nothing_until_it_is_signed(patient: Patient, reviewer: User) -> None:
    unsigned = drafted(patient, reviewer)
    assert not permits(patient, reviewer)

    with as_app():
        signed = activate(unsigned, by=reviewer, **WHOLE)

    assert permits(patient, reviewer)
    assert (signed.version_no, signed.supersedes, signed.consent_uid) == (2, unsigned, unsigned.consent_uid)


def test_a_draft_that_lacks_an_element_is_not_signed_and_stays_a_draft(patient: Patient, reviewer: User) -> None:
    unsigned = drafted(patient, reviewer, **{**WHOLE, "statements_shown": ["revocation"]})

    with as_app(), pytest.raises(RuleBroken, match="the signer was told of revocation"):
        activate(unsigned, by=reviewer)

    assert ConsentRecord.objects.newest().get() == unsigned


def test_what_was_not_signed_is_declined_and_never_held(patient: Patient, reviewer: User) -> None:
    with as_app():
        declined = decline(drafted(patient, reviewer), by=reviewer)

    assert (declined.status, ConsentEffect.objects.count()) == ("not-done", 0)
    with as_app(), pytest.raises(ConsentOver, match="is declined, and stays so"):
        revise(declined, by=reviewer, purposes=["TREAT"])


def test_a_revision_takes_the_place_of_what_was_said(patient: Patient, reviewer: User, gives: Gives) -> None:
    first = gives(exceptions=[{"decision": "deny", "roles": ["nurse"]}])
    with as_app():
        verified = verify(first, by=reviewer)
        revised = revise(verified, by=reviewer, purposes=["HMARKT"])

    assert (permits(patient, reviewer), permits(patient, reviewer, "HMARKT")) == (False, True)
    assert [one.roles for one in revised.provisions.all()] == [["nurse"]]
    assert (verified.verified_by, revised.verified_by) == (reviewer, None)


def test_exceptions_that_are_given_take_the_place_of_those_that_there_are(
    patient: Patient, reviewer: User, gives: Gives
) -> None:
    first = gives(exceptions=[{"decision": "deny", "roles": ["compliance_officer"]}])
    assert not permits(patient, reviewer)

    with as_app():
        revise(first, by=reviewer, exceptions=[])

    assert permits(patient, reviewer)


def test_a_withdrawal_ends_it_for_the_next_statement_and_not_for_what_was_before(
    patient: Patient, reviewer: User, gives: Gives
) -> None:
    consent = gives()
    while_it_held = moment()

    with as_app():
        withdraw(consent, by=reviewer, channel="letter")  # type: ignore[arg-type]

    assert not permits(patient, reviewer)
    assert permits(patient, reviewer, at=while_it_held)


def test_an_authorization_is_revoked_in_writing_only(reviewer: User, patient: Patient, gives: Gives) -> None:
    consent = gives()

    with as_app(), pytest.raises(RuleBroken, match="revoked in writing"):
        withdraw(consent, by=reviewer, channel="verbal")  # type: ignore[arg-type]

    assert permits(patient, reviewer)


def test_a_withdrawal_does_not_come_from_tomorrow(reviewer: User, gives: Gives) -> None:
    tomorrow = timezone.now() + timedelta(days=1)

    with as_app(), pytest.raises(RuleBroken, match="when it came, which is not to come"):
        withdraw(gives(), by=reviewer, channel="letter", received_at=tomorrow)  # type: ignore[arg-type]


def test_a_restriction_withholds_until_it_is_withdrawn(patient: Patient, physician: User, reviewer: User) -> None:
    with as_app():
        consent = restrict(patient, by=reviewer, purposes=["TREAT"], sensitivity_labels=["HIV"])  # type: ignore[list-item]
    assert (permits(patient, physician, "TREAT"), permits(patient, physician, "TREAT", "HIV")) == (True, False)

    with as_app():
        withdraw(consent, by=reviewer, channel="verbal")  # type: ignore[arg-type]

    assert permits(patient, physician, "TREAT", "HIV")


def test_a_visit_that_was_paid_for_is_kept_from_payment_and_from_nothing_else(
    encounter: Encounter, reviewer: User
) -> None:
    with as_app():
        consent = restrict_self_paid(encounter.patient, encounter, by=reviewer)

    assert (consent.self_paid, consent.purposes, consent.decision) == (True, ["HPAYMT"], "deny")
    effect = ConsentEffect.objects.get()
    assert (effect.encounter_id, effect.purpose) == (encounter.pk, "HPAYMT")


def test_a_consent_is_verified_once(reviewer: User, patient: Patient, gives: Gives) -> None:
    with as_app():
        verified = verify(gives(), by=reviewer)

    assert (verified.verified_by, verified.status) == (reviewer, "active")
    assert permits(patient, reviewer)
    with as_app(), pytest.raises(VerifiedAlready, match=r"was verified on \d{4}-\d\d-\d\d \d\d:\d\d UTC"):
        verify(verified, by=reviewer)


def test_the_digest_of_a_document_is_recorded_and_tells_another_document(reviewer: User, gives: Gives) -> None:
    with as_app():
        kept = attach_document(verify(gives(), by=reviewer), io.BytesIO(b"as signed"), by=reviewer, reference="shelf 7")

    assert (
        kept.document_digest == "01d66be7cf16fb47fd21327d8c8c0b2b02bc6d4d1ed7bdd9cf8e7c7cbc4ea8d6"
        or len(kept.document_digest or "") == 64
    )
    assert (kept.document_reference, kept.verified_by) == ("shelf 7", reviewer)
    compare_document(kept, io.BytesIO(b"as signed"))
    with pytest.raises(DocumentDiffers):
        compare_document(kept, io.BytesIO(b"as signed."))


def test_a_consent_without_a_document_is_like_none(consent: ConsentRecord) -> None:
    with pytest.raises(DocumentDiffers):
        compare_document(consent, io.BytesIO(b""))


def test_what_was_entered_in_error_ends_and_stays_explained(patient: Patient, reviewer: User, gives: Gives) -> None:
    consent = gives()
    while_it_held = moment()
    with as_app():
        mark_entered_in_error(consent, by=reviewer)

    assert not permits(patient, reviewer)
    assert decide(patient, reviewer, "HRESCH", at=while_it_held).consent == consent.pk


# Who may not.


def patient_of(consent: ConsentRecord) -> Patient:
    return Patient(pk=consent.patient_id)


DOES: dict[str, Callable[[ConsentRecord, ConsentRecord, User], object]] = {
    "give": lambda active, unsigned, by: give(patient_of(active), by=by, consent_type="tpo"),  # type: ignore[arg-type]
    "draft": lambda active, unsigned, by: draft(patient_of(active), by=by, consent_type="tpo"),  # type: ignore[arg-type]
    "activate": lambda active, unsigned, by: activate(unsigned, by=by, **WHOLE),
    "decline": lambda active, unsigned, by: decline(unsigned, by=by),
    "revise": lambda active, unsigned, by: revise(active, by=by, purposes=["TREAT"]),
    "withdraw": lambda active, unsigned, by: withdraw(active, by=by, channel="letter"),  # type: ignore[arg-type]
    "restrict": lambda active, unsigned, by: restrict(patient_of(active), by=by, purposes=["TREAT"]),  # type: ignore[list-item]
    "verify": lambda active, unsigned, by: verify(active, by=by),
    "attach_document": lambda active, unsigned, by: attach_document(active, io.BytesIO(b"signed"), by=by),
    "mark_entered_in_error": lambda active, unsigned, by: mark_entered_in_error(active, by=by),
}
FOLLOWS = [name for name in DOES if name not in {"give", "draft", "restrict"}]


@pytest.mark.parametrize("verb", DOES)
def test_who_has_no_permission_is_refused_and_nothing_is_written(
    patient: Patient, reviewer: User, gives: Gives, verb: str
) -> None:
    active, unsigned = gives(), drafted(patient, reviewer)
    nobody = User.objects.create_user("auditor@clinic.example", role="auditor")

    with as_app(), pytest.raises(AccessDenied, match="does not have the permission"):
        DOES[verb](active, unsigned, nobody)

    assert ConsentRecord.objects.count() == 2


@pytest.mark.parametrize("verb", ["withdraw", "restrict", "verify"])
def test_who_treats_gives_consents_and_does_not_withdraw_restrict_or_verify_them(
    patient: Patient, physician: User, gives: Gives, verb: str
) -> None:
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=timezone.now())
    active, unsigned = gives(), drafted(patient, physician)

    with as_app(), pytest.raises(AccessDenied):
        DOES[verb](active, unsigned, physician)


@pytest.mark.parametrize("verb", ["activate", "decline", "revise", "mark_entered_in_error"])
def test_who_may_not_agree_to_a_restriction_does_not_change_one_either(
    patient: Patient, physician: User, restricts: Gives, verb: str
) -> None:
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=timezone.now())
    agreed = restricts()

    with as_app(), pytest.raises(AccessDenied, match="restrict_consentrecord"):
        DOES[verb](agreed, agreed, physician)


# Who comes too late.


@pytest.mark.parametrize("verb", FOLLOWS)
def test_a_version_that_is_not_the_newest_is_not_changed(
    patient: Patient, reviewer: User, gives: Gives, verb: str
) -> None:
    active, unsigned = gives(), drafted(patient, reviewer)
    with as_app():
        revise(active, by=reviewer, purposes=["HMARKT"])
        revise(unsigned, by=reviewer, purposes=["HMARKT"])

        with pytest.raises(ConsentChanged, match="changed this consent meanwhile"):
            DOES[verb](active, unsigned, reviewer)


@pytest.mark.parametrize("verb", [name for name in FOLLOWS if name not in {"activate", "decline"}])
def test_what_has_been_withdrawn_stays_so(reviewer: User, gives: Gives, verb: str) -> None:
    with as_app():
        over = withdraw(gives(), by=reviewer, channel="letter")  # type: ignore[arg-type]

        with pytest.raises(ConsentOver, match="is withdrawn or ended, and stays so"):
            DOES[verb](over, over, reviewer)


@pytest.mark.parametrize("verb", ["activate", "decline"])
def test_only_a_draft_is_signed_or_declined(reviewer: User, gives: Gives, verb: str) -> None:
    active = gives()
    with as_app(), pytest.raises(NotADraft):
        DOES[verb](active, active, reviewer)


def test_two_of_one_kind_do_not_hold_at_once_and_two_for_other_recipients_do(gives: Gives) -> None:
    gives()

    with pytest.raises(RuleBroken, match="There is a consent of this kind"):
        gives()
    with pytest.raises(RuleBroken, match="There is a consent of this kind"):
        gives(recipients=[" THE registry of sore throats"])
    gives(recipients=["Another registry"])


# What is not taken.


@pytest.mark.parametrize(
    "fact",
    [
        {"status": "inactive"},
        {"decision": "deny"},
        {"withdrawal_channel": "letter"},
        {"verified_at": timezone.now()},
        {"recorded_at": timezone.now()},
        {"version_no": 7},
        {"supersedes": None},
        {"no_such_field": 1},
    ],
    ids=lambda fact: next(iter(fact)),
)
def test_what_another_step_says_is_not_typed_in(patient: Patient, reviewer: User, fact: dict[str, Any]) -> None:
    unsigned = drafted(patient, reviewer)

    with as_app(), pytest.raises(FieldsRefused, match="a step of its own"):
        activate(unsigned, by=reviewer, **fact)


def test_an_exception_that_says_the_same_as_its_consent_is_refused_with_all_of_it(gives: Gives) -> None:
    with pytest.raises(RuleBroken, match="says the opposite"):
        gives(exceptions=[{"decision": "permit", "roles": ["nurse"]}])

    assert ConsentRecord.objects.count() == ConsentEffect.objects.count() == 0


def test_an_unknown_purpose_or_label_is_refused_at_its_field(gives: Gives) -> None:
    with pytest.raises(FieldsRefused) as refused:
        gives(purposes=["FUN"], sensitivity_labels=["SHY"])

    assert set(refused.value.fields) == {"purposes", "sensitivity_labels"}


@pytest.mark.parametrize(
    "fact",
    [{"information_description": "a\0b"}, {"recipients": ["a\0b"]}, {"grantor_name": "a\ud800"}, {"disclosers": None}],
    ids=lambda fact: next(iter(fact)),
)
def test_what_postgresql_cannot_hold_is_refused_at_its_field(gives: Gives, fact: dict[str, Any]) -> None:
    with pytest.raises(FieldsRefused) as refused:
        gives(**fact)

    assert set(refused.value.fields) == set(fact)


# When it holds.


def test_a_period_that_ended_a_second_ago_is_not_begun(gives: Gives) -> None:
    now = timezone.now()
    with pytest.raises(RuleBroken, match="period of this consent is over"):
        gives(starts_at=now - timedelta(days=1), ends_at=now - timedelta(seconds=1))


def test_what_ends_has_not_held_from_its_last_moment_on(patient: Patient, reviewer: User, gives: Gives) -> None:
    ends = timezone.now() + timedelta(days=1)
    gives(ends_at=ends)

    assert permits(patient, reviewer, at=ends - timedelta(microseconds=1))
    assert not permits(patient, reviewer, at=ends)
    assert not permits(patient, reviewer, at=ends + timedelta(seconds=1))


def test_what_is_activated_for_the_past_holds_from_when_it_was_written_down(
    patient: Patient, reviewer: User, gives: Gives
) -> None:
    before = moment()
    gives(starts_at=before - timedelta(days=30))

    assert permits(patient, reviewer)
    assert not permits(patient, reviewer, at=before)
    assert not permits(patient, reviewer, at=before - timedelta(days=10))


def test_what_begins_tomorrow_does_not_hold_today(patient: Patient, reviewer: User, gives: Gives) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    gives(starts_at=tomorrow)

    assert not permits(patient, reviewer)
    assert permits(patient, reviewer, at=tomorrow)


def test_an_hour_that_a_clock_shows_twice_is_told_apart(patient: Patient, reviewer: User, gives: Gives) -> None:
    # 2090-11-05 01:30 is there twice in New York: as daylight time, and an hour later as standard time.
    new_york = ZoneInfo("America/New_York")
    first, second = (datetime(2090, 11, 5, 1, 30, tzinfo=new_york, fold=fold) for fold in (0, 1))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    gives(ends_at=second)

    assert permits(patient, reviewer, at=first)
    assert not permits(patient, reviewer, at=second)


def test_an_hour_that_a_clock_leaves_out_is_a_moment_all_the_same(
    patient: Patient, reviewer: User, gives: Gives
) -> None:
    # 2090-03-12 02:30 is not there in New York: the clock goes from 02:00 EST to 03:00 EDT.
    left_out = datetime(2090, 3, 12, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    gives(starts_at=left_out, ends_at=left_out + timedelta(days=1))

    assert permits(patient, reviewer, at=datetime(2090, 3, 12, 7, 30, tzinfo=UTC))
    assert not permits(patient, reviewer, at=datetime(2090, 3, 12, 7, 29, 59, tzinfo=UTC))


# Whose it is.


def test_a_record_that_was_merged_takes_no_new_consent(merged_patient: Patient, gives: Gives) -> None:
    with pytest.raises(RuleBroken, match="has been merged"):
        gives(patient=merged_patient)


def test_a_consent_of_a_record_that_is_merged_later_can_be_withdrawn_and_ends_for_both(
    patient: Patient, other_patient: Patient, reviewer: User, gives: Gives
) -> None:
    consent = gives()
    patient.merged_into, patient.merged_at = other_patient, timezone.now()
    patient.save()
    assert permits(other_patient, reviewer)

    with as_app():
        withdraw(consent, by=reviewer, channel="letter")  # type: ignore[arg-type]

    assert (permits(patient, reviewer), permits(other_patient, reviewer)) == (False, False)


def test_nobody_gives_for_themselves_when_they_have_died_and_an_executor_does(patient: Patient, gives: Gives) -> None:
    patient.is_deceased = True
    patient.save()

    with pytest.raises(RepresentativeNeeded, match="The patient has died"):
        gives()
    gives(grantor_kind="representative", grantor_name="Tib", representative_authority="executor")


def test_a_representative_without_authority_is_refused(gives: Gives) -> None:
    with pytest.raises(RuleBroken, match="a name and an authority to act"):
        gives(grantor_kind="representative", grantor_name="Tib")


def test_a_parent_does_not_give_for_an_adult(gives: Gives) -> None:
    with pytest.raises(RepresentativeRefused, match="of age"):
        gives(grantor_kind="representative", grantor_name="Tib", representative_authority="parent")


def test_a_patient_that_is_not_there_is_refused_as_one_that_is_not_shown(patient: Patient, reviewer: User) -> None:
    gone = type(patient)(pk=patient.pk + 1000)

    with as_app(), pytest.raises(UnfitPatient):
        give(gone, by=reviewer, consent_type="tpo", purposes=["TREAT"])  # type: ignore[arg-type]


def moment() -> datetime:
    """The time on PostgreSQL's clock, which goes on in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
