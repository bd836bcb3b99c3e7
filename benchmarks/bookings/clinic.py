"""A small clinic with too few slots, and one session of it that books. Each runs in a process of its own."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier

# Django's models load once the settings name the database, so each function imports its own.
# ruff: noqa: PLC0415

NPIS = ("1000000004", "1000000012", "1000000020", "1000000038", "1000000046", "1000000053")
ROOMS, PATIENTS = 4, 60
HALF = timedelta(minutes=30)
# 9:00 to 17:00 on five days, 16 half hours each.
DAYS, HOURS, FIRST_HOUR = 5, 8, 9
_shared: list[Barrier] = []


@dataclass(slots=True)
class Outcome:
    """What a session came to: bookings won, refusals by rule, errors that say nothing, runs that were lost, time."""

    won: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


class _Lost(logging.Handler):
    """Counts what compliance.retrying says of transactions that were lost."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def enter(barrier: Barrier) -> None:
    """Load Django in this process, and know when the others are ready."""
    _shared[:] = [barrier]
    django.setup()


def open_clinic() -> None:
    """Write the providers with their hours, the rooms, the patients and the account that books."""
    django.setup()
    from appointments.models import Location
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider, ProviderAvailability

    User.objects.create_superuser("desk@clinic.example")
    for number in range(ROOMS):
        Location.objects.create(name=f"Room {number}", kind="ro")
    for number in range(PATIENTS):
        Patient.objects.create(
            mrn=f"B-{number}",
            assigning_authority="Benchmark",
            given_name=f"Patient {number}",
            birth_date=date(1980, 1, 1),
            administrative_gender="unknown",
        )
    for npi in NPIS:
        provider = Provider.objects.create(
            npi=npi, family_name="Provider", given_name=npi, active_from=date(2020, 1, 1)
        )
        for weekday in range(1, DAYS + 1):
            ProviderAvailability.objects.create(
                provider=provider,
                weekday=weekday,
                starts_at=f"{FIRST_HOUR:02}:00",
                ends_at=f"{FIRST_HOUR + HOURS:02}:00",
                time_zone="UTC",
                valid_from=date(2020, 1, 1),
            )


def race(number: int, attempts: int, how: str) -> Outcome:
    """Book at random, `attempts` times, beside the other sessions. `how` is "book" or "insert"."""
    from appointments.models import Location
    from compliance.errors import ComplianceError
    from patients.models import Patient
    from providers.models import Provider

    dice = random.Random(number)
    providers, rooms, patients = (list(model.objects.all()) for model in (Provider, Location, Patient))
    today = datetime.now(UTC).replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=14 - today.weekday())
    verb, outcome, lost = _verb(how), Outcome(), _Lost()
    logging.getLogger("compliance.retrying").addHandler(lost)
    logging.getLogger("compliance.retrying").propagate = False
    _shared[0].wait()
    started, cpu = time.perf_counter(), time.process_time()
    for _ in range(attempts):
        start = monday + timedelta(days=dice.randrange(DAYS)) + dice.randrange(HOURS * 2) * HALF
        try:
            verb(dice.choice(patients), dice.choice(providers), dice.choice(rooms), start)
        except ComplianceError as refusal:
            outcome.refused[getattr(refusal, "rule", type(refusal).__name__)] += 1
        except Exception as error:  # to be counted, and there must be none
            outcome.unexplained[type(error).__name__] += 1
        else:
            outcome.won += 1
    outcome.seconds, outcome.cpu = time.perf_counter() - started, time.process_time() - cpu
    outcome.retried = lost.count
    return outcome


def _verb(how: str) -> Callable[..., object]:
    from appointments.booking import book
    from appointments.models import Appointment
    from compliance.models import User
    from compliance.retrying import retried
    from compliance.rules import explained

    by = User.objects.get()

    @retried
    def insert(patient: object, provider: object, room: object, start: datetime) -> None:
        with explained():
            Appointment.objects.create(
                patient=patient, provider=provider, room=room, starts_at=start, ends_at=start + HALF
            )

    def through_book(patient: object, provider: object, room: object, start: datetime) -> None:
        book(patient, by=by, provider=provider, room=room, starts_at=start, ends_at=start + HALF)

    return {"book": through_book, "insert": insert}[how]
