"""The list of consents, and what ends soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from compliance.consent.giving import draft
from compliance.consent.value_sets import ConsentType
from compliance.consent.verifying import verify
from compliance.consent.withdrawing import withdraw
from compliance.models import ConsentRecord, User
from tests.compliance.consent.typing_in import text_of
from tests.compliance.screens import page
from tests.people import may

if TYPE_CHECKING:
    from django.test import Client

    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives


def test_what_ends_soon_is_on_the_start_page_and_in_a_list(officer: Client, gives: Gives, reviewer: User) -> None:
    soon = gives(ends_at=timezone.now() + timedelta(days=29))
    gives(recipients=["Somebody else"], ends_at=timezone.now() + timedelta(days=31))
    withdraw(gives(recipients=["A third"], ends_at=timezone.now() + timedelta(days=5)), by=reviewer, channel="letter")

    assert "1 consent ends within 30 days" in text_of(officer.get(reverse("admin:index")))
    listed = officer.get(page(ConsentRecord, "changelist"), {"standing": "soon"}).context["cl"].result_list
    assert list(listed) == [soon]
    assert "holds, and ends in 28 days" in text_of(officer.get(page(ConsentRecord, "change", soon.pk)))


def test_who_gives_no_consents_is_not_told_what_ends(client: Client, gives: Gives) -> None:
    gives(ends_at=timezone.now() + timedelta(days=3))
    reader = User.objects.create_user("reader@walk.example", role="billing", is_staff=True)
    client.force_login(may(reader, "compliance.view_consentrecord"))

    assert client.get(page(ConsentRecord, "changelist"), {"standing": "soon"}).context["cl"].result_list != []
    assert "within 30 days" not in client.get(reverse("admin:index")).content.decode()


def test_a_list_has_the_newest_versions_unless_it_is_asked_for_all(
    officer: Client, reviewer: User, patient: Patient, gives: Gives
) -> None:
    second = verify(gives(), by=reviewer)
    unsigned = draft(patient, by=reviewer, consent_type=ConsentType.MARKETING)

    def listed(**asked: str) -> set[int]:
        found = officer.get(page(ConsentRecord, "changelist"), asked).context["cl"].result_list
        return {row.pk for row in found}

    assert listed() == {second.pk, unsigned.pk}
    assert listed(standing="holds") == {second.pk}
    assert listed(standing="draft") == {unsigned.pk}
    assert listed(standing="unverified") == set()
    assert len(listed(standing="versions")) == 3
