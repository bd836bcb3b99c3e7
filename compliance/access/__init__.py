"""Who may do what: the one door that every capability goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.audit import context, recording
from compliance.errors import AccessDenied

if TYPE_CHECKING:
    from compliance.accounts.models import User


def require(user: User | None, permission: str) -> None:
    """Let an account through that is active and has the permission `app.codename`.

    Nobody, None, has no permission: so it is when a caller forgot to ask who is there. Raises AccessDenied, once the
    trail has recorded that it was asked for.
    """
    if user is None or not user.has_perm(permission):
        refusal = AccessDenied(permission)
        with context.acting(user):
            recording.denied(str(refusal))
        raise refusal
