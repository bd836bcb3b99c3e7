"""Says for the time of a request who acts, from where and through which door."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from auditlog.cid import get_cid, set_cid
from django.conf import settings

from compliance.audit.context import acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

SESSION_DIGEST_LENGTH = 32


class AuditMiddleware:
    """After Django's AuthenticationMiddleware: takes the account, and the address that a trusted proxy forwards."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self._answer(request)
        with acting(request.user, **_facts(request)):  # type: ignore[arg-type]
            return self.get_response(request)

    async def _answer(self, request: HttpRequest) -> Any:
        with acting(await request.auser(), **_facts(request)):  # type: ignore[arg-type]
            return await self.get_response(request)


def _facts(request: HttpRequest) -> dict[str, Any]:
    set_cid(request)
    key = request.session.session_key
    port = request.META.get("REMOTE_PORT") or ""
    return {
        "cid": get_cid(),
        "addr": client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")),
        "port": int(port) if port.isdecimal() else None,
        "session": hashlib.sha256(key.encode()).hexdigest()[:SESSION_DIGEST_LENGTH] if key else None,
        "source": f"{request.method} {request.path}"[:100],
    }


def client_address(peer: str, forwarded: str) -> str | None:
    """Find the client: the last address that no trusted proxy vouches for. What is no address is left out.

    Each proxy adds to the right of X-Forwarded-For whom it spoke to; the client can write what it likes to the left.
    """
    chain = [*(part.strip() for part in forwarded.split(",") if part.strip()), peer]
    while len(chain) > 1 and _is_trusted(chain[-1]):
        chain.pop()
    return chain[-1] if _address(chain[-1]) else (peer if _address(peer) else None)


def _is_trusted(text: str) -> bool:
    address = _address(text)
    return address is not None and any(
        address in ipaddress.ip_network(network) for network in settings.AUDIT_TRUSTED_PROXIES
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
