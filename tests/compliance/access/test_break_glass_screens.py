"""The review queue, the inbox, and what somebody sees of emergencies as they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from compliance.access.break_glass import close
from compliance.access.break_glass_checks import somebody_reviews_emergencies
from compliance.models import AuditLog, BreakGlassGrant, Notice, User
from patients.models import Patient
from sql_migrations import checks
from tests.compliance.access.conftest import past
from tests.compliance.screens import page
from tests.compliance.test_admin_actions import button, press
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from tests.compliance.access.conftest import Opens

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, reviewer: User) -> Client:
    """A browser in which a compliance officer has logged in."""
    client.force_login(reviewer)
    return client


def standings(office: Client, **asked: str) -> list[tuple[int, str]]:
    answer: Any = office.get(page(BreakGlassGrant, "changelist"), asked)
    shown = answer.context["cl"]
    return [(row.pk, shown.model_admin.standing(row)) for row in shown.result_list]


def test_the_queue_begins_with_the_oldest_that_nobody_has_reviewed(
    office: Client, opens: Opens, break_glass_grant: BreakGlassGrant, other_patient: Patient, physician: User
) -> None:
    overdue = break_glass_grant
    waiting = opens()
    close(waiting, by=physician)
    running = opens(patient=other_patient)
    press(office, waiting, "review", outcome="justified")

    assert standings(office) == [(overdue.pk, "overdue"), (running.pk, "open now"), (waiting.pk, "reviewed")]
    assert standings(office, standing="overdue") == [(overdue.pk, "overdue")]
    assert standings(office, standing="open") == [(running.pk, "open now")]
    assert standings(office, standing="waiting") == [(overdue.pk, "overdue"), (running.pk, "open now")]
    assert standings(office, standing="reviewed") == [(waiting.pk, "reviewed")]


def test_the_queue_turns_its_pages(
    office: Client, opens: Opens, break_glass_grant: BreakGlassGrant, monkeypatch: pytest.MonkeyPatch, physician: User
) -> None:
    from django.contrib import admin  # noqa: PLC0415 - the screen under test only

    second = opens()
    close(second, by=physician)
    press(office, second, "review", outcome="justified")
    monkeypatch.setattr(admin.site.get_model_admin(BreakGlassGrant), "list_per_page", 1)

    first: Any = office.get(page(BreakGlassGrant, "changelist"))
    following: Any = office.get(page(BreakGlassGrant, "changelist") + first.context["cl"].next_page)

    assert list(first.context["cl"].result_list) == [break_glass_grant]
    assert list(following.context["cl"].result_list) == [second]


def test_what_was_done_is_the_trail_of_that_person_account_and_time(
    office: Client, opens: Opens, patient: Patient, other_patient: Patient, physician: User
) -> None:
    grant = opens()
    office.force_login(physician)
    office.get(page(Patient, "change", patient.pk))
    close(grant, by=physician)
    officer: Any = User.objects.get(role="compliance_officer")
    office.force_login(officer)

    answer: Any = office.get(button(grant, "done"), follow=True)

    entries = list(answer.context["cl"].result_list)
    assert {"read", "break_glass", "create"} <= {entry.event_type for entry in entries}
    assert {entry.actor_id for entry in entries} == {physician.pk}
    assert not answer.context["cl"].query
    # Before and after it there is nothing.
    past(grant, hours=3)
    before: Any = office.get(button(grant, "done"), follow=True)
    assert list(before.context["cl"].result_list) == []


def test_a_review_asks_for_its_note_and_is_said_to_be_made_already(
    office: Client, break_glass_grant: BreakGlassGrant
) -> None:
    assert "Say in a note" in press(office, break_glass_grant, "review", outcome="escalated")
    assert "written down" in press(
        office, break_glass_grant, "review", outcome="escalated", note="Look at the badge log"
    )
    assert "Somebody has reviewed this already" in press(office, break_glass_grant, "review", outcome="justified")

    assert BreakGlassGrant.objects.get().review_outcome == "escalated"


def test_an_officer_closes_what_is_open(office: Client, opens: Opens) -> None:
    grant = opens()

    assert press(office, grant, "close") == "The chart is closed."
    assert "closed since" in press(office, grant, "close")


def test_the_inbox_shows_ones_own_notices_and_what_became_of_the_email(
    office: Client, opens: Opens, reviewer: User
) -> None:
    second = User.objects.create_user("second@clinic.example", PASSWORD, role="compliance_officer", is_staff=True)
    opens()
    mine, theirs = (Notice.objects.get(recipient=one) for one in (reviewer, second))
    Notice.objects.filter(pk=mine.pk).update(mail_problem="ConnectionRefusedError")

    shown: Any = office.get(page(Notice, "changelist"))
    assert list(shown.context["cl"].result_list) == [mine]
    assert "not sent: ConnectionRefusedError" in shown.content.decode()
    assert "doctor@clinic.example" in shown.content.decode()
    assert office.get(page(Notice, "change", theirs.pk)).status_code == 302
    assert office.post(button(theirs, "acknowledge"), {"_form_submitted": "on"}).status_code == 404

    press(office, mine, "acknowledge")
    mine.refresh_from_db()
    assert mine.acknowledged_at is not None
    assert "acknowledged" in office.get(page(BreakGlassGrant, "change", mine.grant_id)).content.decode()


def test_the_first_page_says_what_is_open_and_what_waits(
    client: Client, opens: Opens, break_glass_grant: BreakGlassGrant, physician: User, reviewer: User
) -> None:
    opens(minutes=60)
    client.force_login(physician)
    first = client.get(reverse("admin:index")).content.decode()
    assert "A chart is open to you in an emergency" in first
    assert "59\xa0minutes" in first
    assert "Quill" not in first

    client.force_login(reviewer)
    first = " ".join(client.get(reverse("admin:index")).content.decode().split())
    assert "1 notice of an emergency to acknowledge" in first
    assert "2 emergencies to review</a>, 1 overdue" in first
    assert "open to you" not in first


def test_the_clinician_sees_the_own_emergency_and_does_not_review_it(
    client: Client, opens: Opens, physician: User
) -> None:
    grant = opens()
    client.force_login(physician)

    shown = client.get(page(BreakGlassGrant, "change", grant.pk))

    assert shown.status_code == 200
    assert client.post(button(grant, "review"), {"_form_submitted": "on", "outcome": "justified"}).status_code == 403
    assert press(client, grant, "close") == "The chart is closed."


def test_nobody_changes_or_adds_an_emergency_by_hand(office: Client, break_glass_grant: BreakGlassGrant) -> None:
    assert office.get(page(BreakGlassGrant, "add")).status_code == 403
    assert office.post(page(BreakGlassGrant, "change", break_glass_grant.pk), {"reason": "other"}).status_code == 403


def test_each_look_at_an_emergency_is_in_the_trail(office: Client, break_glass_grant: BreakGlassGrant) -> None:
    office.get(page(BreakGlassGrant, "change", break_glass_grant.pk))

    entry = AuditLog.objects.filter(event_type="read").latest()
    assert (entry.table_name, entry.patient_id) == ("break_glass_grants", break_glass_grant.patient_id)


def test_the_check_says_when_nobody_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "strict", lambda: True)

    def found() -> list[str]:
        return [one.id or "" for one in somebody_reviews_emergencies(databases=["default"])]

    assert found() == ["compliance.W050"]
    officer = User.objects.create_user("officer@clinic.example", role="compliance_officer")
    assert found() == []
    officer.is_active = False
    officer.save()
    assert found() == ["compliance.W050"]


def test_a_superuser_is_told_why_no_patients_are_shown(client: Client) -> None:
    root = User.objects.create_superuser("first@clinic.example", PASSWORD)
    client.force_login(root)

    assert "It sees no patients" in client.get(reverse("admin:index")).text

    root.groups.add(Group.objects.get(name="physician"))
    assert "It sees no patients" not in client.get(reverse("admin:index")).text
