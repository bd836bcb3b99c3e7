"""What ends soon, for who can ask the patient for more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from compliance.access import visible_to
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.giving import GIVE
from compliance.consent.wording import DAYS_AHEAD

if TYPE_CHECKING:
    from compliance.accounts.models import User


def ending_soon(user: User) -> int:
    """Count the consents within an account's reach that hold and end within DAYS_AHEAD days."""
    if not user.has_perm(GIVE):
        return 0
    ending = ConsentRecord.objects.ending_before(timezone.now() + timedelta(days=DAYS_AHEAD))
    return visible_to(ending, user).count()
