"""When a provider may be booked: hours of the week, and the moments that they mean on one day."""

from __future__ import annotations

import zoneinfo
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried
from providers.errors import HeldAlready, SlotTooLong
from providers.models import ProviderAvailability

if TYPE_CHECKING:
    from datetime import date, time, tzinfo

    from compliance.models import User
    from providers.models import Provider


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Time in which a provider may be booked, from a moment up to, not including, another; both in UTC.

    In UTC, since Python counts by the clock on the wall when both moments are of one time zone: over a change of the
    clock `ends_at - starts_at` would then be an hour off.
    """

    starts_at: datetime
    ends_at: datetime
    slot_minutes: int


@retried
@transaction.atomic
def offer(
    provider: Provider,
    *,
    by: User,
    weekday: int,
    starts_at: time,
    ends_at: time,
    time_zone: str,
    valid_from: date,
    valid_until: date | None = None,
    slot_minutes: int = 30,
) -> ProviderAvailability:
    """Let a provider be booked in these hours of a weekday, by the clock of a time zone. 1 is Monday, 7 is Sunday.

    Raises SlotTooLong, FieldsRefused, or RuleBroken, such as for hours that overlap with others.
    """
    require(by, "providers.add_provideravailability")
    hours = ProviderAvailability(
        provider=provider,
        weekday=weekday,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=time_zone,
        valid_from=valid_from,
        valid_until=valid_until,
        slot_minutes=slot_minutes,
    )
    length = datetime.combine(valid_from, ends_at) - datetime.combine(valid_from, starts_at)
    if timedelta() < length < timedelta(minutes=slot_minutes):
        raise SlotTooLong(slot_minutes)
    keep(hours)
    return hours


@retried
@transaction.atomic
def withdraw(hours: ProviderAvailability, *, by: User, last_day: date) -> None:
    """Let hours hold no longer than to a day. Appointments that were booked in them stay.

    Hours that have not begun to hold by then never do, and their row goes. Raises HeldAlready when they have been
    bookable since before that.
    """
    require(by, "providers.change_provideravailability")
    locked = ProviderAvailability.objects.select_for_update().get(pk=hours.pk)
    if last_day >= locked.valid_from:
        locked.valid_until = min(last_day, locked.valid_until or last_day)
        keep(locked, "valid_until")
    elif locked.valid_from > timezone.localdate():
        locked.delete()
    else:
        raise HeldAlready(locked.valid_from)


def windows(provider: Provider, day: date) -> list[Window]:
    """Return the time in which a provider may be booked on a day of the calendar, in order and without overlap.

    The day is that of each row's own time zone. Hours that the clock skips are left out, and those that it shows twice
    are there twice: on a Sunday in November, 01:00 to 02:00 in New York lasts two hours.
    """
    found = []
    for hours in ProviderAvailability.objects.on(day).filter(provider=provider):
        zone = zoneinfo.ZoneInfo(hours.time_zone)
        window = Window(
            _first(day, hours.starts_at, zone), _first(day, hours.ends_at, zone), slot_minutes=hours.slot_minutes
        )
        if window.starts_at < window.ends_at:
            found.append(window)
    return sorted(found)


def _first(day: date, wall: time, zone: tzinfo) -> datetime:
    """Return the first moment of the day at which the clock on the wall shows that time or has passed it."""
    shown = datetime.combine(day, wall)
    # PEP 495: of a time that is shown twice, fold 0 is the first. Of one that is skipped, fold 0 counts with the offset
    # before the change and so comes after it, and fold 1 the other way round: the change lies between the two.
    moment = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = shown.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    if before >= moment.replace(microsecond=0):
        return moment
    seconds = range(int((moment - before).total_seconds()) + 1)
    passed = bisect_left(seconds, True, key=lambda s: _clock(before + timedelta(seconds=s), zone) >= shown)
    return before + timedelta(seconds=passed)


def _clock(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
