"""The one door to the keys: seal and open values, and make blind indexes.

Blind indexes. Each column has a key of its own: HKDF-SHA-256 (RFC 5869, Tink's PRF) derives 32 bytes from the index key
under a label that names the column, and HMAC-SHA-256 with these makes the index of a value, cut to 16 bytes. So equal
values in two columns look unequal, and whoever holds the key of one column learns nothing of another. Tink's keyset
deriver would do the first step, but its Python library has none. 16 bytes: among a million values two unequal ones meet
with a chance of 10^12 / 2^129, which is 10^-27.

The keyset is read when it is first needed. A process looks at most once a second whether its file has changed, and then
reads it again: so a key is added, promoted or disabled without a restart. A file that can no longer be read, since the
key server is away or it is damaged, does not stop a process that has read it before.
"""

from __future__ import annotations

import hmac
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import tink
from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from compliance.encryption import keyset_file
from compliance.encryption.errors import KeysUnusable, SlotTaken, UnknownKey, Unreadable
from compliance.encryption.keyset import Kind, Status
from compliance.encryption.slots import SLOTS

if TYPE_CHECKING:
    from compliance.encryption.keyset import Keysets

VERSION = 0x01  # Tink's prefix is this byte and the four of the key's number
PREFIX_LENGTH = 5
SHORTEST = PREFIX_LENGTH + 12 + 16  # prefix, nonce and tag of AES-GCM, around an empty value
INDEX_LENGTH = 16
COLUMN_KEY_LENGTH = 32
LOOK_EVERY = 1.0  # seconds; looking costs about a microsecond, and sealing a value twice that
LOOK_AGAIN = 30.0  # seconds, after a keyset could not be read: a key server that is away takes up to 5 s each time

logger = logging.getLogger(__name__)


class Keyring:
    """The keys in use, ready to work. It does not change: `keyring()` gives another one when the keys do."""

    __slots__ = ("_aead", "_columns", "_index_ids", "_indexers", "_primary", "_slots", "_statuses", "revision")

    def __init__(self, keysets: Keysets) -> None:
        """Take keys up. Raises UnfitKeyset."""
        self.revision = keysets.revision
        self._aead = keysets.primitive(Kind.VALUES)
        self._indexers: dict[int, Any] = dict(keysets.primitive(Kind.INDEXES).all())
        self._primary = {key.kind: key.id for key in keysets.every_key() if key.primary}
        self._statuses = {(key.kind, key.id): key.status for key in keysets.every_key()}
        self._columns: dict[tuple[int, str], bytes] = {}
        self._index_ids = self._enabled(Kind.INDEXES)
        index_keys = [key.id for key in keysets.every_key() if key.kind == Kind.INDEXES]
        self._slots = [[key for key in index_keys[slot::SLOTS] if key in self._index_ids] for slot in range(SLOTS)]

    def __repr__(self) -> str:
        return f"<keyring of revision {self.revision}>"

    @property
    def primary_id(self) -> int:
        """The key that seals values."""
        return self._primary[Kind.VALUES]

    @property
    def enabled_ids(self) -> list[int]:
        """The keys that open values, the primary one first."""
        return self._enabled(Kind.VALUES)

    @property
    def primary_index_id(self) -> int:
        """The key that makes indexes."""
        return self._primary[Kind.INDEXES]

    @property
    def enabled_index_ids(self) -> list[int]:
        """The keys that indexes may have been made with, the primary one first: the order of `indexes`."""
        return list(self._index_ids)

    def _enabled(self, kind: Kind) -> list[int]:
        enabled = [key for (of, key), status in self._statuses.items() if of == kind and status == Status.ENABLED]
        return sorted(enabled, key=lambda key: key != self._primary[kind])

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Encrypt a value for one place. `bound_to` names the place, and is needed again to open it.

        The result is 33 bytes longer: 0x01, the key's number (4), a nonce (12), the ciphertext, its tag (16).
        """
        sealed: bytes = self._aead.encrypt(plain, bound_to)
        return sealed

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt a value in its place. Raises UnknownKey, or Unreadable for whatever else is wrong with it."""
        if len(sealed) < SHORTEST:
            raise Unreadable("it is shorter than any sealed value.")
        key = key_of(sealed)
        if (status := self._statuses.get((Kind.VALUES, key))) != Status.ENABLED:
            raise UnknownKey(key, *([status] if status else []))
        try:
            plain: bytes = self._aead.decrypt(sealed, bound_to)
        except tink.TinkError:
            raise Unreadable(
                "it was changed, cut off, or moved from another row or column, or a key of the same number sealed it."
            ) from None
        return plain

    def index(self, column: str, value: bytes) -> bytes:
        """Make the blind index of a normalised value, as the column keeps it. 16 bytes; `column` is `patients.ssn`."""
        return self._index(self._primary[Kind.INDEXES], column, value)

    def indexes(self, column: str, value: bytes) -> list[bytes]:
        """Make every index that the value may be kept under: one for each enabled key, the primary one first."""
        return [self._index(key, column, value) for key in self._index_ids]

    def index_slot(self, column: str, value: bytes, slot: int) -> bytes | None:
        """Make the index of a value for one of the two columns of a unique index, which the keys take in turn.

        None when the key of that column is not in use. See slots.py. Raises SlotTaken.
        """
        keys = self._slots[slot]
        if len(keys) > 1:
            raise SlotTaken(keys)
        return self._index(keys[0], column, value) if keys else None

    def _index(self, key: int, column: str, value: bytes) -> bytes:
        if (own := self._columns.get((key, column))) is None:
            own = self._indexers[key].compute(f"webqx blind index\0{column}".encode(), COLUMN_KEY_LENGTH)
            self._columns[key, column] = own
        return hmac.digest(own, value, "sha256")[:INDEX_LENGTH]


