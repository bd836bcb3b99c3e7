"""Logins, failed ones and logouts, in the log of accounts and in the trail. Other account events a trigger writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connections, transaction
from django.dispatch import receiver

from compliance.audit import context
from compliance.audit.middleware import session_digest
from compliance.audit.models import ALIAS, EventType, Outcome
from compliance.audit.recording import digest, or_refused, record
from compliance.audit.subjects import about

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.access.break_glass_grant import BreakGlassGrant
    from compliance.accounts.models import User

USER_AGENT_LENGTH = 400


@receiver(user_logged_in, dispatch_uid="compliance.accounts.logged_in")
def logged_in(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    """Record a login before its session is used. What the request still does, the account does."""
    session = session_digest(request) if request is not None else None
    with context.acting(user, session=session):
        _record(EventType.LOGIN, "login_ok", user, request)
    context.logged_in(user, session)


@receiver(user_logged_out, dispatch_uid="compliance.accounts.logged_out")
def logged_out(user: User | None, request: HttpRequest | None = None, **_: Any) -> None:
    """Record a logout, of somebody who was logged in."""
    if user is not None:
        _record(EventType.LOGOUT, "logout", user, request)


@receiver(user_login_failed, dispatch_uid="compliance.accounts.login_failed")
def login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record a failed login by a digest of the name that was typed: people type passwords there too."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    _record(
        EventType.LOGIN_FAILED,
        "login_fail",
        credentials.get("stepping_up"),
        request,
        outcome=Outcome.SERIOUS_FAILURE,
        query_digest=digest(typed.strip().lower()),
    )


def second_factor_failed(user: User, request: HttpRequest) -> None:
    """Record a wrong token of somebody whose password was right."""
    _record(
        EventType.LOGIN_FAILED,
        "mfa_fail",
        user,
        request,
        outcome=Outcome.SERIOUS_FAILURE,
        outcome_reason="wrong token of the second factor",
    )


def timed_out(user: User, request: HttpRequest) -> None:
    """Record that a session ended since nothing happened in it."""
    _record(EventType.LOGOUT, "timeout_logoff", user, request, outcome_reason="idle for too long")


def broke_glass(step: str, grant: BreakGlassGrant, *, by: User, **facts: Any) -> None:
    """Record a step of an emergency: in the trail with whose chart it is, and in the log of the account that opened it.

    `facts` are codes and numbers. Written apart from the surrounding transaction, before it is committed: what cannot
    be recorded is not done.
    """
    said = context.current()
    with or_refused(), transaction.atomic(using=ALIAS):
        record(EventType.BREAK_GLASS, **about(grant), additional_data={"step": step, **facts})
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "INSERT INTO user_audit_log (user_id, action, changed_by, ip_address) VALUES (%s, %s, %s, %s)",
                [grant.user_id, f"break_glass_{step}", by.pk, said.addr if said else None],
            )


def _record(event: EventType, action: str, user: User | None, request: HttpRequest | None, **facts: Any) -> None:
    """Record an event in the trail and in the log of accounts: in both or, with NotRecorded, in neither."""
    about = {"object_pk": str(user.pk), "object_id": user.pk} if user is not None else {}
    agent = request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH] if request is not None else ""
    with or_refused(), transaction.atomic(using=ALIAS):
        record(event, table_name="users", **about, **facts)
        said = context.current()
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "INSERT INTO user_audit_log (user_id, action, ip_address, user_agent) VALUES (%s, %s, %s, %s)",
                [user.pk if user is not None else None, action, said.addr if said else None, _printable(agent) or None],
            )


def _printable(text: str) -> str:
    """Leave out what PostgreSQL takes in no text. A client may send anything."""
    return text.replace("\0", "")
