"""A provider may give care here: taken on by NPI, with a licence, and with a DEA registration for what needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import check_fields, keep, refuse_others, typed_in
from compliance.retrying import retried
from providers.errors import Expired
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from compliance.models import User


@retried
@transaction.atomic
def onboard(*, by: User, **facts: Any) -> Provider:
    """Take on a provider; `facts` are fields of Provider.

    With a licence or a DEA registration among them, it also asks what `credential` and `register_dea` ask. Raises
    Expired, FieldsRefused or RuleBroken.
    """
    require(by, "providers.add_provider")
    refuse_others(facts, typed_in(Provider))
    provider = Provider(**facts)
    check_fields(provider)
    if provider.license_number or provider.dea_number:
        require(by, "providers.credential_provider")
    _in_force("licence", provider.license_expires_on)
    _in_force("DEA registration", provider.dea_expires_on)
    keep(provider)
    return provider


@retried
@transaction.atomic
def credential(
    provider: Provider, *, by: User, license_number: str, license_state: str, license_expires_on: date
) -> Provider:
    """Enter a provider's licence, or the next one in its place. Raises Expired, FieldsRefused or RuleBroken."""
    require(by, "providers.credential_provider")
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    _in_force("licence", license_expires_on)
    locked.license_number, locked.license_state = license_number, license_state
    locked.license_expires_on = license_expires_on
    keep(locked, "license_number", "license_state", "license_expires_on")
    return locked


@retried
@transaction.atomic
def register_dea(
    provider: Provider, *, by: User, dea_number: str, schedules: Iterable[str], expires_on: date
) -> Provider:
    """Enter a provider's DEA registration with the schedules that it covers, or the next one in its place.

    Raises Expired, FieldsRefused or RuleBroken. Whether a prescription is covered, the database looks at when it is
    signed.
    """
    require(by, "providers.credential_provider")
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    _in_force("DEA registration", expires_on)
    locked.dea_number, locked.dea_schedules, locked.dea_expires_on = dea_number, list(schedules), expires_on
    keep(locked, "dea_number", "dea_schedules", "dea_expires_on")
    return locked


def _in_force(what: str, last_day: date | None) -> None:
    if last_day is not None and last_day < timezone.localdate():
        raise Expired(what, last_day)
