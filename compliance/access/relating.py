"""Care begins and ends. What an account reaches follows from it in the next statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.access.care_relationship import CareRelationship, CareRole
from compliance.access.errors import CareEnded
from compliance.keeping import keep
from compliance.retrying import retried

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from compliance.accounts.models import User


@retried
@transaction.atomic
def begin_care(
    patient: Model,
    user: User,
    *,
    by: User,
    role: CareRole = CareRole.TREATING,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> CareRelationship:
    """Put a patient in somebody's care, from now on if no time is given. Times have a zone.

    Raises RuleBroken when they are in that care already at that time, or the record has been merged.
    """
    relationship = CareRelationship(
        patient_id=patient.pk, user=user, role=role, starts_at=starts_at or timezone.now(), ends_at=ends_at
    )
    require(by, "compliance.add_carerelationship", relationship)
    keep(relationship)
    return relationship


@retried
@transaction.atomic
def end_care(relationship: CareRelationship, *, by: User, at: datetime | None = None) -> CareRelationship:
    """Let care end at a moment; now, if none is given. The moment itself is not in care any more.

    Raises CareEnded when it was over before, or RuleBroken when it would end before it began.
    """
    require(by, "compliance.change_carerelationship", relationship)
    locked = CareRelationship.objects.select_for_update().get(pk=relationship.pk)
    now = timezone.now()
    if locked.ends_at is not None and locked.ends_at <= now:
        raise CareEnded
    locked.ends_at = at or now
    keep(locked, "ends_at")
    return locked
