"""A key in Vault's transit engine: the keyset opens with it, and what goes wrong with the server is a sentence."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from compliance.encryption import keyset_file, vault
from compliance.encryption.errors import EncryptionError, KeyServerAway, KeyServerRefused, WrongKey
from compliance.encryption.keyring import forget, keyring
from compliance.encryption.keyset import Kind
from tests.compliance.encryption import transit
from tests.compliance.encryption.transit import Refusal, Transit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture
def server(tmp_path: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transit]:
    """A key server with a keyset that was made with its key."""
    monkeypatch.setenv("VAULT_TOKEN", transit.TOKEN)
    with transit.serving() as server:
        settings.PHI_KEYSET, settings.PHI_KEY_URI = str(tmp_path / "keyset.json"), server.uri
        keyset_file.obtain(tmp_path / "keyset.json", server.uri, making=True)
        yield server


def test_a_keyset_is_sealed_by_the_server_and_opens_through_it(server: Transit, settings: SettingsWrapper) -> None:
    sealed = keyring().seal(b"123-45-6789", b"place")
    forget()

    assert keyring().open(sealed, b"place") == b"123-45-6789"
    content = json.loads(Path(settings.PHI_KEYSET).read_text())
    assert content["sealed_with"] == f"transit/keys/webqx at http://127.0.0.1:{server.server_port}"
    assert set(server.asked) == {"/v1/transit/encrypt/webqx", "/v1/transit/decrypt/webqx"}


def test_the_server_is_asked_once_for_each_keyset_and_not_for_each_value(server: Transit) -> None:
    server.asked.clear()
    for _ in range(100):
        keyring().open(keyring().seal(b"123-45-6789", b"place"), b"place")

    assert server.asked == ["/v1/transit/decrypt/webqx"] * len(Kind)


def test_no_value_goes_to_the_server(server: Transit) -> None:
    keyring().seal(b"123-45-6789", b"place")
    keyring().index("patients.ssn", b"123-45-6789")

    assert "MTIzLTQ1LTY3ODk" not in json.dumps(server.bodies)  # base64


def test_a_keyset_opens_after_the_servers_key_was_rotated_and_rewrap_seals_it_with_the_new_version(
    server: Transit, settings: SettingsWrapper, db: None
) -> None:
    sealed = keyring().seal(b"123-45-6789", b"place")
    server.versions.append(server.new_key())
    forget()
    assert keyring().open(sealed, b"place") == b"123-45-6789"

    call_command("keys", "rewrap")
    server.versions[0] = server.new_key()  # the old version is gone

    assert keyring().open(sealed, b"place") == b"123-45-6789"


TROUBLES: dict[str, tuple[Refusal | bytes, type[EncryptionError], str]] = {
    "sealed": (Refusal(503, "Vault is sealed"), KeyServerAway, "is sealed, or not ready"),
    "not made ready": (Refusal(501, "not initialized"), KeyServerAway, "is sealed, or not ready"),
    "broken": (Refusal(500, "internal error"), KeyServerAway, "cannot work at the moment"),
    "a gateway": (Refusal(502, "bad gateway"), KeyServerAway, "cannot work at the moment"),
    "busy": (Refusal(429, "request path has exceeded its limit"), KeyServerAway, "cannot work at the moment"),
    "no permission": (Refusal(403, "permission denied"), KeyServerRefused, "VAULT_TOKEN is missing, has expired"),
    "no token": (Refusal(401, "missing client token"), KeyServerRefused, "VAULT_TOKEN is missing, has expired"),
    "no engine": (Refusal(404, "no handler for route"), KeyServerRefused, "has no transit engine there"),
    "no key": (Refusal(400, "encryption key not found"), KeyServerRefused, "is there a key transit/keys/webqx"),
    "too old": (
        Refusal(400, "ciphertext or signature version is disallowed by policy (too old)"),
        KeyServerRefused,
        "whose earlier versions still decrypt",
    ),
    "wrong key": (Refusal(400, transit.AUTHENTICATION_FAILED), WrongKey, "that key is another one now"),
    "wrong key, said otherwise": (Refusal(500, transit.AUTHENTICATION_FAILED), WrongKey, "is another one now"),
    "of another's": (Refusal(400, "invalid ciphertext: no prefix"), WrongKey, "is another one now"),
    "a page": (b"<html>welcome</html>", KeyServerRefused, "does not answer as Vault does"),
    "another JSON": (b'{"hello": 1}', KeyServerRefused, "does not answer as Vault does"),
    "an unknown status": (Refusal(418, "teapot"), KeyServerRefused, "does not answer as Vault does"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_wrong_with_the_server_is_a_sentence(trouble: str, server: Transit, db: None) -> None:
    server.trouble, kind, words = TROUBLES[trouble]

    with pytest.raises(kind, match=words) as caught:
        keyring()
    assert transit.TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    for subcommand in ("status", "rewrap"):
        with pytest.raises(CommandError, match=words):
            call_command("keys", subcommand)


@pytest.mark.parametrize("first", ["the server", "a file"])
def test_a_keyset_that_the_other_place_sealed_says_so(
    first: str, server: Transit, tmp_path: Path, settings: SettingsWrapper
) -> None:
    other = (tmp_path / "apart" / "key").as_uri()
    keyset_file.obtain(tmp_path / "other.json", other, making=True)
    if first == "a file":
        settings.PHI_KEYSET = str(tmp_path / "other.json")
    else:
        settings.PHI_KEY_URI = other

    with pytest.raises(WrongKey, match=r"it was sealed with (transit/keys/webqx at|file:)"):
        keyring()


def test_a_server_that_is_away_at_the_start_is_named(server: Transit, settings: SettingsWrapper) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    settings.PHI_KEY_URI = f"hcvault+http://127.0.0.1:{port}/transit/keys/webqx"

    with pytest.raises(KeyServerAway, match=rf"^The key server http://127\.0\.0\.1:{port} cannot be reached"):
        keyring()


def test_a_server_that_takes_too_long_is_given_up(
    server: Transit, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.PHI_KEY_URI = f"hcvault+http://127.0.0.1:{silent.getsockname()[1]}/transit/keys/webqx"

        with pytest.raises(KeyServerAway, match=r"has not answered for 5 seconds"):
            keyring()


def test_no_proxy_stands_between_this_machine_and_itself(server: Transit, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert keyring().enabled_ids


def test_a_server_without_tls_does_not_do_as_one_with_it(server: Transit, settings: SettingsWrapper) -> None:
    settings.PHI_KEY_URI = server.uri.replace("hcvault+http", "hcvault")

    with pytest.raises((KeyServerAway, KeyServerRefused), match=r"^The key server https://127\.0\.0\.1"):
        keyring()


def test_a_process_that_has_read_the_keyset_does_not_need_the_server(server: Transit) -> None:
    sealed = keyring().seal(b"123-45-6789", b"place")
    server.trouble = Refusal(503, "Vault is sealed")

    assert keyring().open(sealed, b"place") == b"123-45-6789"


def test_a_process_takes_up_a_changed_keyset_once_the_server_is_back(
    server: Transit, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("compliance.encryption.keyring.LOOK_EVERY", 0)
    monkeypatch.setattr("compliance.encryption.keyring.LOOK_AGAIN", 0)
    before = keyring().revision
    path = Path(settings.PHI_KEYSET)
    keyset_file.write(path, server.uri, keyset_file.read(path, server.uri))
    server.trouble = Refusal(503, "Vault is sealed")
    assert keyring().revision == before
    assert "is sealed, or not ready" in caplog.text

    server.trouble = None

    assert keyring().revision == before + 1


def test_a_step_while_the_server_is_away_changes_nothing(server: Transit, settings: SettingsWrapper, db: None) -> None:
    before = Path(settings.PHI_KEYSET).read_bytes()
    server.trouble = Refusal(503, "Vault is sealed")

    with pytest.raises(CommandError, match=r"is sealed, or not ready\. Nothing can be sealed or read until it is back"):
        call_command("keys", "add", "values")
    assert Path(settings.PHI_KEYSET).read_bytes() == before
