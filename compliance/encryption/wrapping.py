"""The key-encryption key: what the keyset is sealed with, in a file or in a key server (`vault`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tink
from tink import aead, json_proto_keyset_format, secret_key_access

from compliance.encryption import keyset
from compliance.encryption.errors import KeyFileRefused
from compliance.encryption.key_uri import KeyFile, open_to_others, parse
from compliance.encryption.keyset import Kind
from compliance.whole_files import remove_parts, whole_file

if TYPE_CHECKING:
    from pathlib import Path


class Refused(Exception):
    """The key does not open what it was given: another key sealed it, or it was changed."""


def opened(uri: str) -> Any:
    """Return the AEAD that a URI names; its decrypt raises Refused. Raises EncryptionError."""
    place = parse(uri)
    if isinstance(place, KeyFile):
        return _FileAead(place.path)
    from compliance.encryption.vault import VaultAead  # noqa: PLC0415 - hvac takes a quarter of a second to import

    return VaultAead(place)


def make(uri: str) -> None:
    """Make the key file that a URI names, unless there is one. A key server makes its own. Hold the keyset's lock.

    Raises KeyFileRefused or FileRefused.
    """
    place = parse(uri)
    if not isinstance(place, KeyFile):
        return
    remove_parts(place.path)
    try:
        place.path.stat()
    except FileNotFoundError:
        handle = tink.new_keyset_handle(keyset.TEMPLATES[Kind.VALUES])
        with whole_file(place.path, replacing=False) as out:
            out.write(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
    except OSError as problem:
        raise KeyFileRefused(place.path, f"cannot be read: {problem.strerror}. Correct that.") from None


class _FileAead:
    """A key in a file: a keyset of Tink's in clear, as JSON, so that Tink's own tools can make and rotate it."""

    def __init__(self, path: Path) -> None:
        if open_to_others(path):
            raise KeyFileRefused(path, f"may be used by others than its owner: chmod 600 {path}")
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyFileRefused(path, "is not there. Restore it: the keyset opens with no other key.") from None
        except (OSError, UnicodeDecodeError) as problem:
            why = getattr(problem, "strerror", None) or "it is no text"
            raise KeyFileRefused(path, f"cannot be read: {why}. Correct that, or restore it.") from None
        try:
            self._aead = json_proto_keyset_format.parse(text, secret_key_access.TOKEN).primitive(aead.Aead)
        except (tink.TinkError, ValueError):
            raise KeyFileRefused(path, "is damaged: it holds no key. Restore it from where you keep a copy.") from None

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        sealed: bytes = self._aead.encrypt(plaintext, associated_data)
        return sealed

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        try:
            plain: bytes = self._aead.decrypt(ciphertext, associated_data)
        except tink.TinkError:
            raise Refused from None
        return plain
