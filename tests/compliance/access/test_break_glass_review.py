"""Those who watch over emergencies: who is told, who acknowledges, and who reviews."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from compliance.access.break_glass_grant import REVIEWED_WITHIN
from compliance.access.errors import AcknowledgedAlready, NotYours, ReviewedAlready, ReviewOfOneself, StillOpen
from compliance.access.notifying import acknowledge
from compliance.access.reviewing import review
from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import AuditLog, BreakGlassGrant, Notice, User, UserAuditLog
from compliance.rules import explained
from tests.compliance.access.conftest import past

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from django.core.mail import EmailMessage
    from pytest_django.fixtures import SettingsWrapper

    from patients.models import Patient
    from tests.compliance.access.conftest import Opens

    OnCommit = Callable[..., AbstractContextManager[list[Any]]]

pytestmark = pytest.mark.django_db
HERE = "tests.compliance.access.test_break_glass_review"


class NoServer(EmailBackend):
    """A mail server that is down."""

    def open(self) -> bool | None:
        raise ConnectionRefusedError


class TakesNone(EmailBackend):
    """A mail server that takes nothing for the first address that it is asked for."""

    refused: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if not self.refused:
            self.refused.extend(messages[0].to)
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


def test_every_compliance_officer_gets_a_notice_and_an_email(
    opens: Opens, reviewer: User, physician: User, patient: Patient, django_capture_on_commit_callbacks: OnCommit
) -> None:
    second = User.objects.create_user("second@clinic.example", role="compliance_officer")
    User.objects.create_user("gone@clinic.example", role="compliance_officer", is_active=False)
    User.objects.create_user("chief@clinic.example", role="admin")

    with django_capture_on_commit_callbacks(execute=True):
        grant = opens()
        assert mail.outbox == []  # not before it is committed

    notices = Notice.objects.filter(grant=grant).order_by("recipient")
    assert [notice.recipient for notice in notices] == [reviewer, second]
    assert all(notice.mailed_at is not None for notice in notices)
    assert [message.to for message in mail.outbox] == [[reviewer.email], [second.email]]
    said = mail.outbox[0].subject + mail.outbox[0].body
    assert physician.email in said
    assert f"/admin/compliance/notice/{notices[0].pk}/change/" in said
    for secret in (patient.family_name, patient.given_name, patient.mrn, grant.reason, "1980"):
        assert secret not in said


def test_without_a_compliance_officer_the_administrators_are_told(opens: Opens, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    chief = User.objects.create_user("chief@clinic.example", role="admin")
    root = User.objects.create_superuser("super@clinic.example", role="physician")

    opens()

    assert {notice.recipient for notice in Notice.objects.all()} == {chief, root}


def test_with_nobody_to_tell_the_chart_opens_and_the_trail_says_that_nobody_was_told(
    opens: Opens, reviewer: User
) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_active=False)

    opens()

    assert AuditLog.objects.get(event_type="break_glass").additional_data["told"] == 0


def test_nobody_is_told_of_what_they_opened_themselves(opens: Opens, physician: User, reviewer: User) -> None:
    physician.groups.add(Group.objects.get(name="compliance_officer"))

    opens()

    assert [notice.recipient for notice in Notice.objects.all()] == [reviewer]


def test_a_mail_server_that_is_down_stops_no_emergency_and_the_inbox_says_so(
    opens: Opens, settings: SettingsWrapper, django_capture_on_commit_callbacks: OnCommit
) -> None:
    settings.EMAIL_BACKEND = f"{HERE}.NoServer"

    with django_capture_on_commit_callbacks(execute=True):
        opens()

    notice = Notice.objects.get()
    assert (notice.mailed_at, notice.mail_problem) == (None, "ConnectionRefusedError")


def test_an_address_that_the_server_refuses_leaves_the_others_their_email(
    opens: Opens, reviewer: User, settings: SettingsWrapper, django_capture_on_commit_callbacks: OnCommit
) -> None:
    second = User.objects.create_user("second@clinic.example", role="compliance_officer")
    settings.EMAIL_BACKEND = f"{HERE}.TakesNone"
    TakesNone.refused.clear()

    with django_capture_on_commit_callbacks(execute=True):
        opens()

    assert TakesNone.refused == [reviewer.email]
    problems = dict(Notice.objects.values_list("recipient", "mail_problem"))
    assert problems == {reviewer.pk: "SMTPRecipientsRefused", second.pk: None}
    assert [message.to for message in mail.outbox] == [[second.email]]


def test_a_notice_is_acknowledged_by_its_recipient_once(opens: Opens, reviewer: User) -> None:
    second = User.objects.create_user("second@clinic.example", role="compliance_officer")
    opens()
    notice = Notice.objects.get(recipient=reviewer)

    with pytest.raises(NotYours):
        acknowledge(notice, by=second)
    assert acknowledge(notice, by=reviewer).acknowledged_at is not None
    with pytest.raises(AcknowledgedAlready):
        acknowledge(notice, by=reviewer)

    assert list(Notice.objects.of(second).unread()) == [Notice.objects.get(recipient=second)]
    assert AuditLog.objects.filter(event_type="break_glass").latest().additional_data == {"step": "acknowledge"}


def test_a_notice_is_evidence(opens: Opens, reviewer: User, physician: User) -> None:
    opens()
    notices = Notice.objects.all()
    acknowledge(notices.get(), by=reviewer)
    changes: list[dict[str, Any]] = [
        {"recipient": physician},
        {"acknowledged_at": None},
        {"created_at": timezone.now()},
    ]

    for change in changes:
        with pytest.raises(RuleBroken, match="evidence"), explained(), transaction.atomic():
            notices.update(**change)
    with pytest.raises(RuleBroken, match="evidence"), explained(), transaction.atomic():
        notices.get().delete()


def test_an_emergency_is_reviewed_when_it_is_over(opens: Opens, reviewer: User, physician: User) -> None:
    grant = opens()
    with pytest.raises(StillOpen, match="close it first"):
        review(grant, by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED)

    reviewed = review(past(grant, hours=2), by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED)

    assert (reviewed.reviewed_by, reviewed.review_outcome) == (reviewer, "justified")
    assert not BreakGlassGrant.objects.to_be_reviewed().exists()
    assert AuditLog.objects.filter(event_type="break_glass").latest().additional_data == {
        "step": "review",
        "outcome": "justified",
    }
    event = UserAuditLog.objects.get(action="break_glass_review")
    assert (event.user, event.changed_by) == (physician, reviewer)


def test_the_second_of_two_reviewers_is_told_and_changes_nothing(
    break_glass_grant: BreakGlassGrant, reviewer: User
) -> None:
    second = User.objects.create_user("second@clinic.example", role="compliance_officer")
    as_both_saw_it = BreakGlassGrant.objects.get()
    review(break_glass_grant, by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED)

    with pytest.raises(ReviewedAlready, match="Somebody has reviewed this already"):
        review(as_both_saw_it, by=second, outcome=BreakGlassGrant.ReviewOutcome.ESCALATED, note="Look again")

    assert BreakGlassGrant.objects.get().reviewed_by == reviewer


def test_what_was_not_justified_has_a_note(break_glass_grant: BreakGlassGrant, reviewer: User) -> None:
    for note in (None, "", "   "):
        with pytest.raises(RuleBroken, match="Say in a note"):
            review(break_glass_grant, by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.NOT_JUSTIFIED, note=note)
    review(break_glass_grant, by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.NOT_JUSTIFIED, note="A neighbour")


def test_an_outcome_that_is_none_is_refused(break_glass_grant: BreakGlassGrant, reviewer: User) -> None:
    with pytest.raises(FieldsRefused):
        review(break_glass_grant, by=reviewer, outcome="fine")  # type: ignore[arg-type]


def test_nobody_reviews_themselves_and_a_colleague_may_not(break_glass_grant: BreakGlassGrant, physician: User) -> None:
    colleague = User.objects.create_user("other@clinic.example", role="physician")
    with pytest.raises(AccessDenied):
        review(break_glass_grant, by=colleague, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED)

    User.objects.filter(pk=physician.pk).update(role="compliance_officer")  # changed sides since
    with pytest.raises(ReviewOfOneself):
        review(break_glass_grant, by=User.objects.get(pk=physician.pk), outcome="justified")  # type: ignore[arg-type]


def test_it_is_overdue_after_three_days(opens: Opens, reviewer: User) -> None:
    grant = opens()

    assert not grant.is_overdue(grant.opened_at + REVIEWED_WITHIN)
    assert grant.is_overdue(grant.opened_at + REVIEWED_WITHIN + timedelta(seconds=1))
    reviewed = review(past(grant, hours=100), by=reviewer, outcome=BreakGlassGrant.ReviewOutcome.JUSTIFIED)
    assert not reviewed.is_overdue()
