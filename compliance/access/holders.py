"""What an account holds: its roles, and what it acts for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.access.policy import ADMINISTRATION, policy

if TYPE_CHECKING:
    from compliance.accounts.models import User

_CACHE = "_access_roles"


def roles_of(user: User) -> frozenset[str]:
    """Give the roles of an account: its own, those of its groups and, for a superuser, administration.

    They are asked for once for an object, as Django does with permissions; the database asks itself each time.
    """
    held: frozenset[str] | None = getattr(user, _CACHE, None)  # a request's user is a proxy: its __dict__ is its own
    if held is None:
        held = own_roles(user) | set(user.groups.values_list("name", flat=True))
        setattr(user, _CACHE, held)
    return held


def own_roles(user: User) -> frozenset[str]:
    """Give the roles that stand in the account itself."""
    return frozenset({user.role, ADMINISTRATION} if user.is_superuser else {user.role})


def usual_purpose(role: str) -> str | None:
    """Give what a role acts for when nothing else is said; None for a role that the policy does not know."""
    known = policy().role(role)
    return known.purposes[0] if known is not None else None
