"""Sessions: who is logged in since when, from where. What a session may do is asked at each request.

Django keeps a session by a key that only the browser knows. This table does not have it: the session carries the number
of its row here, and one whose row is missing or has an end is none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from compliance import phi, rights
from compliance.accounts.models import User, UserAuditLog

if TYPE_CHECKING:
    from django.http import HttpRequest

KEPT = "compliance_session"  # in Django's session: the number of the row here
# Rows of sessions are kept for a while after their end, for whoever wants to look; the log of accounts stays.
KEPT_FOR = timedelta(days=30)


class Ending(models.TextChoices):
    """How a session ended. The database holds the same list in account_sessions_ending_known."""

    LOGOUT = "logout", "Logged out"
    IDLE = "idle", "Idle for too long"
    REVOKED = "revoked", "Ended from elsewhere"


class AccountSessionQuerySet(models.QuerySet["AccountSession"]):
    """Sessions, in the words of a list."""

    def going_on(self) -> Self:
        """Keep those in which something happened lately."""
        return self.filter(ended_at=None, seen_at__gte=timezone.now() - timedelta(seconds=settings.IDLE_SECONDS))


class AccountSession(models.Model):
    """A session of an account. Time, address and browser are those of the login, which the log of accounts has."""

    Ending = Ending
    APP_MAY = rights.ALL

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key; the session carries it."))
    user = models.ForeignKey(
        User, models.PROTECT, related_name="sessions", db_comment=phi.none("Whose account is logged in.")
    )
    login = models.ForeignKey(
        UserAuditLog,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        db_comment=phi.none("The login that began it, in user_audit_log: when, from where, with which browser."),
    )
    seen_at = models.DateTimeField("last seen", db_comment=phi.none("When it was last used, to about a minute."))
    ended_at = models.DateTimeField(
        "ended", null=True, db_comment=phi.none("When it ended; NULL while it has not, or was left idle.")
    )
    ending = models.CharField(
        max_length=10, choices=Ending.choices, null=True, db_comment=phi.none("How it ended; NULL while it has not.")
    )

    objects = AccountSessionQuerySet.as_manager()

    class Meta:
        db_table = "account_sessions"
        db_table_comment = "Who is logged in since when. The keys of the sessions are not here."
        verbose_name = "session"
        default_permissions = ("view",)
        permissions = [("end_accountsession", "Can end sessions of others")]
        indexes = [models.Index(fields=["seen_at"], name="account_sessions_seen")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ending__in=Ending.values),
                name="account_sessions_ending_known",
                violation_error_message="This is no way for a session to end.",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ending=None) | models.Q(ended_at__isnull=False, ending__isnull=False),
                name="account_sessions_end_is_whole",
                violation_error_message="A session that ended says when and how.",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


def begin(request: HttpRequest, user: User, *, login: int) -> None:
    """Write down a session that has just begun. `login` is the key of its event in user_audit_log."""
    row = AccountSession.objects.create(user=user, login_id=login, seen_at=timezone.now())
    request.session[KEPT] = row.pk


def of(request: HttpRequest) -> AccountSession | None:
    """Give the row of a request's session; None when it has none, has ended, or is another account's."""
    match request.session.get(KEPT), request.user.pk:
        case int(key), int(user):
            return AccountSession.objects.filter(pk=key, user_id=user, ended_at=None).first()
    return None


def seen(row: AccountSession) -> None:
    """Note that the session was used now."""
    AccountSession.objects.filter(pk=row.pk).update(seen_at=timezone.now())


def end(request: HttpRequest | None, how: Ending) -> None:
    """Write down the end of a request's session."""
    if request is not None and (row := of(request)) is not None:
        close(AccountSession.objects.filter(pk=row.pk), how)


def close(rows: AccountSessionQuerySet, how: Ending) -> int:
    """End what has not ended, and return how many there were."""
    return rows.filter(ended_at=None).update(ended_at=timezone.now(), ending=how)


def purge() -> int:
    """Remove the rows of sessions that were last used more than 30 days ago. Return how many went."""
    return AccountSession.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR).delete()[0]
