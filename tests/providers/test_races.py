"""Several sessions enter the same of providers at the same moment: one does, the others are told."""

from __future__ import annotations

from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from compliance.errors import RuleBroken
from providers.credentialing import credential, onboard
from providers.hours import offer
from tests.sessions import behind

if TYPE_CHECKING:
    from compliance.models import User
    from providers.models import Provider


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


def test_a_provider_who_is_being_taken_on_is_not_taken_on_twice(administrator: User) -> None:
    taken_on = partial(
        onboard,
        by=administrator,
        npi="1993999998",
        family_name="Brambleworth",
        given_name="Sam",
        active_from=date(2020, 1, 1),
    )

    outcome = behind(taken_on, taken_on)

    assert isinstance(outcome, RuleBroken)
    assert str(outcome) == "Another provider has this NPI."


def test_a_licence_that_is_being_entered_is_refused_for_another(provider: Provider, administrator: User) -> None:
    other = onboard(
        by=administrator, npi="1993999998", family_name="Bramble", given_name="Sam", active_from=date(2020, 1, 1)
    )
    entered = partial(
        credential, by=administrator, license_number="L", license_state="CA", license_expires_on=timezone.localdate()
    )

    outcome = behind(partial(entered, provider), partial(entered, other))

    assert isinstance(outcome, RuleBroken)
    assert str(outcome) == "Another provider has this licence."


def test_hours_that_are_being_offered_are_refused_when_they_overlap(provider: Provider, administrator: User) -> None:
    offered = partial(
        offer,
        provider,
        by=administrator,
        weekday=1,
        ends_at=time(17),
        time_zone="America/New_York",
        valid_from=date(2024, 1, 1),
    )

    outcome = behind(partial(offered, starts_at=time(9)), partial(offered, starts_at=time(12)))

    assert isinstance(outcome, RuleBroken)
    assert outcome.rule == "provider_availability_hours_once"
