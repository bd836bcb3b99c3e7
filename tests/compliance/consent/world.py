"""What examples set up about a patient, and then change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from compliance.consent.giving import revise
from compliance.consent.withdrawing import withdraw
from compliance.models import BreakGlassGrant, ConsentRecord, User
from tests.logins import as_app

if TYPE_CHECKING:
    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives


@dataclass
class World:
    """A patient, who treats them, who records what they say, and how."""

    patient: Patient
    physician: User
    officer: User
    gives: Gives
    restricts: Gives

    def newest(self) -> ConsentRecord:
        return ConsentRecord.objects.newest().latest("pk")

    def withdraw(self) -> None:
        newest = self.newest()
        with as_app():
            withdraw(newest, by=self.officer, channel="letter")  # type: ignore[arg-type]

    def without_exceptions(self) -> None:
        newest = self.newest()
        with as_app():
            revise(newest, by=self.officer, exceptions=[])


def opened(patient: Patient, by: User) -> BreakGlassGrant:
    """Open an emergency, a second ago."""
    now = timezone.now() - timedelta(seconds=1)
    return BreakGlassGrant.objects.create(
        patient=patient,
        user=by,
        reason="Found unconscious on the street",
        opened_at=now,
        ends_at=now + timedelta(hours=1),
        proved_at=now,
    )
