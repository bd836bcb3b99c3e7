"""Shuts out who guesses passwords: by the account that is tried, and by the address that tries.

django-axes asks at each login, and this handler answers. Its own keeps what was typed, on the request's connection,
where a rollback would forget it; this one keeps a digest of the name, an address, a number and a time. A name that no
account has is shut out like any other, so that the answer tells nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from axes.handlers.base import AxesHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db import connections, transaction
from django.db.models import F, Sum
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from compliance.access import require
from compliance.access.backend import RoleBackend
from compliance.accounts import events
from compliance.accounts.models import User
from compliance.audit import context
from compliance.audit.models import ALIAS
from compliance.audit.recording import digest, or_refused

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

PERMISSION = "compliance.change_user"
NUL = "\0"
# One failure is counted after the other, so that of many at once each sees those before it.
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtext('compliance.accounts.lockout'))"


class Backend(AxesStandaloneBackend, RoleBackend):  # type: ignore[misc] # django-axes carries no types
    """Logs in with e-mail address and password, behind the lockout."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **said: Any
    ) -> User | None:
        """Raise PermissionDenied while the name or the address is shut out."""
        AxesStandaloneBackend.authenticate(self, request or HttpRequest(), username=username, password=password, **said)
        if NUL in typed_name({"username": username, **said}):
            return None  # PostgreSQL takes it in no text, so no account has it
        found: User | None = RoleBackend.authenticate(self, request, username=username, password=password, **said)
        return found

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **said: Any
    ) -> User | None:
        """Do the same. The one that django-axes leaves to Django does not ask whether somebody is shut out."""
        found: User | None = await sync_to_async(self.authenticate)(
            request, username=username, password=password, **said
        )
        return found


class Handler(AxesHandler):  # type: ignore[misc]
    """Counts failed logins and wrong tokens, committed apart from whatever the request does."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return how many failures of this account stand."""
        return _total(_recent().filter(username=_kept(credentials)))

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Tell whether the account or the address is shut out."""
        return _shut_out(credentials) is not None

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **_: object
    ) -> None:
        """Count a failure and, when it is one too many, shut out. To fail meanwhile makes it no longer."""
        with or_refused(), transaction.atomic(using=ALIAS):
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(_ONE_BY_ONE)
            if _shut_out(credentials) is None:
                _count(credentials)
                if (reason := _shut_out(credentials)) is not None:
                    events.locked_out(_account(credentials), request, reason, name=typed_name(credentials))
        if request is not None:
            request.axes_locked_out = self.is_locked(request, credentials)  # type: ignore[attr-defined]

    def post_save_access_attempt(self, instance: AccessAttempt, **_: object) -> None:
        """Do nothing: django-axes tells of every row."""

    post_delete_access_attempt = post_save_access_attempt

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """Forget failures, for axes_reset and its like: each leaves an event."""
        kept = _kept({"username": username}) if username else None
        wanted = {name: value for name, value in (("ip_address", ip_address), ("username", kept)) if value}
        with or_refused(), transaction.atomic(using=ALIAS):
            forgotten: int = AccessAttempt.objects.using(ALIAS).filter(**wanted).delete()[0]
            whom = " and ".join(filter(None, ("an account" if username else "", "an address" if ip_address else "")))
            events.unlocked(_account({"username": username}) if username else None, f"unlocked: {whom or 'everybody'}")
        return forgotten


def forget(user: User) -> None:
    """Begin to count anew, since the account's owner has just shown all that there is to show."""
    with or_refused():
        AccessAttempt.objects.using(ALIAS).filter(username=_kept({"username": user.email})).delete()


def count(user: User, request: HttpRequest) -> None:
    """Count a wrong token as what it is: somebody who has the password tries to log in."""
    AxesProxyHandler.user_login_failed(__name__, {"username": user.email}, request)


def is_locked(user: User) -> bool:
    """Tell whether the account is shut out now, or the address that asks."""
    return _shut_out({"username": user.email}) is not None


def unlock(user: User, *, by: User) -> None:
    """Let an account try again at once. An address that is shut out stays so until its time is over."""
    require(by, PERMISSION)
    AxesProxyHandler.reset_attempts(username=user.email)


def purge() -> int:
    """Remove what counts no more: failures from before the time that a lockout lasts. Return how many rows went."""
    before = timezone.now() - settings.AXES_COOLOFF_TIME
    removed: int = AccessAttempt.objects.using(ALIAS).filter(attempt_time__lt=before).delete()[0]
    return removed


def answer(request: HttpRequest, *_: object) -> HttpResponse:
    """Say that one has to wait. The page is the same for every account, and for those that are none."""
    said = {**admin.site.each_context(request), "minutes": settings.AXES_COOLOFF_TIME.seconds // 60}
    page = TemplateResponse(request, "compliance/accounts/locked_out.html", said, status=429)
    page.headers["Retry-After"] = str(settings.AXES_COOLOFF_TIME.seconds)
    return page.render()


def name_of(_request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return what django-axes calls the name: a digest, of no use to whoever reads it in a log."""
    return _kept(credentials)


def address_of(_request: HttpRequest) -> str | None:
    """Return the client's address, as the trail has it: what a proxy forwards is believed of trusted ones only."""
    said = context.current()
    return said.addr if said else None


def typed_name(credentials: dict[str, Any] | None) -> str:
    said = credentials or {}
    return str(said.get("username") or said.get("email") or "")


def _kept(credentials: dict[str, Any] | None) -> str:
    """Return the digest by which failures of a name are counted: of the account's own name, where it is one's.

    PostgreSQL finds an account by names that Python tells apart, as with a dotted capital I: all count for the account.
    """
    account = _account(credentials)
    return digest((typed_name(credentials) if account is None else account.email).strip().lower())


def _account(credentials: dict[str, Any] | None) -> User | None:
    name = typed_name(credentials)
    try:
        return None if NUL in name else User.objects.get_by_natural_key(name)
    except User.DoesNotExist:
        return None


def _count(credentials: dict[str, Any] | None) -> None:
    purge()
    said = context.current()
    row, _ = (
        AccessAttempt.objects.using(ALIAS)
        .select_for_update()
        .get_or_create(
            username=_kept(credentials),
            ip_address=said.addr if said else None,
            user_agent="",
            defaults={"failures_since_start": 0},
        )
    )
    row.failures_since_start, row.attempt_time = F("failures_since_start") + 1, timezone.now()
    row.save(update_fields=["failures_since_start", "attempt_time"])


def _shut_out(credentials: dict[str, Any] | None) -> str | None:
    """Say why somebody is shut out; None when nobody is."""
    said = context.current()
    if _total(_recent().filter(username=_kept(credentials))) >= settings.AXES_FAILURE_LIMIT:
        return "too many failed logins to one account"
    if said and said.addr and _total(_recent().filter(ip_address=said.addr)) >= settings.LOCKOUT_ADDRESS_LIMIT:
        return "too many failed logins from one address"
    return None


def _recent() -> QuerySet[Any]:
    attempts: QuerySet[Any] = AccessAttempt.objects.using(ALIAS)
    return attempts.filter(attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME).order_by()


def _total(attempts: QuerySet[Any]) -> int:
    return attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
