"""What happens to accounts, in the log of accounts and in the trail: logins, failed ones, lockouts, second factors.

New accounts and changes of passwords, roles and rights a trigger writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connections, transaction
from django.dispatch import receiver

from compliance.accounts import sessions
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
    session = None
    if request is not None:
        if request.session.session_key is None:  # Django makes one when it answers, but what is recorded needs it now
            request.session.create()
        session = session_digest(request)
    with context.acting(user, session=session):
        login = _record(EventType.LOGIN, "login_ok", user, request)
    context.logged_in(user, session)
    if request is not None:
        sessions.begin(request, user, login=login)


@receiver(user_logged_out, dispatch_uid="compliance.accounts.logged_out")
def logged_out(user: User | None, request: HttpRequest | None = None, **_: Any) -> None:
    """Record a logout, of somebody who was logged in."""
    if user is not None:
        _record(EventType.LOGOUT, "logout", user, request)
        sessions.end(request, sessions.Ending.LOGOUT)


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


def locked_out(user: User | None, request: HttpRequest | None, reason: str, *, name: str) -> None:
    """Record that an account or an address is shut out; of no account when the name that was tried has none."""
    _record(
        EventType.ACCOUNT,
        "lockout",
        user,
        request,
        outcome=Outcome.SERIOUS_FAILURE,
        outcome_reason=reason,
        query_digest=digest(name.strip().lower()),
    )


def unlocked(user: User | None, what: str) -> None:
    """Record that somebody ended a lockout."""
    _done("unlock", user, None, what)


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


def second_factor_passed(user: User, request: HttpRequest) -> None:
    """Record that a login was completed by a token."""
    _record(EventType.LOGIN, "mfa_ok", user, request)


def second_factor_enrolled(user: User, request: HttpRequest, what: str) -> None:
    """Record a new authenticator app, or new recovery codes."""
    _done("mfa_enroll", user, request, what)


def second_factor_removed(user: User) -> None:
    """Record that an administrator took a second factor away, since it was lost."""
    _done("mfa_reset", user, None, "second factor removed")


def session_revoked(user: User) -> None:
    """Record that a session was ended from elsewhere."""
    _done("session_revoked", user, None, "session ended by somebody")


def reset_asked(user: User | None, request: HttpRequest, *, name: str) -> None:
    """Record that somebody asked for a mail to set a new password with; of no account when the address has none."""
    typed = digest(name.strip().lower())
    _record(EventType.ACCOUNT, "password_reset_request", user, request, query_digest=typed)


def password_reset(user: User, request: HttpRequest) -> None:
    """Record that a password was set by way of a mail."""
    _done("password_reset", user, request, "password set by way of a mail")


def timed_out(user: User, request: HttpRequest) -> None:
    """Record that a session ended since nothing happened in it."""
    _record(EventType.LOGOUT, "timeout_logoff", user, request, outcome_reason="idle for too long")
    sessions.end(request, sessions.Ending.IDLE)


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


def _done(action: str, user: User | None, request: HttpRequest | None, what: str) -> None:
    """Record what somebody did to an account: whoever acts now."""
    said = context.current()
    _record(EventType.ACCOUNT, action, user, request, by=said.actor if said else None, outcome_reason=what)


def _record(
    event: EventType,
    action: str,
    user: User | None,
    request: HttpRequest | None,
    *,
    by: int | None = None,
    **facts: Any,
) -> int:
    """Record an event in the trail and in the log of accounts: in both or, with NotRecorded, in neither.

    Return its key in the log of accounts.
    """
    about = {"object_pk": str(user.pk), "object_id": user.pk} if user is not None else {}
    agent = request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH] if request is not None else ""
    with or_refused(), transaction.atomic(using=ALIAS):
        record(event, table_name="users", **about, **facts)
        said = context.current()
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "INSERT INTO user_audit_log (user_id, action, changed_by, ip_address, user_agent) "
                "VALUES (%s, %s, (SELECT id FROM users WHERE id = %s), %s, %s) RETURNING id",
                [
                    user.pk if user is not None else None,
                    action,
                    by,
                    said.addr if said else None,
                    _printable(agent) or None,
                ],
            )
            key: int = cursor.fetchone()[0]
    return key


def _printable(text: str) -> str:
    """Leave out what PostgreSQL takes in no text. A client may send anything."""
    return text.replace("\0", "")
