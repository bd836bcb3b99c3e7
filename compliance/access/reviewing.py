"""Each emergency is reviewed by somebody else, once, when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.access.break_glass_grant import BreakGlassGrant, ReviewOutcome
from compliance.access.errors import ReviewedAlready, ReviewOfOneself, StillOpen
from compliance.accounts.events import broke_glass
from compliance.audit import context
from compliance.keeping import keep
from compliance.retrying import retried

if TYPE_CHECKING:
    from compliance.accounts.models import User


@retried
@transaction.atomic
def review(grant: BreakGlassGrant, *, by: User, outcome: ReviewOutcome, note: str | None = None) -> BreakGlassGrant:
    """Write down what a reviewer found. What was not justified has a note.

    Raises ReviewOfOneself, ReviewedAlready, StillOpen or RuleBroken.
    """
    require(by, "compliance.review_breakglassgrant", grant)
    with context.acting(by):
        locked = BreakGlassGrant.objects.select_for_update().get(pk=grant.pk)
        if locked.user_id == by.pk:
            raise ReviewOfOneself
        if locked.reviewed_at is not None:
            raise ReviewedAlready(locked.reviewed_at)
        if locked.over_at > (now := timezone.now()):
            raise StillOpen(locked.over_at)
        locked.reviewed_by, locked.reviewed_at, locked.review_outcome = by, now, outcome
        locked.review_note = note
        keep(locked, "reviewed_by", "reviewed_at", "review_outcome", "review_note")
        broke_glass("review", locked, by=by, outcome=str(outcome))
    return locked
