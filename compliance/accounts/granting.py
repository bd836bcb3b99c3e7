"""Who may change what an account may do. Administration sets roles; nobody sets their own, nor makes a superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.accounts.errors import OneselfRefused, SuperusersOnly

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.accounts.models import User

RIGHTS = frozenset({"role", "groups", "is_active", "is_staff", "is_superuser"})


def refuse_escalation(account: User, changed: Collection[str], *, by: User) -> None:
    """Refuse what gives anybody more than whoever does it may give.

    `changed` are the fields that change. Raises OneselfRefused or SuperusersOnly.
    """
    if account.pk == by.pk and RIGHTS.intersection(changed):
        raise OneselfRefused
    if not by.is_superuser and ("is_superuser" in changed or is_out_of_hands(account, by=by)):
        raise SuperusersOnly


def is_out_of_hands(account: User, *, by: User) -> bool:
    """Say whether an account is a superuser's and `by` is none: whoever sets its password could log in as it."""
    return account.is_superuser and not by.is_superuser


def settled_for(account: User | None, *, by: User) -> frozenset[str]:
    """Name the fields that `by` cannot change for an account, or for a new one."""
    if account is not None and account.pk == by.pk:
        return RIGHTS
    return frozenset() if by.is_superuser else frozenset({"is_superuser"})
