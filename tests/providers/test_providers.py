"""Providers: what PostgreSQL refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from compliance.models import User
from providers.models import Provider

if TYPE_CHECKING:
    from datetime import date

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("providers_npi_form", {"npi": "3234567893"}),
        ("providers_npi_form", {"npi": "123456789"}),
        ("providers_name_given", {"given_name": ""}),
        ("providers_taxonomy_form", {"taxonomy_code": "207r00000X"}),
        ("providers_license_whole", {"license_number": "L1"}),
        ("providers_license_whole", {"license_state": "CA"}),
        ("providers_active_forwards", {"active_to": "2019-12-31"}),
    ],
)
def test_a_provider_that_breaks_a_rule_is_refused(provider: Provider, rule: str, changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Provider.objects.filter(pk=provider.pk).update(**changes)
    for name, value in changes.items():
        setattr(provider, name, value)
    with pytest.raises(ValidationError):
        provider.full_clean()


def another(provider: Provider, **changes: str | date) -> Provider:
    return Provider(
        **{
            "npi": "1993999998",
            "family_name": "Second",
            "given_name": "Sam",
            "active_from": provider.active_from,
            **changes,
        }
    )


def test_an_npi_is_one_providers(provider: Provider) -> None:
    with pytest.raises(IntegrityError, match="npi"), transaction.atomic():
        another(provider, npi=provider.npi).save()


def test_a_licence_is_one_providers_and_to_have_none_is_anyones(provider: Provider) -> None:
    another(provider).save()
    Provider.objects.filter(pk=provider.pk).update(license_number="L1", license_state="CA")

    with pytest.raises(IntegrityError, match="providers_license_once"), transaction.atomic():
        another(provider, npi="1558598797", license_number="L1", license_state="CA").save()
    another(provider, npi="1558598797", license_number="L1", license_state="NV").save()


def test_the_account_of_a_provider_cannot_be_deleted(provider: Provider) -> None:
    provider.user = User.objects.create_user("barnaby@clinic.example", role="physician")
    provider.save()

    with pytest.raises(IntegrityError):
        provider.user.delete()
