"""Ends a session in which nothing has happened for a while: a screen that somebody left open shows nothing more.

It ends those too that were ended from elsewhere, and those that no login began.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils.deprecation import MiddlewareMixin

from compliance.accounts import events, sessions
from compliance.audit import context

if TYPE_CHECKING:
    from django.http import HttpRequest

SEEN = "compliance_seen"  # seconds since 1970
# The time is written anew after this part of the limit, so that not every request writes its session: a session may
# end by as much too early.
PART = 15


@receiver(user_logged_in, dispatch_uid="compliance.accounts.seen")
def seen(request: HttpRequest | None = None, **_: Any) -> None:
    """Note the time of the login in the session, which is saved then anyhow."""
    if request is not None:
        request.session[SEEN] = int(time.time())


class IdleMiddleware(MiddlewareMixin):
    """After AuditMiddleware, so that the end of a session is recorded with its address."""

    def process_request(self, request: HttpRequest) -> None:
        """Log out whoever was idle for longer than IDLE_SECONDS; note the time of everybody else."""
        if not request.user.is_authenticated:
            return
        if (row := sessions.of(request)) is None:
            _log_out(request)
            return
        now, before = int(time.time()), request.session.get(SEEN)
        if before is not None and now - before > settings.IDLE_SECONDS:
            events.timed_out(request.user, request)
            _log_out(request)
        elif before is None or now - before >= settings.IDLE_SECONDS // PART:
            request.session[SEEN] = now
            sessions.seen(row)


def _log_out(request: HttpRequest) -> None:
    """Do as Django's logout() does, which would record that somebody logged out."""
    request.session.flush()
    nobody = AnonymousUser()

    async def auser() -> AnonymousUser:
        return nobody

    request.user, request.auser = nobody, auser
    context.logged_out()
