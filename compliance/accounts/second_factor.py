"""The second factor: a token of an authenticator app (TOTP, RFC 6238), or one of the recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any

import django_otp
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.views.decorators.debug import sensitive_variables
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from compliance.access import require
from compliance.access.holders import roles_of
from compliance.access.policy import policy
from compliance.accounts import events, lockout
from compliance.accounts.errors import OwnSecondFactor, SuperusersOnly
from compliance.accounts.granting import is_out_of_hands
from compliance.accounts.lockout import PERMISSION
from compliance.accounts.revoking import close_all
from compliance.audit.models import ALIAS

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest
    from django_otp.models import Device

    from compliance.accounts.models import User

DIGITS = 6  # of a token of the app
STEP = 30  # seconds that a token holds; one step before and after is taken too
CODES, CODE_BYTES = 10, 6  # recovery codes, each of 48 random bits
CODE_DIGEST_LENGTH = 16  # hexadecimal digits, what django-otp's column has room for


def needs_second_factor(user: User | AnonymousUser) -> bool:
    """Tell whether the policy asks a second factor of one of the account's roles. Of a superuser it is always asked."""
    if not user.is_authenticated:
        return False
    roles = [policy().role(name) for name in roles_of(user)]
    return user.is_superuser or any(role is None or role.second_factor for role in roles)


def has_device(user: User) -> bool:
    """Tell whether the account has an authenticator app."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def codes_left(user: User) -> int:
    """Return how many recovery codes have not been used."""
    left: int = StaticToken.objects.filter(device__user=user, device__confirmed=True).count()
    return left


def is_asked_of(user: User) -> bool:
    """Tell whether this account logs in with a token: when the policy says so, and whoever has chosen to."""
    return bool(settings.SECOND_FACTOR) and (needs_second_factor(user) or has_device(user))


def passed(request: HttpRequest) -> bool:
    """Tell whether a request may go on: its session has shown a token, or none is asked for."""
    user: Any = request.user
    return getattr(user, "otp_device", None) is not None or not user.is_authenticated or not is_asked_of(user)


@receiver(user_logged_in, dispatch_uid="compliance.accounts.second_factor")
def logged_in(user: User, **_: Any) -> None:
    """Forget failed logins once a login is complete: of whom a token is asked, it is not yet."""
    if not is_asked_of(user):
        lockout.forget(user)


def complete(request: HttpRequest, device: Device) -> None:
    """Complete the login of a session by the device whose token it has shown. The session gets a new key."""
    user: Any = request.user
    request.session.cycle_key()
    django_otp.login(request, device)
    events.second_factor_passed(user, request)


@sensitive_variables("token")
def verify(user: User, token: str, request: HttpRequest) -> Device | None:
    """Take a token of the app or a recovery code, once. A wrong one is recorded and makes the next one wait.

    All of it is committed apart: it counts also when the surrounding transaction rolls back.
    """
    typed = "".join(token.split()).replace("-", "").lower()
    found: Device | None = None
    if not lockout.is_locked(user):
        with transaction.atomic(using=ALIAS):
            found = next((one for one in _devices(user, typed) if one.verify_token(_stored(one, typed))), None)
    if found is None:
        events.second_factor_failed(user, request)
        lockout.count(user, request)
    else:
        lockout.forget(user)
    return found


def _devices(user: User, typed: str) -> list[Device]:
    """List the devices that such a token can be of: a try at one that it cannot be of would make that one wait."""
    kind = TOTPDevice if typed.isdecimal() and len(typed) == DIGITS else StaticDevice
    return list(kind.objects.using(ALIAS).select_for_update().filter(user=user, confirmed=True).order_by("pk"))


def _stored(device: Device, typed: str) -> str:
    return _code_digest(device.user_id, typed) if isinstance(device, StaticDevice) else typed


def _code_digest(user_id: int, code: str) -> str:
    """Return what is stored of a recovery code: whoever reads the table cannot log in with it."""
    said = f"recovery code\0{user_id}\0{code}".encode(errors="replace")
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:CODE_DIGEST_LENGTH]


def new_key() -> str:
    """Make the secret of a new app, in hexadecimal."""
    return secrets.token_hex(20)


def unsaved_device(user: User, key: str) -> TOTPDevice:
    """Give the app that a secret makes, before it is confirmed; `config_url` is what its QR code says."""
    return TOTPDevice(user=user, name="Authenticator app", key=key, digits=DIGITS, step=STEP)


@transaction.atomic
def enrol(user: User, *, key: str, token: str, request: HttpRequest) -> TOTPDevice | None:
    """Make an app the account's second factor, when it shows the token of this secret; else return None.

    An app from before is so replaced.
    """
    device = unsaved_device(user, key)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    typed = "".join(token.split())
    if not (typed.isdecimal() and len(typed) == DIGITS and totp.verify(int(typed), device.tolerance)):
        events.second_factor_failed(user, request)
        lockout.count(user, request)
        return None
    TOTPDevice.objects.filter(user=user).delete()
    device.last_t = totp.t()  # the token is used up
    device.save()
    events.second_factor_enrolled(user, request, "authenticator app")
    return device


@transaction.atomic
def new_codes(user: User, request: HttpRequest) -> list[str]:
    """Make recovery codes in the place of those from before. They are shown now and never again."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes", confirmed=True)
    codes = [secrets.token_hex(CODE_BYTES) for _ in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_code_digest(user.pk, code)) for code in codes)
    events.second_factor_enrolled(user, request, "recovery codes")
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


@transaction.atomic
def remove(user: User, *, by: User) -> None:
    """Take away the second factor of somebody who has lost it. Their sessions end, and they set up another at login.

    Raises AccessDenied, OwnSecondFactor: nobody takes away their own, or SuperusersOnly: whoever sets up the next one
    could be the superuser.
    """
    require(by, PERMISSION)
    if user.pk == by.pk:
        raise OwnSecondFactor
    if is_out_of_hands(user, by=by):
        raise SuperusersOnly
    take_away(user)


def take_away(user: User) -> None:
    """Remove app and recovery codes, and end the sessions that they opened. Asks for no right."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    close_all(user)
    events.second_factor_removed(user)
