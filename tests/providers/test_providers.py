"""Providers: what is one provider's alone, and what anybody may be without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from compliance.models import User
from tests.breaking import beside

if TYPE_CHECKING:
    from django.db.models import Model

    from providers.models import Provider, ProviderAvailability

pytestmark = pytest.mark.django_db


def another(provider: Provider, **changes: str) -> Model:
    row = beside(provider)
    for name, value in {"npi": "1993999998", **changes}.items():
        setattr(row, name, value)
    return row


def test_to_have_no_licence_no_dea_number_and_no_account_is_anyones(provider: Provider) -> None:
    second = another(provider)

    second.full_clean()
    second.save()


def test_two_states_may_give_one_licence_number(provider: Provider) -> None:
    provider.license_number, provider.license_state = "L1", "CA"
    provider.save()
    second = another(provider, license_state="NV")

    second.full_clean()
    second.save()


def test_the_account_of_a_provider_cannot_be_deleted(provider: Provider) -> None:
    provider.user = User.objects.create_user("barnaby@clinic.example", role="physician")
    provider.save()

    with pytest.raises(ProtectedError):
        provider.user.delete()
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="deactivated"), transaction.atomic():
        cursor.execute("DELETE FROM users")


def test_hours_may_follow_each_other_on_one_day(availability: ProviderAvailability) -> None:
    evening = beside(availability)
    evening.starts_at, evening.ends_at = availability.ends_at, availability.ends_at.replace(hour=20)

    evening.full_clean()
    evening.save()


def test_an_address_that_only_some_mail_servers_take_is_taken(provider: Provider) -> None:
    provider.email = "o'barnaby+clinic@localhost"

    provider.full_clean()
    provider.save()
