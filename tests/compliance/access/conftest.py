"""Emergencies: who opens charts, and how one is opened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from tests.logins import as_app

if TYPE_CHECKING:
    from compliance.models import BreakGlassGrant, User
    from patients.models import Patient

REASON = "Found unconscious, no relatives here"


class Opens(Protocol):
    """Opens a chart with what is usual, but for what is said otherwise."""

    def __call__(self, **otherwise: Any) -> BreakGlassGrant: ...


def past(grant: BreakGlassGrant, **ago: int) -> BreakGlassGrant:
    """Move what was opened into the past, as if it had been opened then."""
    from compliance.models import BreakGlassGrant  # noqa: PLC0415 - models load after the settings

    moved = timedelta(**ago)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE break_glass_grants DISABLE TRIGGER hold_break_glass")
        BreakGlassGrant.objects.filter(pk=grant.pk).update(
            **{name: F(name) - moved for name in ("opened_at", "ends_at", "closed_at", "proved_at")}
        )
        cursor.execute("ALTER TABLE break_glass_grants ENABLE TRIGGER hold_break_glass")
    grant.refresh_from_db()
    return grant


@pytest.fixture
def opens(patient: Patient, physician: User, reviewer: User) -> Opens:
    from compliance.access.break_glass import open_chart  # noqa: PLC0415 - models load after the settings
    from compliance.accounts.stepping_up import Proof  # noqa: PLC0415

    def opened(**otherwise: Any) -> BreakGlassGrant:
        asked: dict[str, Any] = {"by": physician, "reason": REASON, "minutes": 60, **otherwise}
        asked.setdefault("proof", Proof(asked["by"].pk, timezone.now() - timedelta(seconds=1)))
        with as_app():
            return open_chart(asked.pop("patient", patient), **asked)

    return opened
