"""A Monday on which the provider has hours, and those who want them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

if TYPE_CHECKING:
    from appointments.models import Appointment
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415

NEW_YORK = ZoneInfo("America/New_York")
HALF = timedelta(minutes=30)


@pytest.fixture
def ten(db: None) -> datetime:
    """Ten o'clock in New York, on a Monday that is one to two weeks away."""
    today = timezone.now().date()
    return datetime.combine(today + timedelta(days=14 - today.weekday()), time(10), NEW_YORK)


@pytest.fixture
def book_at(patient: Patient, provider: Provider, administrator: User) -> Any:
    """Book half an hour from a moment on."""
    from appointments.booking import book

    def at(starts_at: datetime, **other: Any) -> Appointment:
        given = {"patient": patient, "by": administrator, "provider": provider, "ends_at": starts_at + HALF, **other}
        return book(given.pop("patient"), starts_at=starts_at, **given)

    return at


@pytest.fixture
def somebody_else(patient: Patient) -> Patient:
    return type(patient).objects.create(
        mrn="A-1002",
        assigning_authority="Example Clinic",
        family_name="Puddlewick",
        birth_date=date(1975, 7, 1),
        administrative_gender="male",
    )
