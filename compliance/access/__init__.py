"""Who may do what: the one door that every capability goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.audit import context, recording
from compliance.errors import AccessDenied

if TYPE_CHECKING:
    from compliance.accounts.models import User


def require(user: User, permission: str) -> None:
    """Let an account through that is active and has the permission `app.codename`.

    Raises AccessDenied, once the trail has recorded that it was asked for.
    """
    if not user.has_perm(permission):
        refusal = AccessDenied(permission)
        with context.acting(user):
            recording.denied(str(refusal))
        raise refusal
