"""Ending sessions from elsewhere: it takes effect at their next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.access import require
from compliance.accounts import events, sessions
from compliance.accounts.errors import SessionOver
from compliance.accounts.sessions import AccountSession, Ending

if TYPE_CHECKING:
    from compliance.accounts.models import User

PERMISSION = "compliance.end_accountsession"


@transaction.atomic
def revoke(session: AccountSession, *, by: User) -> None:
    """End a session: everybody their own, others' with the permission.

    Raises AccessDenied, or SessionOver when it has ended already.
    """
    if session.user_id != by.pk:
        require(by, PERMISSION)
    if not sessions.close(AccountSession.objects.filter(pk=session.pk), Ending.REVOKED):
        raise SessionOver
    events.session_revoked(session.user)


def revoke_all(user: User, *, by: User) -> int:
    """End all sessions of an account, and return how many there were. Raises AccessDenied."""
    if user.pk != by.pk:
        require(by, PERMISSION)
    return close_all(user)


@transaction.atomic
def close_all(user: User) -> int:
    """Do so as a part of something that asks for a right of its own."""
    if ended := sessions.close(AccountSession.objects.filter(user=user), Ending.REVOKED):
        events.session_revoked(user)
    return ended
