"""Breaking the glass: by name, with a reason, for one person, for a while, and nobody else sees more by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from compliance.access import permits, visible_to
from compliance.access.break_glass import close
from compliance.access.errors import (
    BreakGlassRefused,
    InCareAlready,
    NoEmergencyAccess,
    NoSuchPatient,
    NotYours,
    OpenAlready,
    OverAlready,
    ProofNeeded,
    ReasonNeeded,
    TooLong,
)
from compliance.accounts.stepping_up import Proof
from compliance.audit import context
from compliance.errors import AccessDenied, RuleBroken
from compliance.models import AuditLog, BreakGlassGrant, CareRelationship, User, UserAuditLog
from compliance.rules import explained
from patients.models import Patient
from tests.compliance.access.conftest import REASON, past
from tests.logins import as_app

if TYPE_CHECKING:
    from tests.compliance.access.conftest import Opens

pytestmark = pytest.mark.django_db


def sees(user: User, patient: Patient) -> bool:
    """Tell whether the list, the door and the database let the account see the chart; they never disagree."""
    listed = visible_to(Patient.objects.all(), user).filter(pk=patient.pk).exists()
    assert permits(user, "patients.view_patient", patient) is listed
    with as_app(), context.acting(user):
        assert Patient.objects.filter(pk=patient.pk).exists() is listed
    return listed


def test_a_chart_is_open_to_who_opened_it_and_to_nobody_else(opens: Opens, patient: Patient, physician: User) -> None:
    other = User.objects.create_user("other@clinic.example", role="physician")
    assert not sees(physician, patient)

    grant = opens()

    assert sees(physician, patient)
    assert not sees(other, patient)
    assert (grant.user, grant.patient_id, grant.reason) == (physician, patient.pk, REASON)
    assert grant.ends_at - grant.opened_at == timedelta(minutes=60)


def test_only_that_chart_is_open(opens: Opens, other_patient: Patient, physician: User) -> None:
    opens()

    assert not sees(physician, other_patient)


def test_the_statement_after_the_end_sees_nothing_more(opens: Opens, patient: Patient, physician: User) -> None:
    grant = opens(minutes=1)
    with context.acting(physician):  # one request, which goes on while the time runs out
        assert sees(physician, patient)
        past(grant, seconds=61)
        assert not sees(physician, patient)


def test_a_role_that_was_taken_away_closes_the_chart_at_once(opens: Opens, patient: Patient, physician: User) -> None:
    opens()
    User.objects.filter(pk=physician.pk).update(role="billing")
    now_billing = User.objects.get(pk=physician.pk)
    assert not permits(now_billing, "records.view_medicalrecord", patient)

    User.objects.filter(pk=physician.pk).update(role="physician", is_active=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_permits(%s, 'TREAT', 'patients.view_patient', %s)", [physician.pk, patient.pk])
        assert cursor.fetchone() == (False,)


def test_a_merged_patient_means_the_record_that_goes_on_and_opens_both(
    opens: Opens, merged_patient: Patient, other_patient: Patient, physician: User
) -> None:
    grant = opens(patient=Patient(pk=merged_patient.pk))  # who opens it sees no more of it than its key

    assert grant.patient_id == other_patient.pk
    assert sees(physician, other_patient)
    assert sees(physician, merged_patient)
    with pytest.raises(OpenAlready):
        opens(patient=other_patient)


def test_a_deceased_patients_chart_is_opened_too(opens: Opens, patient: Patient, physician: User) -> None:
    patient.is_deceased, patient.deceased_at = True, timezone.now()
    patient.save()

    opens()

    assert sees(physician, patient)


@pytest.mark.parametrize("role", ["front_desk", "billing", "compliance_officer", "admin", "service", "patient"])
def test_a_role_without_the_right_opens_nothing(opens: Opens, patient: Patient, role: str) -> None:
    account = User.objects.create_user(f"{role}@clinic.example", role=role)

    with pytest.raises(AccessDenied):
        opens(by=account)
    assert not BreakGlassGrant.objects.exists()


def test_a_service_opens_nothing_also_in_the_group_of_physicians(opens: Opens) -> None:
    service = User.objects.create_user("robot@clinic.example", role="service")
    service.groups.add(Group.objects.get(name="physician"))

    with context.acting(service, purpose="TREAT"), pytest.raises(NoEmergencyAccess, match="own account"):
        opens(by=service)


def test_who_acts_for_another_purpose_than_treatment_opens_nothing(opens: Opens, physician: User) -> None:
    with context.acting(physician, purpose="HOPERAT"), pytest.raises(AccessDenied):
        opens()


@pytest.mark.parametrize("reason", ["", "  ", "emergency", "x y z", "now now now now", "very urgent", "!!! ??? ..."])
def test_a_reason_that_says_nothing_is_refused(opens: Opens, reason: str) -> None:
    with pytest.raises(ReasonNeeded, match="few words"):
        opens(reason=reason)


@pytest.mark.parametrize("minutes", [-5, 0, 241, 10**9])
def test_it_lasts_up_to_four_hours(opens: Opens, minutes: int) -> None:
    with pytest.raises(TooLong, match="1 to 240 minutes"):
        opens(minutes=minutes)
    opens(minutes=240)


def test_the_proof_is_ones_own_and_at_most_five_minutes_old(opens: Opens, physician: User, reviewer: User) -> None:
    now = timezone.now()

    for proof in (Proof(reviewer.pk, now), Proof(physician.pk, now - timedelta(minutes=5, seconds=1))):
        with pytest.raises(ProofNeeded):
            opens(proof=proof)
    opens(proof=Proof(physician.pk, now - timedelta(minutes=4, seconds=50)))


def test_a_clock_that_goes_ahead_stops_no_emergency(opens: Opens, physician: User) -> None:
    grant = opens(proof=Proof(physician.pk, timezone.now() + timedelta(seconds=20)))

    assert grant.proved_at == grant.opened_at


def test_what_is_open_is_not_opened_again_until_it_is_closed(opens: Opens, physician: User) -> None:
    first = opens()
    with pytest.raises(OpenAlready, match="already, until"):
        opens()

    close(first, by=physician)
    assert opens().pk != first.pk


def test_who_cares_for_the_patient_is_told_to_open_the_chart_as_always(
    opens: Opens, patient: Patient, physician: User
) -> None:
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=datetime(2024, 1, 1, tzinfo=UTC))

    with pytest.raises(InCareAlready, match="as you always do"):
        opens()


def test_a_record_that_does_not_exist_is_not_opened(opens: Opens) -> None:
    with pytest.raises(NoSuchPatient):
        opens(patient=Patient(pk=10**12))


def test_the_database_refuses_to_open_a_chart_in_somebody_elses_name(patient: Patient, physician: User) -> None:
    other = User.objects.create_user("other@clinic.example", role="physician")
    forged = BreakGlassGrant(
        patient=patient,
        user=physician,
        reason=REASON,
        opened_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=1),
        proved_at=timezone.now() - timedelta(minutes=1),
    )

    with (
        as_app(),
        context.acting(other),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        forged.save()


def test_who_opened_a_chart_sees_that_they_did_when_it_is_closed(opens: Opens, physician: User) -> None:
    grant = opens()
    other = User.objects.create_user("other@clinic.example", role="physician")
    with as_app():
        close(grant, by=physician)

        with context.acting(physician):
            assert list(BreakGlassGrant.objects.all()) == [grant]
        with context.acting(other):
            assert not BreakGlassGrant.objects.exists()


def test_closing_ends_it_at_once_and_once(opens: Opens, patient: Patient, physician: User) -> None:
    grant = opens()

    closed = close(grant, by=physician)

    assert not sees(physician, patient)
    assert closed.closed_at is not None
    with pytest.raises(OverAlready, match="closed since"):
        close(grant, by=physician)


def test_what_has_ended_by_itself_is_not_closed(opens: Opens, physician: User) -> None:
    grant = past(opens(), hours=2)

    with pytest.raises(OverAlready):
        close(grant, by=physician)


def test_a_reviewer_may_close_it_and_a_colleague_may_not(opens: Opens, reviewer: User) -> None:
    grant = opens()
    colleague = User.objects.create_user("other@clinic.example", role="physician")

    with pytest.raises(NotYours):
        close(grant, by=colleague)
    assert close(grant, by=reviewer).closed_at is not None


def test_each_step_is_in_the_trail_and_in_the_log_of_the_account(
    opens: Opens, patient: Patient, physician: User
) -> None:
    close(opens(), by=physician)

    steps = AuditLog.objects.filter(event_type="break_glass").order_by("id")
    assert [one.additional_data["step"] for one in steps] == ["open", "close"]
    assert {(one.actor_id, one.patient_id, one.table_name) for one in steps} == {
        (physician.pk, patient.pk, "break_glass_grants")
    }
    assert steps[0].additional_data == {"step": "open", "minutes": 60, "told": 1}
    assert list(UserAuditLog.objects.filter(user=physician, action__startswith="break").values_list("action")) == [
        ("break_glass_open",),
        ("break_glass_close",),
    ]
    # The row's own entry masks the reason.
    made = AuditLog.objects.get(table_name="break_glass_grants", event_type="create")
    assert made.changes["reason"] == ["None", "***"]


def test_what_is_refused_is_in_the_trail_and_says_nothing_of_the_patient(opens: Opens, patient: Patient) -> None:
    with pytest.raises(BreakGlassRefused):
        opens(reason="Quillfeather")

    denied = AuditLog.objects.get(event_type="denied")
    assert (denied.patient_id, denied.table_name) == (patient.pk, "patients")
    assert "uill" not in denied.outcome_reason


def test_what_was_opened_cannot_be_changed_or_deleted(
    break_glass_grant: BreakGlassGrant, other_patient: Patient
) -> None:
    changes: list[dict[str, Any]] = [
        {"reason": "Another reason than before"},
        {"patient": other_patient},
        {"ends_at": break_glass_grant.ends_at + timedelta(hours=1)},
    ]
    for change in changes:
        with pytest.raises(RuleBroken, match="evidence"), explained(), transaction.atomic():
            BreakGlassGrant.objects.filter(pk=break_glass_grant.pk).update(**change)
