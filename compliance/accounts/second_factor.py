"""The second factor: a token of an authenticator app (TOTP, RFC 6238), or one of the recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from compliance.accounts import events
from compliance.accounts.models import Role
from compliance.audit.models import ALIAS

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest
    from django_otp.models import Device

    from compliance.accounts.models import User

TOKEN_LENGTH = 6  # digits of a TOTP token; a recovery code is longer
CODE_DIGEST_LENGTH = 16  # hexadecimal digits, what django-otp's column has room for
# Patients may have one, and a service does not log in on screen.
_WITHOUT = frozenset({Role.PATIENT, Role.SERVICE})


def needs_second_factor(user: User | AnonymousUser) -> bool:
    """Tell whether the policy asks a second factor of this account. A superuser's it always does."""
    return user.is_authenticated and (user.is_superuser or user.role not in _WITHOUT)


def has_device(user: User) -> bool:
    """Tell whether the account has confirmed an authenticator app."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_asked_of(user: User) -> bool:
    """Tell whether this account logs in with a token: when the policy says so, and whoever has chosen to."""
    return settings.SECOND_FACTOR and (needs_second_factor(user) or has_device(user))


@sensitive_variables("token")
def verify(user: User, token: str, request: HttpRequest) -> Device | None:
    """Take a token of the app or a recovery code, once. A wrong one is recorded and makes the next one wait.

    All of it is committed apart: it counts also when the surrounding transaction rolls back.
    """
    typed = "".join(token.split()).lower()
    with transaction.atomic(using=ALIAS):
        found: Device | None = next(
            (one for one in _devices(user, typed) if one.verify_token(_stored(one, typed))), None
        )
    if found is None:
        events.second_factor_failed(user, request)
    return found


def _devices(user: User, typed: str) -> list[Device]:
    """List the devices that such a token can be of: a try at one that it cannot be of would make that one wait."""
    kind = TOTPDevice if typed.isdecimal() and len(typed) == TOKEN_LENGTH else StaticDevice
    return list(kind.objects.using(ALIAS).select_for_update().filter(user=user, confirmed=True).order_by("pk"))


def _stored(device: Device, typed: str) -> str:
    return code_digest(device.user_id, typed) if isinstance(device, StaticDevice) else typed


def code_digest(user_id: int, code: str) -> str:
    """Return what is stored of a recovery code: whoever reads the table cannot log in with it."""
    said = f"recovery code\0{user_id}\0{code}".encode(errors="replace")
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:CODE_DIGEST_LENGTH]
