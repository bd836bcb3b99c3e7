"""A key-encryption key in the transit engine of HashiCorp Vault, or of OpenBao, which speaks the same protocol.

Tink's own AEAD does the work, by way of hvac, which reads VAULT_TOKEN and VAULT_CACERT itself. Here what goes wrong
becomes a sentence. What the server says is not repeated: nobody knows what stands in it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import hvac
import requests
import tink
from hvac import exceptions as answers
from tink.integration import hcvault

from compliance.encryption.errors import KeyServerAway, KeyServerRefused
from compliance.encryption.wrapping import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.encryption.key_uri import VaultKey

SECONDS = 5  # that the server may take to answer; hvac's own 30 would hold up a request for as long
# The first that fits is said. {path} is the key's.
AWAY: dict[type[Exception] | tuple[type[Exception], ...], str] = {
    requests.exceptions.Timeout: f"has not answered for {SECONDS} seconds",
    requests.exceptions.ConnectionError: "cannot be reached",
    (answers.VaultDown, answers.VaultNotInitialized): "is sealed, or not ready",
    (answers.InternalServerError, answers.BadGateway, answers.RateLimitExceeded): "cannot work at the moment",
}
REFUSED: dict[type[Exception] | tuple[type[Exception], ...], str] = {
    requests.exceptions.SSLError: "shows a certificate that is not trusted: name its CA in VAULT_CACERT.",
    (answers.Unauthorized, answers.Forbidden): (
        "refuses the token: VAULT_TOKEN is missing, has expired, or may not encrypt and decrypt with {path}."
    ),
    answers.InvalidPath: "has no transit engine there: enable it, or correct {path} in PHI_KEY_URI.",
    answers.InvalidRequest: (
        "refuses the request: is there a key {path}, of the type aes256-gcm96, whose earlier versions still decrypt?"
    ),
    Exception: "does not answer as Vault does: correct the address in PHI_KEY_URI.",
}
# How Vault says that it is the wrong key: some versions with a 400, as all else that they do not like, and some with a
# 500: https://github.com/hashicorp/vault/issues/10842
NOT_ITS_OWN = ("message authentication failed", "invalid ciphertext")


class VaultAead:
    """Seals and opens by asking the server. Raises KeyServerAway, KeyServerRefused; Refused for what is not its own."""

    def __init__(self, place: VaultKey) -> None:
        self._place = place
        client = hvac.Client(url=place.address, timeout=SECONDS)
        if not place.address.startswith("https:"):
            # It is this very machine that is asked: no proxy that the environment names may read the answer.
            client.session.trust_env = False
        self._aead = hcvault.new_aead(place.path, client)

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        with self._in_words():
            sealed: bytes = self._aead.encrypt(plaintext, associated_data)
            return sealed

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        with self._in_words():
            plain: bytes = self._aead.decrypt(ciphertext, associated_data)
            return plain

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except tink.TinkError as wrapped:  # around whatever it was
            raise self._told(wrapped.args[0] if wrapped.args else wrapped) from None

    def _told(self, problem: Any) -> Exception:
        if isinstance(problem, UnicodeDecodeError):  # what a key file sealed is no text, as what Vault seals is
            return Refused()
        if isinstance(problem, answers.VaultError) and any(words in str(problem) for words in NOT_ITS_OWN):
            return Refused()
        if not isinstance(problem, requests.exceptions.SSLError):
            for kinds, why in AWAY.items():
                if isinstance(problem, kinds):
                    return KeyServerAway(self._place.address, why)
        why = next(why for kinds, why in REFUSED.items() if isinstance(problem, kinds) or kinds is Exception)
        return KeyServerRefused(self._place.address, why.format(path=self._place.path))
