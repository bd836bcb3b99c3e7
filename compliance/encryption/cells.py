"""A sealed cell: the uid of its row, and behind it what the keyring made of the value, bound to table, column and row.

The uid in front lets a cell be opened without its row, as `values()` asks for it; that it is the row's own, a CHECK
holds (is_sealed). So nobody moves a cell to where it says something else, although it can be read wherever it is seen.

Inside, a value is padded to a multiple of 16 bytes: names, numbers and dates up to that length all look alike.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from compliance.encryption.errors import EncryptionError, Unreadable
from compliance.encryption.keyring import keyring

if TYPE_CHECKING:
    from uuid import UUID

UID_LENGTH = 16
BLOCK = 16  # bytes; the padding of a value ends at a multiple of it
_END = b"\x80"  # between a value and the zeros behind it, as in ISO/IEC 7816-4


class Place(NamedTuple):
    """Where a cell stands, but for its row."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


class Cell(NamedTuple):
    """A value as it was encoded, and as it stands in its column."""

    place: Place
    plain: bytes
    sealed: bytes

    def __repr__(self) -> str:
        return f"<cell of {self.place}>"

    def is_of(self, place: Place, uid: UUID) -> bool:
        """Tell whether it was sealed for this column of this row."""
        return self.place == place and self.sealed[:UID_LENGTH] == uid.bytes


def seal(place: Place, uid: UUID, plain: bytes) -> Cell:
    """Encrypt an encoded value for one column of one row."""
    padded = plain + _END
    padded += bytes(-len(padded) % BLOCK)
    return Cell(place, plain, uid.bytes + keyring().seal(padded, _bound_to(place, uid.bytes)))


def unseal(place: Place, sealed: bytes) -> Cell:
    """Decrypt what stands in a column. Raises UnknownKey or Unreadable, which name the column and nothing in it."""
    uid = sealed[:UID_LENGTH]
    try:
        padded = keyring().open(sealed[UID_LENGTH:], _bound_to(place, uid))
        plain, end, zeros = padded.rpartition(_END)
        if not end or zeros.strip(b"\0"):
            raise Unreadable("it is not padded as this version pads.")
    except EncryptionError as error:
        error.args = (f"{place}: {error}",)
        raise
    return Cell(place, plain, sealed)


def _bound_to(place: Place, uid: bytes) -> bytes:
    return _before_uid(place) + uid


@functools.cache
def _before_uid(place: Place) -> bytes:
    return f"{place.table}\0{place.column}\0".encode()
