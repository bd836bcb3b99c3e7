"""Who acts in a request, and from where: believed of a trusted proxy only, and of nobody who sends nonsense."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit.context import acting
from compliance.audit.middleware import client_address
from compliance.audit.recording import read
from compliance.models import AuditLog
from providers.models import Provider
from webqx import environment
from webqx.errors import SettingError

if TYPE_CHECKING:
    from compliance.models import User

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:1::/48")]


def change(_request: HttpRequest, key: int) -> HttpResponse:
    Provider.objects.filter(pk=key).update(specialty="sync")
    return HttpResponse("done")


async def change_later(_request: HttpRequest, key: int) -> HttpResponse:
    provider = await Provider.objects.aget(pk=key)
    provider.specialty = "async"
    await asyncio.sleep(0)
    await provider.asave()
    return HttpResponse("done")


def show(_request: HttpRequest, key: int) -> HttpResponse:
    provider = Provider.objects.get(pk=key)
    read(provider)
    return HttpResponse(provider.family_name)


urlpatterns = [
    path("change/<int:key>", change),
    path("later/<int:key>", change_later),
    path("show/<int:key>", show),
]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # no trusted proxy: the header is the client's own invention
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # a client that says it came for somebody else
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ,,198.51.100.1,", "198.51.100.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, '; DROP TABLE users; --", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "198.51.100.1:4711", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.999", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1::5", "2001:DB8:9:0::1", "2001:db8:9::1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("10.0.0.1", "fe80::1%'", "fe80::1"),
        ("", "198.51.100.1", None),
        ("unix:", "198.51.100.1", None),
    ],
)
def test_the_client_is_the_last_whom_no_trusted_proxy_vouches_for(
    peer: str, forwarded: str, client: str | None
) -> None:
    with override_settings(AUDIT_TRUSTED_PROXIES=PROXIES):
        assert client_address(peer, forwarded) == client


hops = st.lists(st.text(max_size=20) | st.ip_addresses().map(str) | st.just("10.0.0.2"), max_size=6).map(", ".join)


@given(peer=st.text(max_size=20) | st.ip_addresses().map(str), forwarded=hops)
def test_without_a_trusted_proxy_no_header_moves_the_address(peer: str, forwarded: str) -> None:
    with override_settings(AUDIT_TRUSTED_PROXIES=[]):
        assert client_address(peer, forwarded) == client_address(peer, "")


@pytest.mark.django_db
def test_postgresql_takes_every_address_that_is_found() -> None:
    @given(peer=st.text(max_size=20) | st.ip_addresses().map(str) | st.just("10.0.0.1"), forwarded=hops)
    def found(peer: str, forwarded: str) -> None:
        with override_settings(AUDIT_TRUSTED_PROXIES=PROXIES), connection.cursor() as cursor:
            address = client_address(peer, forwarded)
            cursor.execute("SELECT host(%s::inet)", [address])
            assert cursor.fetchone() == (address,)

    found()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("10.0.0.0/8, nonsense", "'nonsense' does not appear to be an IPv4 or IPv6 network"),
        ("10.0.0.1/8", "10.0.0.1/8 has host bits set"),
        ("10.0.0.0/33", "'10.0.0.0/33' does not appear to be"),
        ("0.0.0.0/0", "0.0.0.0/0, which is everybody"),
        ("::/0", "::/0, which is everybody"),
    ],
)
def test_a_bad_network_is_named_when_the_settings_load(
    value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBQX_TRUSTED_PROXIES", value)
    with pytest.raises(SettingError) as refused:
        environment.networks("WEBQX_TRUSTED_PROXIES")

    assert str(refused.value).startswith("WEBQX_TRUSTED_PROXIES ")
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_networks_and_single_addresses_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBQX_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1,2001:db8::/32")

    assert [str(network) for network in environment.networks("WEBQX_TRUSTED_PROXIES")] == [
        *("10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"),
    ]


@pytest.mark.parametrize("value", ["0", "-1", "15m", "1441", "1.5"])
def test_a_time_of_idleness_that_makes_no_sense_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBQX_IDLE_MINUTES", value)

    with pytest.raises(SettingError, match=r"^WEBQX_IDLE_MINUTES must be a whole number from 1 to 1440"):
        environment.number("WEBQX_IDLE_MINUTES", default=15, highest=1440)


def last(provider: Provider) -> AuditLog:
    return AuditLog.objects.filter(table_name="providers", object_pk=str(provider.pk)).latest()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__, AUDIT_TRUSTED_PROXIES=PROXIES)
def test_a_request_is_the_act_of_its_account(client: Client, administrator: User, provider: Provider) -> None:
    client.force_login(administrator)
    headers = {"X-Forwarded-For": "198.51.100.1", "X-Correlation-ID": "c" * 300}
    client.get(f"/change/{provider.pk}", REMOTE_ADDR="10.0.0.1", REMOTE_PORT="4711", headers=headers)

    entry = last(provider)
    assert (entry.actor_id, entry.actor_email, entry.attributed) == (administrator.pk, administrator.email, True)
    assert (entry.remote_addr, entry.remote_port) == ("198.51.100.1", 4711)
    assert (entry.source, entry.cid) == (f"GET /change/{provider.pk}", "c" * 255)
    assert entry.session_digest
    assert client.session.session_key not in entry.session_digest


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("port", ["99999999999", "x", "", "-1"])
def test_a_port_that_is_none_is_left_out(client: Client, provider: Provider, port: str) -> None:
    client.get(f"/change/{provider.pk}", REMOTE_PORT=port)

    assert last(provider).changes["specialty"] == ["None", "sync"]
    assert last(provider).remote_port is None


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(("view", "written"), [("later", "async"), ("change", "sync")])
def test_so_is_one_that_comes_by_asgi(administrator: User, provider: Provider, view: str, written: str) -> None:
    client = AsyncClient()
    client.force_login(administrator)

    async def ask() -> Any:
        return await client.get(f"/{view}/{provider.pk}", headers={"x-correlation-id": "c-1"})

    async_to_sync(ask)()

    entry = last(provider)
    assert entry.changes["specialty"] == ["None", written]
    assert (entry.actor_id, entry.cid, entry.source) == (administrator.pk, "c-1", f"GET /{view}/{provider.pk}")


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_cannot_be_recorded_is_not_shown(kind: Any, administrator: User, provider: Provider) -> None:
    client = kind(raise_request_exception=False)
    client.force_login(administrator)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs RENAME COLUMN source TO door")

    async def ask() -> Any:
        return await client.get(f"/show/{provider.pk}")

    answer = async_to_sync(ask)() if kind is AsyncClient else client.get(f"/show/{provider.pk}")

    assert answer.status_code == 503
    assert answer.content.decode().startswith("This cannot be shown now, because the audit trail could not record")
    assert provider.family_name not in answer.content.decode()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_reading_that_is_recorded_is_shown(client: Client, provider: Provider) -> None:
    with acting(source="outside"):
        assert client.get(f"/show/{provider.pk}").content.decode() == provider.family_name

    entry = AuditLog.objects.get(event_type="read")
    assert (entry.object_pk, entry.source) == (str(provider.pk), f"GET /show/{provider.pk}")
