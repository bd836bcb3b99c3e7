"""The moments in which a provider may be booked, also on the days on which the clock changes."""

from __future__ import annotations

import itertools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from providers.hours import Window, windows
from providers.models import ProviderAvailability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from providers.models import Provider

pytestmark = pytest.mark.django_db
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
# The second Sunday of March, on which 02:00 to 03:00 is skipped, and the first of November, on which 01:00 to 02:00
# comes twice.
SPRING, AUTUMN = date(2025, 3, 9), date(2025, 11, 2)
ZONES = ["America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "Europe/Dublin"]


def hours(provider: Provider, day: date, start: time, end: time, zone: str = "America/New_York") -> None:
    ProviderAvailability.objects.create(
        provider=provider,
        weekday=day.isoweekday(),
        starts_at=start,
        ends_at=end,
        time_zone=zone,
        valid_from=day,
        valid_until=day,
    )


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def test_hours_hold_on_their_weekday_while_they_are_valid(availability: ProviderAvailability) -> None:
    availability.valid_until = date(2024, 1, 15)
    availability.save()

    monday = date(2024, 1, 8)
    assert windows(availability.provider, monday) == [Window(utc(monday, 14), utc(monday, 22), 30)]
    assert windows(availability.provider, date(2024, 1, 15)) != []
    for day in (date(2023, 12, 25), date(2024, 1, 9), date(2024, 1, 22)):
        assert windows(availability.provider, day) == []


def test_hours_end_with_the_provider_s_time_here(availability: ProviderAvailability) -> None:
    availability.provider.active_to = date(2024, 1, 8)
    availability.provider.save()

    assert windows(availability.provider, date(2024, 1, 8)) != []
    assert windows(availability.provider, date(2024, 1, 15)) == []


def test_windows_come_in_the_order_of_time_also_when_their_zones_differ(provider: Provider) -> None:
    day = date(2024, 5, 6)
    hours(provider, day, time(8), time(10), "America/Los_Angeles")
    hours(provider, day, time(10), time(10, 30), "America/New_York")

    assert windows(provider, day) == [
        Window(utc(day, 14), utc(day, 14, 30), 30),
        Window(utc(day, 15), utc(day, 17), 30),
    ]


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        (time(1), time(2), (utc(SPRING, 6), utc(SPRING, 7))),
        (time(1, 30), time(2, 30), (utc(SPRING, 6, 30), utc(SPRING, 7))),
        (time(2), time(3), None),
        (time(2, 15), time(2, 45), None),
        (time(2, 30), time(3, 30), (utc(SPRING, 7), utc(SPRING, 7, 30))),
        (time(1), time(4), (utc(SPRING, 6), utc(SPRING, 8))),
        (time(9), time(17), (utc(SPRING, 13), utc(SPRING, 21))),
    ],
)
def test_an_hour_that_the_clock_skips_cannot_be_booked(
    provider: Provider, start: time, end: time, window: tuple[datetime, datetime] | None
) -> None:
    hours(provider, SPRING, start, end)

    assert windows(provider, SPRING) == ([Window(*window, 30)] if window else [])


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        (time(0, 30), time(1, 30), (utc(AUTUMN, 4, 30), utc(AUTUMN, 5, 30))),
        (time(1), time(2), (utc(AUTUMN, 5), utc(AUTUMN, 7))),
        (time(1, 30), time(2, 30), (utc(AUTUMN, 5, 30), utc(AUTUMN, 7, 30))),
        (time(9), time(17), (utc(AUTUMN, 14), utc(AUTUMN, 22))),
    ],
)
def test_an_hour_that_the_clock_shows_twice_is_there_twice(
    provider: Provider, start: time, end: time, window: tuple[datetime, datetime]
) -> None:
    hours(provider, AUTUMN, start, end)

    assert windows(provider, AUTUMN) == [Window(*window, 30)]


def test_a_day_that_a_zone_skipped_cannot_be_booked(provider: Provider) -> None:
    hours(provider, date(2011, 12, 30), time(9), time(17), "Pacific/Apia")
    provider.active_from = date(2011, 1, 1)
    provider.save()

    assert windows(provider, date(2011, 12, 30)) == []


def moments_of(day: date) -> Iterator[datetime]:
    """Return every fifth minute that is on that day somewhere on Earth."""
    start = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    return (start + timedelta(minutes=minute) for minute in range(0, 42 * 60, 5))


def _is_shown(day: date, zone: zoneinfo.ZoneInfo) -> bool:
    midnight = datetime.combine(day, time(), zone)
    return midnight.astimezone(UTC).astimezone(zone) == midnight


days = st.one_of(st.dates(date(2010, 1, 1), date(2035, 12, 31)), st.sampled_from([SPRING, AUTUMN, date(2025, 4, 6)]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(day=date(2025, 3, 9), zone="America/Havana", cuts=[time(0), time(0, 0, 0, 1)])
@given(day=days, zone=st.sampled_from(ZONES), cuts=st.lists(st.times(), min_size=2, max_size=4, unique=True))
def test_windows_hold_what_the_wall_says_and_last_as_long_on_a_day_without_a_change(
    provider: Provider, day: date, zone: str, cuts: list[time]
) -> None:
    provider.active_from = date(2000, 1, 1)
    provider.save()
    ProviderAvailability.objects.all().delete()
    for start, end in itertools.pairwise(sorted(cuts)):
        hours(provider, day, start, end, zone)
    local = zoneinfo.ZoneInfo(zone)

    found = windows(provider, day)

    assert all(before.ends_at == after.starts_at for before, after in itertools.pairwise(found))
    for moment in moments_of(day):
        clock = moment.astimezone(local)
        if clock.utcoffset() == clock.replace(fold=1 - clock.fold).utcoffset():  # the wall shows this time once
            is_open = clock.date() == day and min(cuts) <= clock.time() < max(cuts)
            assert any(window.starts_at <= moment < window.ends_at for window in found) == is_open
    # Midnight itself may be skipped, as in Havana: such a day has one offset and yet lacks an hour.
    midnights = [datetime.combine(day + timedelta(days=after), time(), local).timestamp() for after in (0, 1)]
    if midnights[1] - midnights[0] == timedelta(days=1).total_seconds() and _is_shown(day, local):
        on_the_wall = datetime.combine(day, max(cuts)) - datetime.combine(day, min(cuts))
        assert sum((window.ends_at - window.starts_at for window in found), timedelta()) == on_the_wall
