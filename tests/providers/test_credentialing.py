"""A provider is taken on, licensed and registered, and what will end is known before it does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from providers.credentialing import credential, onboard, register_dea
from providers.errors import Expired
from providers.models import Provider
from tests.people import may

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> date:
    return timezone.localdate()


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "npi": "1993999998",
        "family_name": "Brambleworth",
        "given_name": "Sam",
        "active_from": date(2020, 1, 1),
        **changes,
    }


def licence(**changes: Any) -> dict[str, Any]:
    return {"license_number": "L-1", "license_state": "CA", "license_expires_on": today() + 365 * DAY, **changes}


def dea(**changes: Any) -> dict[str, Any]:
    return {"dea_number": "AB1234563", "schedules": ["II", "IV"], "expires_on": today() + 365 * DAY, **changes}


def test_a_provider_is_taken_on(administrator: User) -> None:
    onboarded = onboard(by=administrator, **facts(middle_name=""), **licence())

    kept = Provider.objects.get()
    assert kept == onboarded
    assert (kept.npi, kept.middle_name, kept.license_number) == ("1993999998", None, "L-1")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"npi": "1993999999"}, "This is no NPI"),
        ({"npi": "1234567893"}, "Another provider has this NPI."),
        ({"license_number": "L-1"}, "A licence needs its number and its state."),
    ],
)
def test_a_rule_that_is_broken_is_said_in_its_sentence(
    provider: Provider, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        onboard(by=administrator, **facts(**changes))


def test_what_a_field_refuses_is_said_by_its_name(administrator: User) -> None:
    with pytest.raises(FieldsRefused, match="credentials: Ensure this value has at most 60"):
        onboard(by=administrator, **facts(credentials="MD" * 31))


def test_who_takes_on_a_provider_with_a_licence_may_enter_licences(administrator: User) -> None:
    desk = may(User.objects.create_user("desk@clinic.example"), "providers.add_provider")

    with pytest.raises(AccessDenied, match="credential_provider"):
        onboard(by=desk, **facts(), **licence())
    onboard(by=desk, **facts())


def test_a_licence_is_entered_and_the_next_one_takes_its_place(provider: Provider, administrator: User) -> None:
    credential(provider, by=administrator, **licence(license_expires_on=today()))
    credential(provider, by=administrator, **licence(license_number="L-2", license_state="NV"))

    provider.refresh_from_db()
    assert (provider.license_number, provider.license_state) == ("L-2", "NV")
    assert provider.license_expires_on == today() + 365 * DAY


def test_a_registration_is_entered_with_its_schedules(provider: Provider, administrator: User) -> None:
    register_dea(provider, by=administrator, **dea())

    provider.refresh_from_db()
    assert (provider.dea_number, provider.dea_schedules) == ("AB1234563", ["II", "IV"])
    assert provider.dea_expires_on == today() + 365 * DAY


@pytest.mark.parametrize(
    "enter",
    [
        lambda provider, by, on: credential(provider, by=by, **licence(license_expires_on=on)),
        lambda provider, by, on: register_dea(provider, by=by, **dea(expires_on=on)),
        lambda _, by, on: onboard(by=by, **facts(), **licence(license_expires_on=on)),
        lambda _, by, on: onboard(
            by=by, **facts(dea_number="AB1234563", dea_schedules=["II"], dea_expires_on=on.isoformat())
        ),
    ],
)
def test_what_has_ended_is_not_entered(
    provider: Provider, administrator: User, enter: Callable[[Provider, User, date], object]
) -> None:
    yesterday = today() - DAY

    with pytest.raises(Expired, match=rf"ended on {yesterday}: enter the one that is in force\.") as refused:
        enter(provider, administrator, yesterday)

    assert refused.value.on == yesterday
    kept = Provider.objects.get()
    assert (kept.license_number, kept.dea_number) == (None, None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dea_number": "AB1234567"}, "This is no DEA number"),
        ({"schedules": []}, "needs its number, its last day and its schedules"),
        ({"schedules": ["I"]}, "dea_schedules: "),
    ],
)
def test_a_registration_that_is_wrong_is_refused_in_a_sentence(
    provider: Provider, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((RuleBroken, FieldsRefused), match=sentence):
        register_dea(provider, by=administrator, **dea(**changes))


def test_a_licence_that_another_has_is_refused(provider: Provider, administrator: User) -> None:
    onboard(by=administrator, **facts(), **licence())

    with pytest.raises(RuleBroken, match=r"Another provider has this licence\."):
        credential(provider, by=administrator, **licence())


@pytest.mark.parametrize(
    "enter",
    [
        lambda provider, by: credential(provider, by=by, **licence()),
        lambda provider, by: register_dea(provider, by=by, **dea()),
    ],
)
def test_who_may_change_providers_may_not_therefore_credential_them(
    provider: Provider, enter: Callable[[Provider, User], object]
) -> None:
    desk = may(User.objects.create_user("desk@clinic.example"), "providers.change_provider")

    with pytest.raises(AccessDenied, match="credential_provider"):
        enter(provider, desk)


def test_who_will_lose_a_licence_or_registration_is_known_soonest_first(administrator: User) -> None:
    """Among those who work here, and also when it has ended already."""

    def at_work(npi: str, *, licensed: int | None = None, registered: int | None = None, **changes: Any) -> Provider:
        provider = onboard(by=administrator, **facts(npi=npi, **changes))
        if licensed is not None:
            provider.license_number, provider.license_state = npi, "CA"
            provider.license_expires_on = today() + licensed * DAY
        if registered is not None:
            provider.dea_number, provider.dea_schedules = "AB1234563", ["II"]
            provider.dea_expires_on = today() + registered * DAY
        provider.save()
        return provider

    at_work("1000000012", licensed=31)
    at_work("1000000020", licensed=1, active_to=today() - DAY)
    at_work("1993999998")
    in_a_month = at_work("1000000038", licensed=30)
    registered_for_a_day = at_work("1000000046", licensed=300, registered=1)
    ended = at_work("1000000053", licensed=-5)

    expiring = Provider.objects.expiring(timedelta(days=30))

    assert list(expiring) == [ended, registered_for_a_day, in_a_month]
    assert [provider.expires_on - today() for provider in expiring] == [-5 * DAY, 1 * DAY, 30 * DAY]
