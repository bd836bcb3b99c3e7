"""Ends a session in which nothing has happened for a while: a screen that somebody left open shows nothing more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.deprecation import MiddlewareMixin

from compliance.accounts import events

if TYPE_CHECKING:
    from django.http import HttpRequest

SEEN = "compliance_seen"  # seconds since 1970
# The time is written anew after this part of the limit, so that not every request writes its session: a session may
# end by as much too early.
PART = 15


class IdleMiddleware(MiddlewareMixin):
    """After AuditMiddleware, so that the end of a session is recorded with its address."""

    def process_request(self, request: HttpRequest) -> None:
        """Log out whoever was idle for longer than IDLE_SECONDS; note the time of everybody else."""
        if not request.user.is_authenticated:
            return
        now, seen = int(time.time()), request.session.get(SEEN)
        if seen is not None and now - seen > settings.IDLE_SECONDS:
            events.timed_out(request.user, request)
            _log_out(request)
        elif seen is None or now - seen >= settings.IDLE_SECONDS // PART:
            request.session[SEEN] = now


def _log_out(request: HttpRequest) -> None:
    """Do as Django's logout() does, which would record that somebody logged out."""
    request.session.flush()
    nobody = AnonymousUser()

    async def auser() -> AnonymousUser:
        return nobody

    request.user, request.auser = nobody, auser
