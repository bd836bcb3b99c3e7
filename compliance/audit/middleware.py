"""Says for the time of a request who acts, from where and through which door."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from auditlog.cid import get_cid, set_cid
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from compliance.audit import denials
from compliance.audit.context import acting
from compliance.audit.errors import NotRecorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SESSION_DIGEST_LENGTH = 32
LONGEST_PORT = 5  # digits of 65535


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

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Record a refusal. Answer in the place of what could not be recorded, with a sentence without any of it."""
        try:
            if isinstance(exception, PermissionDenied):
                denials.refused(request)
        except NotRecorded as unrecorded:
            exception = unrecorded
        if isinstance(exception, NotRecorded):
            return HttpResponse(str(exception), status=503, content_type="text/plain; charset=utf-8")
        return None


def session_digest(request: HttpRequest) -> str | None:
    """Give a digest of the session's key, which tells sessions apart and opens none."""
    key = request.session.session_key
    return hashlib.sha256(key.encode()).hexdigest()[:SESSION_DIGEST_LENGTH] if key else None


def _facts(request: HttpRequest) -> dict[str, Any]:
    set_cid(request)
    port = request.META.get("REMOTE_PORT") or ""
    return {
        "cid": get_cid(),
        "addr": client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")),
        "port": int(port) if port.isdecimal() and len(port) <= LONGEST_PORT else None,
        "session": session_digest(request),
        "source": f"{request.method} {request.path}",
    }


def client_address(peer: str, forwarded: str) -> str | None:
    """Find the client: the last address that no trusted proxy vouches for. What is no address is left out.

    Each proxy adds to the right of X-Forwarded-For whom it spoke to; the client can write what it likes to the left.
    """
    client = _address(peer)
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while client is not None and hops and _is_trusted(client):
        if (named := _address(hops.pop())) is None:
            break
        client = named
    return None if client is None else str(client)


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.AUDIT_TRUSTED_PROXIES)


def _address(text: str) -> Address | None:
    """Read an address as PostgreSQL takes it, without a zone (fe80::1%eth0); IPv4 within IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
