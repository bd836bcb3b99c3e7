"""Who holds what is listed, signed as it was shown, and stays as it was signed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from compliance.access.errors import ReviewedMeanwhile
from compliance.access.recertifying import certify, changes, is_overdue, is_untouched, report, shown, signed
from compliance.errors import AccessDenied
from compliance.models import AccessReview, AuditLog, CareRelationship, User

if TYPE_CHECKING:
    from django.test import Client

    from patients.models import Patient


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_user("officer@review.example", role="compliance_officer", is_staff=True)


@pytest.fixture
def nurse(db: None) -> User:
    return User.objects.create_user("nurse@review.example", role="nurse", is_staff=True)


def test_the_report_has_the_staff_with_roles_and_care_and_no_patients(nurse: User, patient: Patient) -> None:
    User.objects.create_user("somebody@home.example")
    nurse.groups.add(Group.objects.get(name="front_desk"))
    CareRelationship.objects.create(patient=patient, user=nurse, starts_at=timezone.now() - timedelta(days=1))

    (one,) = report()

    assert (one.email, one.role, one.besides, one.in_care) == ("nurse@review.example", "nurse", ["front_desk"], 1)


def test_what_is_signed_is_what_was_shown_and_cannot_be_changed(officer: User, nurse: User) -> None:
    review = certify(shown(report()), by=officer, note="As it should be")

    review.refresh_from_db()
    assert is_untouched(review)
    assert [one.email for one in signed(review)] == ["officer@review.example", "nurse@review.example"]
    assert AuditLog.objects.filter(table_name="access_reviews", event_type="create", actor_id=officer.pk).exists()
    for write in (lambda: AccessReview.objects.update(note="Otherwise"), lambda: AccessReview.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_nobody_signs_what_has_changed_since_it_was_shown(officer: User, nurse: User) -> None:
    seen = shown(report())
    User.objects.filter(pk=nurse.pk).update(role="physician")

    with pytest.raises(ReviewedMeanwhile):
        certify(seen, by=officer)

    assert not AccessReview.objects.exists()


def test_only_who_may_certify_signs(nurse: User) -> None:
    with pytest.raises(AccessDenied):
        certify(shown(report()), by=nurse)


def test_what_has_changed_since_the_last_signature_is_said(officer: User, nurse: User) -> None:
    before = report()
    User.objects.filter(pk=nurse.pk).update(role="physician", last_login=timezone.now())
    User.objects.create_user("new@review.example", role="billing")
    User.objects.filter(pk=officer.pk).update(is_active=False)

    said = {(one.email, one.what) for one in changes(before, report())}

    assert said == {
        ("nurse@review.example", "role: nurse, now physician"),
        ("new@review.example", "holds access, and did not"),
        ("officer@review.example", "holds nothing any more"),
    }


def test_a_review_is_overdue_after_the_days_of_the_policy_and_before_the_first_one(officer: User) -> None:
    review = certify(shown(report()), by=officer)
    review.refresh_from_db()

    assert is_overdue(None)
    assert not is_overdue(review, review.at + timedelta(days=90))
    assert is_overdue(review, review.at + timedelta(days=90, seconds=1))


def test_the_officer_signs_on_screen_and_the_auditor_only_looks(client: Client, officer: User, nurse: User) -> None:
    present = reverse("admin:compliance_accessreview_present")
    auditor = User.objects.create_user("auditor@review.example", role="auditor", is_staff=True)
    client.force_login(auditor)
    page = client.get(present)
    assert "Sign that this is right" not in page.content.decode()
    client.post(present, {"seen": page.context["seen"]})
    assert not AccessReview.objects.exists()

    client.force_login(officer)
    page = client.get(present)
    assert "nurse@review.example" in page.content.decode()
    assert "overdue" in page.content.decode()
    client.post(present, {"seen": page.context["seen"], "note": "Looked at"})

    assert AccessReview.objects.get().by == officer
    assert "is overdue" not in client.get(reverse("admin:compliance_accessreview_changelist")).content.decode()


def test_the_command_says_it_for_machines(nurse: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("access", "review", "--json")

    said = json.loads(capsys.readouterr().out)
    assert [one["email"] for one in said["holders"]] == ["nurse@review.example"]
    assert said["overdue"] is True
