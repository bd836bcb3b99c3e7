"""Keys are rotated in Tink's order. A step out of order is refused, and a step done twice is done once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from compliance.encryption import rotation
from compliance.encryption.errors import NoSuchKey, OutOfOrder, UnknownKey
from compliance.encryption.keyring import Keyring
from compliance.encryption.keyset import Keysets, Kind, Status

if TYPE_CHECKING:
    from compliance.encryption.keyset import Key

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PLACE = b"patients\0ssn\0" + b"u" * 16
KINDS = pytest.mark.parametrize("kind", list(Kind))


def nothing(_: Key) -> None:
    """Count no need of a key."""


def something(_: Key) -> str:
    return "patients.ssn has 20 values of it."


def later(step: int) -> datetime:
    return NOON + 2 * step * rotation.SETTLED


def status(keysets: Keysets, key: int) -> Status:
    return rotation.find(keysets, key).status


def primary(keysets: Keysets, kind: Kind) -> int:
    return next(key.id for key in keysets.every_key() if key.kind == kind and key.primary)


@pytest.fixture
def first() -> Keysets:
    return rotation.begin(NOON)


def test_a_whole_rotation_of_the_sealing_key_leaves_every_value_readable_until_the_key_is_disabled(
    first: Keysets,
) -> None:
    old = primary(first, Kind.VALUES)
    sealed = Keyring(first).seal(b"123-45-6789", PLACE)

    added, new = rotation.add(first, Kind.VALUES, later(1))
    assert Keyring(added).open(sealed, PLACE) == b"123-45-6789"
    assert Keyring(added).primary_id == old
    promoted = rotation.promote(added, new, later(2))
    again = Keyring(promoted).seal(b"123-45-6789", PLACE)
    assert Keyring(promoted).enabled_ids == [new, old]
    assert [Keyring(promoted).open(one, PLACE) for one in (sealed, again)] == [b"123-45-6789"] * 2
    assert Keyring(added).open(again, PLACE) == b"123-45-6789", "a process that knows of the addition only reads it too"
    disabled = rotation.disable(promoted, old, later(3), still_needed=nothing)
    with pytest.raises(UnknownKey, match=rf"needs key {old}, which is disabled. Enable it again"):
        Keyring(disabled).open(sealed, PLACE)
    assert Keyring(rotation.enable(disabled, old, later(4))).open(sealed, PLACE) == b"123-45-6789"
    destroyed = rotation.destroy(disabled, old, later(4), still_needed=nothing)
    with pytest.raises(UnknownKey, match=rf"needs key {old}, which is destroyed"):
        Keyring(destroyed).open(sealed, PLACE)
    assert Keyring(destroyed).open(again, PLACE) == b"123-45-6789"
    assert destroyed.dates[old].keys() == {"added", "promoted", "demoted", "disabled", "destroyed"}


def test_a_value_is_found_by_the_old_index_and_by_the_new_one_while_the_index_key_is_rotated(first: Keysets) -> None:
    before = Keyring(first).index("patients.ssn", b"123456789")

    added, new = rotation.add(first, Kind.INDEXES, later(1))
    after = Keyring(rotation.promote(added, new, later(2)))

    assert after.index("patients.ssn", b"123456789") != before
    assert after.indexes("patients.ssn", b"123456789") == [after.index("patients.ssn", b"123456789"), before]
    assert Keyring(added).index("patients.ssn", b"123456789") == before


@KINDS
def test_a_destroyed_key_is_gone_from_the_keyset(kind: Kind, first: Keysets) -> None:
    old = primary(first, kind)
    secret = first.protos[kind].key[0].key_data.value
    added, new = rotation.add(first, kind, later(1))
    disabled = rotation.disable(rotation.promote(added, new, later(2)), old, later(3), still_needed=nothing)
    assert secret in disabled.protos[kind].SerializeToString()

    destroyed = rotation.destroy(disabled, old, later(4), still_needed=nothing)

    assert secret not in destroyed.protos[kind].SerializeToString()
    assert status(destroyed, old) == Status.DESTROYED


@KINDS
def test_each_step_is_done_once(kind: Kind, first: Keysets) -> None:
    old = primary(first, kind)
    added, new = rotation.add(first, kind, later(1))
    assert rotation.add(added, kind, later(2)) == (added, new)
    promoted = rotation.promote(added, new, later(2))
    assert rotation.promote(promoted, new, later(3)) is promoted
    disabled = rotation.disable(promoted, old, later(3), still_needed=nothing)
    assert rotation.disable(disabled, old, later(4), still_needed=nothing) is disabled
    destroyed = rotation.destroy(disabled, old, later(4), still_needed=nothing)
    assert rotation.destroy(destroyed, old, later(5), still_needed=nothing) is destroyed
    assert rotation.enable(promoted, old, later(5)) is promoted


@KINDS
def test_what_was_given_is_left_as_it_was(kind: Kind, first: Keysets) -> None:
    before = [one.SerializeToString() for one in first.protos.values()]
    added, new = rotation.add(first, kind, later(1))
    rotation.promote(added, new, later(2))

    assert [one.SerializeToString() for one in first.protos.values()] == before
    assert new not in first.dates


@KINDS
def test_the_primary_key_is_not_disabled(kind: Kind, first: Keysets) -> None:
    with pytest.raises(OutOfOrder, match=rf"is the primary one for {kind}: promote another first.*Nothing was changed"):
        rotation.disable(first, primary(first, kind), later(1), still_needed=nothing)


@KINDS
def test_a_key_that_is_in_use_is_not_destroyed(kind: Kind, first: Keysets) -> None:
    added, new = rotation.add(first, kind, later(1))

    for key in (new, primary(first, kind)):
        with pytest.raises(OutOfOrder, match=r"is still in use: disable it first"):
            rotation.destroy(added, key, later(2), still_needed=nothing)


@KINDS
def test_a_key_that_something_needs_is_neither_disabled_nor_destroyed(kind: Kind, first: Keysets) -> None:
    old = primary(first, kind)
    added, new = rotation.add(first, kind, later(1))
    promoted = rotation.promote(added, new, later(2))
    with pytest.raises(OutOfOrder, match=r"is still needed: patients\.ssn has 20 values of it"):
        rotation.disable(promoted, old, later(3), still_needed=something)

    disabled = rotation.disable(promoted, old, later(3), still_needed=nothing)
    with pytest.raises(OutOfOrder, match=r"is still needed: patients\.ssn has 20 values of it"):
        rotation.destroy(disabled, old, later(4), still_needed=something)


def test_a_key_that_never_sealed_anything_is_disabled_without_counting(first: Keysets) -> None:
    added, new = rotation.add(first, Kind.VALUES, later(1))

    assert status(rotation.disable(added, new, later(2), still_needed=something), new) == Status.DISABLED


def test_a_disabled_key_is_not_promoted_and_a_destroyed_one_is_nothing_any_more(first: Keysets) -> None:
    added, new = rotation.add(first, Kind.VALUES, later(1))
    disabled = rotation.disable(added, new, later(2), still_needed=nothing)
    with pytest.raises(OutOfOrder, match=r"is disabled: enable it first"):
        rotation.promote(disabled, new, later(3))

    destroyed = rotation.destroy(disabled, new, later(3), still_needed=nothing)
    with pytest.raises(OutOfOrder, match=r"was destroyed"):
        rotation.promote(destroyed, new, later(4))
    with pytest.raises(OutOfOrder, match=r"was destroyed"):
        rotation.enable(destroyed, new, later(4))
    with pytest.raises(OutOfOrder, match=r"was destroyed"):
        rotation.disable(destroyed, new, later(4), still_needed=nothing)


def test_a_key_is_promoted_once_every_process_must_have_read_it(first: Keysets) -> None:
    added, new = rotation.add(first, Kind.VALUES, NOON)
    with pytest.raises(OutOfOrder, match=r"was added less than a minute ago.*after 12:01:00 UTC"):
        rotation.promote(added, new, NOON + timedelta(seconds=59))

    assert primary(rotation.promote(added, new, NOON + timedelta(seconds=60)), Kind.VALUES) == new
    assert primary(rotation.promote(added, new, NOON, hasty=True), Kind.VALUES) == new


def test_a_key_is_disabled_once_no_process_can_still_seal_with_it(first: Keysets) -> None:
    old = primary(first, Kind.VALUES)
    added, new = rotation.add(first, Kind.VALUES, NOON)
    promoted = rotation.promote(added, new, later(1))
    with pytest.raises(OutOfOrder, match=r"was demoted less than a minute ago"):
        rotation.disable(promoted, old, later(1), still_needed=nothing)

    assert status(rotation.disable(promoted, old, later(1), still_needed=nothing, hasty=True), old) == Status.DISABLED


def test_the_number_of_a_key_names_one_key(first: Keysets) -> None:
    ids = [key.id for key in first.every_key()]

    assert len(set(ids)) == 2
    with pytest.raises(NoSuchKey, match=r"There is no key 0 in the keyset"):
        rotation.promote(first, 0, NOON)
