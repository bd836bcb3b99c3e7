"""The steps of a rotation, each from one state of the keys to the next; nothing is read or written here.

The order is Tink's: add a key, let every process know it, promote it, seal everything anew, disable the old one, and
destroy it when nothing was missed. A step that would make something unreadable is refused (OutOfOrder). A step that has
been done already gives back the very state that it was given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tink.proto import tink_pb2

from compliance.encryption import keyset, slots
from compliance.encryption.errors import NoSuchKey, OutOfOrder
from compliance.encryption.keyset import Keysets, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.encryption.keyset import Key

    StillNeeded = Callable[[Key], str | None]

# How long a process may not have heard of a step: it looks once a second, and for half a minute not at all when a key
# server was away. Twice that. How long it takes to bring the file to other machines nobody here knows.
SETTLED = timedelta(seconds=60)


def begin(now: datetime) -> Keysets:
    """Make the first key of each kind."""
    made = keyset.new()
    return Keysets(made.protos, dates={key.id: {"added": _at(now), "promoted": _at(now)} for key in made.every_key()})


def add(keysets: Keysets, kind: Kind, now: datetime) -> tuple[Keysets, int]:
    """Add a key that opens and does not seal yet. One that waits to be promoted is not joined by another."""
    for key in keysets.every_key():
        if key.kind == kind and key.status == Status.ENABLED and "promoted" not in key.dates:
            return keysets, key.id
    after = _copy(keysets)
    if kind == Kind.INDEXES:
        slots.make_room(after.protos[kind])
    added = keyset.new_keyset(kind, {key.id for key in after.every_key()}).key[0]
    after.protos[kind].key.append(added)
    return _dated(after, {added.key_id: "added"}, now), added.key_id


def promote(keysets: Keysets, key_id: int, now: datetime, *, hasty: bool = False) -> Keysets:
    """Let a key seal, and make indexes, from now on. The one before goes on opening. Raises NoSuchKey, OutOfOrder."""
    key = find(keysets, key_id)
    if key.primary:
        return keysets
    _must_be_there(key)
    if key.status != Status.ENABLED:
        raise OutOfOrder(key_id, f"is disabled: enable it first (manage.py keys enable {key_id}).")
    if not hasty:
        _must_be_settled(key, ("added", "enabled"), now)
    before = next(other.id for other in keysets.every_key() if other.kind == key.kind and other.primary)
    after = _copy(keysets)
    after.protos[key.kind].primary_key_id = key_id
    return _dated(after, {key_id: "promoted", before: "demoted"}, now)


def disable(keysets: Keysets, key_id: int, now: datetime, *, still_needed: StillNeeded, hasty: bool = False) -> Keysets:
    """Stop using a key, while it can still be enabled again. Raises NoSuchKey, OutOfOrder."""
    key = find(keysets, key_id)
    if key.status == Status.DISABLED:
        return keysets
    _must_be_there(key)
    if key.primary:
        raise OutOfOrder(key_id, f"is the primary one for {key.kind}: promote another first (manage.py keys add).")
    if not hasty:
        _must_be_settled(key, ("demoted",), now)
    if "promoted" in key.dates:  # else nothing stands by it alone: it sealed nothing, and indexes have another beside
        _must_not_be_needed(key, still_needed)
    return _with_status(keysets, key, tink_pb2.DISABLED, "disabled", now)


def enable(keysets: Keysets, key_id: int, now: datetime) -> Keysets:
    """Take a disabled key into use again. Raises NoSuchKey, OutOfOrder."""
    key = find(keysets, key_id)
    if key.status == Status.ENABLED:
        return keysets
    _must_be_there(key)
    if key.kind == Kind.INDEXES:
        slots.must_be_free(keysets.protos[key.kind], key_id)
    return _with_status(keysets, key, tink_pb2.ENABLED, "enabled", now)


def destroy(keysets: Keysets, key_id: int, now: datetime, *, still_needed: StillNeeded) -> Keysets:
    """Remove a disabled key for good; its number stays, so that it is not given again. Raises NoSuchKey, OutOfOrder."""
    key = find(keysets, key_id)
    if key.status == Status.DESTROYED:
        return keysets
    if key.status != Status.DISABLED:
        raise OutOfOrder(key_id, f"is still in use: disable it first (manage.py keys disable {key_id}).")
    _must_not_be_needed(key, still_needed)
    after = _with_status(keysets, key, tink_pb2.DESTROYED, "destroyed", now)
    _proto(after, key).key_data.Clear()
    return after


def find(keysets: Keysets, key_id: int) -> Key:
    """Find a key of either kind by its number. Raises NoSuchKey."""
    for key in keysets.every_key():
        if key.id == key_id:
            return key
    raise NoSuchKey(key_id)


def _must_be_there(key: Key) -> None:
    if key.status == Status.DESTROYED:
        raise OutOfOrder(key.id, "was destroyed: only a backup of the keyset from before may still have it.")


def _must_not_be_needed(key: Key, still_needed: StillNeeded) -> None:
    if why := still_needed(key):
        raise OutOfOrder(key.id, f"is still needed: {why}")


def _must_be_settled(key: Key, steps: tuple[str, ...], now: datetime) -> None:
    """Refuse what a process that has not heard of the last step would get wrong."""
    last = max((key.dates[step] for step in steps if step in key.dates), default=None)
    if last is not None and now < (settled := datetime.fromisoformat(last) + SETTLED):
        raise OutOfOrder(
            key.id,
            f"was {_done(key, last)} less than a minute ago, and a process may not know it yet: try again after "
            f"{settled:%H:%M:%S} UTC. Where no other process runs, say --now.",
        )


def _done(key: Key, at: str) -> str:
    return next(step for step, date in key.dates.items() if date == at)


def _with_status(keysets: Keysets, key: Key, status: Any, step: str, now: datetime) -> Keysets:
    after = _copy(keysets)
    _proto(after, key).status = status
    return _dated(after, {key.id: step}, now)


def _proto(keysets: Keysets, key: Key) -> Any:
    return next(proto for proto in keysets.protos[key.kind].key if proto.key_id == key.id)


def _copy(keysets: Keysets) -> Keysets:
    copies = {}
    for kind, proto in keysets.protos.items():
        copies[kind] = tink_pb2.Keyset()
        copies[kind].CopyFrom(proto)
    return Keysets(copies, keysets.revision, keysets.dates)


def _dated(keysets: Keysets, steps: dict[int, str], now: datetime) -> Keysets:
    dates = {key: dict(known) for key, known in keysets.dates.items()}
    for key, step in steps.items():
        dates.setdefault(key, {})[step] = _at(now)
    return Keysets(keysets.protos, keysets.revision, dates)


def _at(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
