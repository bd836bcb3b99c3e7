"""Authenticator apps, as a test holds them in its hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

if TYPE_CHECKING:
    from compliance.models import User


def enrol(user: User) -> TOTPDevice:
    """Give the account an app that is confirmed."""
    return TOTPDevice.objects.create(user=user, name="App", confirmed=True)


def token_of(device: TOTPDevice, *, later: int = 0) -> str:
    """Return what the app shows now, or so many steps of 30 seconds later."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, later)
    totp.time = time.time()
    return f"{totp.token():06}"


def a_wrong_token(device: TOTPDevice) -> str:
    """Return six digits that the app shows neither now nor just before or after."""
    near = {token_of(device, later=steps) for steps in range(-3, 4)}
    return next(digits for digits in map("{:06}".format, range(10)) if digits not in near)
