"""Step-up: before what is irreversible or far-reaching, whoever is logged in shows again that it is they.

A session can be left open or stolen. Breaking the glass and exporting ask for a proof that is at most five minutes old:

    proof = prove(request.user, password=…, token=…, request=request)
    remember(request, proof)
    …
    if recent(request) is None: ask for the password and the token again
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from compliance.accounts import second_factor
from compliance.accounts.errors import StepUpRefused

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.accounts.models import User

FRESH = timedelta(minutes=5)
_KEPT = "compliance_proof"  # in the session: [number of the account, seconds since 1970]


@dataclass(frozen=True, slots=True)
class Proof:
    """Who has shown that they are who they are logged in as, and when; `at` has a time zone."""

    user_id: int
    at: datetime


def asks_for_token() -> bool:
    """Tell whether a form has to ask for a token beside the password: always, but where the second factor is off."""
    return bool(settings.SECOND_FACTOR)


@sensitive_variables("password", "token")
def prove(user: User, *, password: str, token: str = "", request: HttpRequest) -> Proof:
    """Check the password and, where the second factor is on, a token of the app or a recovery code.

    Raises StepUpRefused. A failure is recorded and counts for the lockout, also when the surrounding transaction rolls
    back. Call it before any row is locked: it writes on a connection of its own.
    """
    if asks_for_token() and not second_factor.has_device(user):
        raise StepUpRefused("This account has no second factor yet: set one up first, under your account.")
    check_password(user, password, request)
    if asks_for_token() and second_factor.verify(user, token, request) is None:
        raise StepUpRefused
    return Proof(user.pk, timezone.now())


@sensitive_variables("password")
def check_password(user: User, password: str, request: HttpRequest) -> None:
    """Check the password alone, as a login does, lockout and all. Raises StepUpRefused."""
    found = authenticate(request, username=user.get_username(), password=password, stepping_up=user)
    if found is None or found.pk != user.pk:
        raise StepUpRefused


def remember(request: HttpRequest, proof: Proof) -> None:
    """Keep the proof in the session of its owner. Raises StepUpRefused in anybody else's."""
    if proof.user_id != request.user.pk:
        raise StepUpRefused("This proof is of another account.")
    request.session[_KEPT] = [proof.user_id, proof.at.timestamp()]


def recent(request: HttpRequest) -> Proof | None:
    """Give the proof of this session and this account, if it is at most five minutes old."""
    match request.session.get(_KEPT):
        case [int(user_id), float(seconds)] if user_id == request.user.pk:
            at = datetime.fromtimestamp(seconds, UTC)
            return Proof(user_id, at) if timedelta() <= timezone.now() - at <= FRESH else None
    return None
