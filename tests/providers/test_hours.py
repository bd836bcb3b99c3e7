"""Hours of the week are offered and withdrawn."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from providers.errors import HeldAlready, SlotTooLong
from providers.hours import offer, windows, withdraw
from providers.models import ProviderAvailability

if TYPE_CHECKING:
    from providers.models import Provider

pytestmark = pytest.mark.django_db
MONDAY = date(2024, 1, 8)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def mondays(**changes: Any) -> dict[str, Any]:
    return {
        "weekday": 1,
        "starts_at": time(9),
        "ends_at": time(12),
        "time_zone": "America/New_York",
        "valid_from": MONDAY,
        **changes,
    }


def test_hours_that_are_offered_can_be_booked(provider: Provider, administrator: User) -> None:
    offer(provider, by=administrator, **mondays(valid_until=MONDAY + WEEK, slot_minutes=20))

    assert [len(windows(provider, MONDAY + week * WEEK)) for week in range(-1, 3)] == [0, 1, 1, 0]
    assert windows(provider, MONDAY)[0].slot_minutes == 20


def test_a_morning_and_an_afternoon_are_two_offers(provider: Provider, administrator: User) -> None:
    offer(provider, by=administrator, **mondays())
    offer(provider, by=administrator, **mondays(starts_at=time(12), ends_at=time(17)))

    morning, afternoon = windows(provider, MONDAY)
    assert morning.ends_at == afternoon.starts_at


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts_at": time(11), "ends_at": time(14)}, "overlap with others that hold at the same time"),
        ({"weekday": 2, "ends_at": time(8)}, "a night is two rows"),
        ({"weekday": 2, "valid_until": MONDAY - DAY}, "cease before they begin to hold"),
        ({"weekday": 2, "slot_minutes": 1}, "A slot is 5 minutes to 8 hours long"),
    ],
)
def test_a_rule_that_is_broken_is_said_in_its_sentence(
    provider: Provider, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    offer(provider, by=administrator, **mondays())

    with pytest.raises(RuleBroken, match=sentence):
        offer(provider, by=administrator, **mondays(**changes))


@pytest.mark.parametrize("changes", [{"weekday": 8}, {"time_zone": "Mars/Olympus_Mons"}])
def test_what_a_field_refuses_is_said_by_its_name(
    provider: Provider, administrator: User, changes: dict[str, Any]
) -> None:
    with pytest.raises(FieldsRefused) as refused:
        offer(provider, by=administrator, **mondays(**changes))

    assert set(refused.value.fields) == set(changes)


def test_hours_that_hold_no_slot_are_not_offered(provider: Provider, administrator: User) -> None:
    offer(provider, by=administrator, **mondays(weekday=2, slot_minutes=180))

    with pytest.raises(SlotTooLong, match="A slot of 181 minutes is longer than the hours"):
        offer(provider, by=administrator, **mondays(slot_minutes=181))


def test_hours_hold_to_the_day_to_which_they_are_withdrawn(
    availability: ProviderAvailability, administrator: User
) -> None:
    withdraw(availability, by=administrator, last_day=MONDAY)

    assert windows(availability.provider, MONDAY) != []
    assert windows(availability.provider, MONDAY + WEEK) == []


def test_to_withdraw_hours_never_prolongs_them(availability: ProviderAvailability, administrator: User) -> None:
    withdraw(availability, by=administrator, last_day=MONDAY)
    withdraw(availability, by=administrator, last_day=MONDAY + WEEK)

    assert windows(availability.provider, MONDAY + WEEK) == []


def test_hours_that_never_held_are_gone_and_leave_room(provider: Provider, administrator: User) -> None:
    next_year = timezone.localdate() + timedelta(days=365)
    mistaken = offer(provider, by=administrator, **mondays(valid_from=next_year))

    withdraw(mistaken, by=administrator, last_day=next_year - DAY)

    assert not ProviderAvailability.objects.exists()
    offer(provider, by=administrator, **mondays(starts_at=time(10)))


def test_hours_that_have_held_stay_with_the_day_from_which_they_did(
    availability: ProviderAvailability, administrator: User
) -> None:
    with pytest.raises(HeldAlready, match="have held since 2024-01-01: let them end on that day or later") as refused:
        withdraw(availability, by=administrator, last_day=date(2023, 12, 31))

    assert refused.value.since == availability.valid_from
    assert ProviderAvailability.objects.get().valid_until is None


def test_each_verb_asks_for_its_permission(availability: ProviderAvailability) -> None:
    nobody = User.objects.create_user("desk@clinic.example")

    with pytest.raises(AccessDenied, match="add_provideravailability"):
        offer(availability.provider, by=nobody, **mondays(weekday=2))
    with pytest.raises(AccessDenied, match="change_provideravailability"):
        withdraw(availability, by=nobody, last_day=MONDAY)
