"""Which of the two columns of a unique index a key fills: its place in the keyset says so, even or odd, for good.

A destroyed key leaves its number in its place. So a key and the one that follows it never share a column, and every row
can have its index by both until the first is disabled. There is no room for a third.
"""

from __future__ import annotations

from typing import Any

from tink.proto import tink_pb2

from compliance.encryption import keyset
from compliance.encryption.errors import OutOfOrder
from compliance.encryption.keyset import Kind

SLOTS = 2


def make_room(keys: Any) -> None:
    """Make the next key that is appended one for the other column than the key in use has. Raises OutOfOrder.

    Where the next place is for the same column, a number takes it that is destroyed from the start.
    """
    enabled = [place for place, key in enumerate(keys.key) if key.status == tink_pb2.ENABLED]
    if len(enabled) == SLOTS:
        (before,) = {keys.key[place].key_id for place in enabled} - {keys.primary_key_id}
        raise OutOfOrder(
            before, "is still enabled, and unique indexes have room for two keys: disable it before another is added."
        )
    if enabled[0] % SLOTS == len(keys.key) % SLOTS:
        unused = keyset.new_keyset(Kind.INDEXES, {key.key_id for key in keys.key}).key[0]
        unused.status = tink_pb2.DESTROYED
        unused.key_data.Clear()
        keys.key.append(unused)


def must_be_free(keys: Any, key_id: int) -> None:
    """Refuse to enable a key whose column has another one in use. Raises OutOfOrder."""
    places = {key.key_id: place for place, key in enumerate(keys.key)}
    for key in keys.key:
        shared = places[key.key_id] % SLOTS == places[key_id] % SLOTS
        if key.key_id != key_id and key.status == tink_pb2.ENABLED and shared:
            raise OutOfOrder(key_id, f"would share a column of the unique indexes with key {key.key_id}, in use now.")