def key_of(sealed: bytes) -> int:
    """Read which key sealed a value. Raises Unreadable when it has no such mark: it is plain, or sealed otherwise."""
    if len(sealed) < PREFIX_LENGTH or sealed[0] != VERSION:
        raise Unreadable("it does not begin as a sealed value does.")
    return int.from_bytes(sealed[1:PREFIX_LENGTH])


class _Held(NamedTuple):
    """The keyring of this process, the state of the file that it was read from, and when to look at that again."""

    ring: Keyring
    state: keyset_file.State
    look_at: float  # on the monotonic clock, in seconds


_process: dict[str, _Held] = {}


def keyring() -> Keyring:
    """Return the keys in use. Ask for them each time: one that is kept does not know what has changed.

    Raises KeysUnusable when there are none, or they cannot be read.
    """
    held, now = _process.get("held"), time.monotonic()
    if held is None:
        keyset_file.obtain(Path(settings.PHI_KEYSET), settings.PHI_KEY_URI, making=not settings.PRODUCTION)
        held = _process["held"] = _read(now)
    elif now >= held.look_at:
        _process["held"] = held._replace(look_at=now + LOOK_AGAIN)  # other threads need not wait for a key server, too
        held = _process["held"] = _looked_at(held, now)
    return held.ring


def _looked_at(held: _Held, now: float) -> _Held:
    """Take up a keyset that has changed. One that cannot be read leaves the process what it has, and it says so."""
    if keyset_file.state(Path(settings.PHI_KEYSET)) == held.state:
        return held._replace(look_at=now + LOOK_EVERY)
    try:
        return _read(now)
    except KeysUnusable as error:
        logger.critical("This process goes on with the keys that it has read before. %s", error)
        return held._replace(look_at=now + LOOK_AGAIN)


def _read(now: float) -> _Held:
    """Read the keyset. Its state is asked first: what is written between the two is then read once more."""
    path = Path(settings.PHI_KEYSET)
    state = keyset_file.state(path)
    return _Held(Keyring(keyset_file.read(path, settings.PHI_KEY_URI)), state, now + LOOK_EVERY)


@receiver(setting_changed, dispatch_uid="compliance.encryption.keyring")
def forget(*, setting: str = "PHI_KEYSET", **_: object) -> None:
    """Let the keys be read anew: when other settings name them, and after this process has changed them itself."""
    if setting in {"PHI_KEYSET", "PHI_KEY_URI"}:
        _process.clear()
