"""Who may do what: the one door that every capability goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import AccessDenied

if TYPE_CHECKING:
    from compliance.accounts.models import User


def require(user: User | None, permission: str) -> None:
    """Let an account through that is active and has the permission `app.codename`. Raises AccessDenied.

    Nobody, None, has no permission: so it is when a caller forgot to ask who is there.
    """
    if user is None or not user.has_perm(permission):
        raise AccessDenied(permission)
