"""The time that a provider has free: the hours of a day less the appointments in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from providers.hours import windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from providers.hours import Window
    from providers.models import Provider

# Zones are 14 hours ahead of UTC to 12 behind: what is one day there lies within three days of UTC.
AROUND = (timedelta(0), timedelta(days=-1), timedelta(days=1))


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Time that can be booked, from a moment up to, not including, another; both in UTC."""

    starts_at: datetime
    ends_at: datetime


def free_slots(provider: Provider, day: date) -> list[Slot]:
    """Return the slots of a provider's day that can still be booked, in order.

    The day is that of the provider's own calendar. Its hours are cut into slots from the beginning of each window; one
    that an appointment touches, or that has begun, is not free. Two queries: the hours and the appointments.
    """
    if not (hours := windows(provider, day)):
        return []
    with connection.cursor() as cursor:  # not the rows: whose they are, not everybody who books may see
        cursor.execute("SELECT * FROM busy_times(%s, %s, %s)", [provider.pk, hours[0].starts_at, hours[-1].ends_at])
        taken = cursor.fetchall()
    now = timezone.now()
    return [
        slot
        for window in hours
        for slot in _cut(window)
        if slot.starts_at >= now and not any(start < slot.ends_at and end > slot.starts_at for start, end in taken)
    ]


def next_free(provider: Provider, moment: datetime, count: int = 3) -> list[Slot]:
    """Return the first free slots from a moment on, at most `count`, of its day and the next."""
    day = moment.astimezone(UTC).date()
    days = (day + shift for shift in sorted(AROUND))
    later = (slot for day in days for slot in free_slots(provider, day) if slot.starts_at >= moment)
    return list(islice(later, count))


def within_hours(provider: Provider, starts_at: datetime, ends_at: datetime) -> bool:
    """Say whether a provider has hours all the time from one moment up to, not including, another."""
    day = starts_at.astimezone(UTC).date()
    found: list[Window] = []
    for shift in AROUND:
        found += windows(provider, day + shift)
        if _cover(found, starts_at, ends_at):
            return True
    return False


def _cover(hours: list[Window], starts_at: datetime, ends_at: datetime) -> bool:
    reached = starts_at
    for window in sorted(hours):
        if window.starts_at <= reached:
            reached = max(reached, window.ends_at)
    return reached >= ends_at


def _cut(window: Window) -> Iterator[Slot]:
    length = timedelta(minutes=window.slot_minutes)
    start = window.starts_at
    while start + length <= window.ends_at:
        yield Slot(start, start + length)
        start += length
