"""What somebody has to know about emergencies as they come in: charts that they left open, and what waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from compliance.access.break_glass_grant import REVIEWED_WITHIN, BreakGlassGrant
from compliance.access.notice import Notice
from compliance.access.notifying import REVIEW

if TYPE_CHECKING:
    from compliance.accounts.models import User


def at_a_glance(user: User) -> dict[str, Any]:
    """Give one's own open grants, and how many notices are unread and how many emergencies not reviewed, in numbers.

    Who installed this sees no patients, and would take that for a fault: `administers_only` asks to say why.
    """
    shown: dict[str, Any] = {"unread": Notice.objects.of(user).unread().count()}
    shown["administers_only"] = user.is_superuser and not user.has_perm("patients.view_patient")
    if user.has_perm("compliance.open_breakglassgrant"):
        shown["open_grants"] = list(BreakGlassGrant.objects.open_at().filter(user=user).order_by("ends_at"))
    if user.has_perm(REVIEW):
        waiting = BreakGlassGrant.objects.to_be_reviewed()
        shown["waiting"] = waiting.count()
        shown["overdue"] = waiting.filter(opened_at__lt=timezone.now() - REVIEWED_WITHIN).count()
    return shown
