"""Consents as officers record them, with the application's rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.logins import as_app

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import ConsentRecord, User
    from patients.models import Patient
    from tests.compliance.consent.world import World

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415

SIGNED = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)
# What an authorization says besides its purposes: 45 CFR 164.508(c).
WHOLE: dict[str, Any] = {
    "ends_at": datetime(2090, 1, 1, tzinfo=UTC),
    "information_description": "All that is known of the sore throat",
    "disclosers": ["Example Clinic"],
    "recipients": ["The registry of sore throats"],
    "statements_shown": ["revocation", "conditioning", "redisclosure"],
    "signed_at": SIGNED,
    "signature_method": "ink",
}


class Gives(Protocol):
    """Records a consent; an authorization for research, but for what is said otherwise."""

    def __call__(self, **otherwise: Any) -> ConsentRecord: ...


@pytest.fixture
def gives(patient: Patient, reviewer: User) -> Gives:
    from compliance.consent.giving import give

    def given(**otherwise: Any) -> ConsentRecord:
        facts: dict[str, Any] = {
            "consent_type": "hipaa_authorization",
            "purposes": ["HRESCH"],
            "by": reviewer,
            **WHOLE,
            **otherwise,
        }
        with as_app():
            return give(facts.pop("patient", patient), **facts)

    return given


@pytest.fixture
def restricts(patient: Patient, reviewer: User) -> Gives:
    """Agrees to a restriction; on treatment, but for what is said otherwise."""
    from compliance.consent.restricting import restrict

    def restricted(**otherwise: Any) -> ConsentRecord:
        facts: dict[str, Any] = {"purposes": ["TREAT"], "by": reviewer, **otherwise}
        with as_app():
            return restrict(facts.pop("patient", patient), **facts)

    return restricted


@pytest.fixture
def world(patient: Patient, physician: User, reviewer: User, gives: Gives, restricts: Gives) -> World:
    from tests.compliance.consent.world import World

    return World(patient, physician, reviewer, gives, restricts)


@pytest.fixture
def officer(client: Client, reviewer: User) -> Client:
    """A compliance officer, logged in. What a process asks once is asked."""
    from django.contrib.contenttypes.models import ContentType
    from django.urls import reverse

    from compliance.models import ConsentRecord, ConsentRule
    from patients.models import Patient

    client.force_login(reviewer)
    ContentType.objects.get_for_models(ConsentRecord, ConsentRule, Patient)
    client.get(reverse("admin:index"))
    return client
