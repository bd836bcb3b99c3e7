"""Logins, failed ones and logouts, in the log of accounts and in the trail. Other account events a trigger writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connections
from django.dispatch import receiver

from compliance.audit import context
from compliance.audit.models import ALIAS, EventType, Outcome
from compliance.audit.recording import digest, record

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.accounts.models import User

USER_AGENT_LENGTH = 400


@receiver(user_logged_in, dispatch_uid="compliance.accounts.logged_in")
def logged_in(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    """Record a login before its session is used."""
    with context.acting(user):
        record(EventType.LOGIN, table_name="users", object_pk=str(user.pk), object_id=user.pk)
    _log("login_ok", user.pk, request)


@receiver(user_logged_out, dispatch_uid="compliance.accounts.logged_out")
def logged_out(user: User | None, request: HttpRequest | None = None, **_: Any) -> None:
    if user is not None:
        record(EventType.LOGOUT, table_name="users", object_pk=str(user.pk), object_id=user.pk)
        _log("logout", user.pk, request)


@receiver(user_login_failed, dispatch_uid="compliance.accounts.login_failed")
def login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record a failed login by a digest of the name that was typed: people type passwords there too."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    record(
        EventType.LOGIN_FAILED,
        outcome=Outcome.SERIOUS_FAILURE,
        table_name="users",
        query_digest=digest(typed.strip().lower()),
    )
    _log("login_fail", None, request)


def _log(action: str, user: int | None, request: HttpRequest | None) -> None:
    agent = request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH] if request else ""
    said = context.current()
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "INSERT INTO user_audit_log (user_id, action, ip_address, user_agent) VALUES (%s, %s, %s, %s)",
            [user, action, said.addr if said else None, agent or None],
        )
