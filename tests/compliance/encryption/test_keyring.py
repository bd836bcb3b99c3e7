"""The keyring gives back what was sealed, in its place only, and finds equal values without showing them."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.encryption import keyset, keyset_file
from compliance.encryption.errors import UnknownKey, Unreadable
from compliance.encryption.keyring import INDEX_LENGTH, Keyring, forget, key_of, keyring
from compliance.encryption.keyset import Keysets, Kind

if TYPE_CHECKING:
    from tests.compliance.encryption.conftest import Place

PLACE = b"patients\0ssn\0" + b"u" * 16
OTHER_PLACE = b"patients\0phone\0" + b"u" * 16
RING = Keyring(keyset.new())


@given(plain=st.binary(), bound_to=st.binary())
def test_what_is_sealed_is_given_back_in_its_place(plain: bytes, bound_to: bytes) -> None:
    assert RING.open(RING.seal(plain, bound_to), bound_to) == plain


def test_a_sealed_value_begins_with_the_number_of_its_key_and_is_33_bytes_longer() -> None:
    sealed = RING.seal(b"123-45-6789", PLACE)

    assert sealed[0] == 1
    assert key_of(sealed) == int.from_bytes(sealed[1:5]) == RING.primary_id
    assert len(sealed) == 11 + 33


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert RING.seal(b"123-45-6789", PLACE) != RING.seal(b"123-45-6789", PLACE)


@given(position=st.integers(0, 43), bit=st.integers(0, 7))
def test_a_value_with_one_bit_changed_does_not_open(position: int, bit: int) -> None:
    changed = bytearray(RING.seal(b"123-45-6789", PLACE))
    changed[position] ^= 1 << bit

    with pytest.raises((Unreadable, UnknownKey)):
        RING.open(bytes(changed), PLACE)


@pytest.mark.parametrize("length", [0, 1, 4, 5, 32, 33, 43])
def test_a_value_that_was_cut_off_does_not_open(length: int) -> None:
    with pytest.raises(Unreadable):
        RING.open(RING.seal(b"123-45-6789", PLACE)[:length], PLACE)


def test_a_value_that_was_moved_to_another_place_does_not_open() -> None:
    with pytest.raises(Unreadable, match=r"moved from another row or column"):
        RING.open(RING.seal(b"123-45-6789", PLACE), OTHER_PLACE)


@pytest.mark.parametrize("plain", [b"A name that is long enough to be a sealed value.", b"\x00" * 60, b"\x02" * 60])
def test_plain_text_is_not_taken_for_a_sealed_value(plain: bytes) -> None:
    with pytest.raises(Unreadable, match=r"does not begin as a sealed value does"):
        RING.open(plain, PLACE)


def test_a_key_that_the_keyset_does_not_have_is_named() -> None:
    sealed = RING.seal(b"123-45-6789", PLACE)
    stranger = Keyring(keyset.new())

    with pytest.raises(UnknownKey, match=rf"needs key {RING.primary_id}, which is not in the keyset") as caught:
        stranger.open(sealed, PLACE)
    assert caught.value.key == RING.primary_id


def test_another_key_of_the_same_number_opens_nothing() -> None:
    sealed = RING.seal(b"123-45-6789", PLACE)
    twin = keyset.new()
    values = twin.protos[Kind.VALUES]
    values.primary_key_id = values.key[0].key_id = RING.primary_id

    with pytest.raises(Unreadable, match=r"a key of the same number sealed it"):
        Keyring(twin).open(sealed, PLACE)


def test_no_message_and_no_repr_shows_a_value_or_a_key() -> None:
    sealed = RING.seal(b"123-45-6789", PLACE)
    with pytest.raises(Unreadable) as caught:
        RING.open(sealed, OTHER_PLACE)

    assert caught.value.__suppress_context__
    assert str(sealed[5:]) not in str(caught.value)
    keysets = keyset.new()
    secret = keysets.protos[Kind.VALUES].key[0].key_data.value
    for shown in (repr(keysets), repr(Keyring(keysets)), str(keysets), str(Keyring(keysets))):
        assert repr(secret)[2:20] not in shown
        assert len(shown) < 100


def test_an_index_is_16_bytes_and_the_same_for_the_same_value_of_a_column() -> None:
    first, second = (RING.index("patients.ssn", b"123456789") for _ in range(2))

    assert first == second
    assert len(first) == INDEX_LENGTH
    assert first != RING.index("patients.ssn", b"123456780")


def test_the_same_value_has_unequal_indexes_in_two_columns() -> None:
    columns = ["patients.ssn", "patients.phone", "patients.ss"]

    assert len({RING.index(column, b"n123456789") for column in columns}) == 3
    assert RING.index("patients.ss", b"n1") != RING.index("patients.ssn", b"1")


def test_an_index_cannot_be_made_without_the_key() -> None:
    assert RING.index("patients.ssn", b"1") != Keyring(keyset.new()).index("patients.ssn", b"1")


def test_an_index_is_what_the_docstring_says() -> None:
    """Once rows are indexed, another way to make indexes would find none of them: so it is worked out here by hand."""
    fixed = keyset.new()
    fixed.protos[Kind.INDEXES].key[0].key_data.value = b"\x12\x02\x08\x03\x1a\x20" + bytes(range(32))  # SHA-256, key
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")  # RFC 5869, without a salt
    column = hmac.digest(extracted, b"webqx blind index\0patients.ssn\x01", "sha256")

    index = Keyring(fixed).index("patients.ssn", b"123456789")

    assert index == hmac.digest(column, b"123456789", "sha256")[:16]
    assert index.hex() == "a2544bb8107908bb93d828236299254f"


def test_a_value_is_searched_for_under_every_enabled_key_the_primary_first(place: Place) -> None:
    old = keyset.new()
    added = keyset.new_keyset(Kind.INDEXES)
    both = Keysets({**old.protos, Kind.INDEXES: added})
    added.key.append(old.protos[Kind.INDEXES].key[0])

    ring = Keyring(both)

    assert ring.indexes("patients.ssn", b"1") == [
        ring.index("patients.ssn", b"1"),
        Keyring(old).index("patients.ssn", b"1"),
    ]
    assert ring.enabled_index_ids == [ring.primary_index_id, Keyring(old).primary_index_id]


def test_the_first_use_in_development_makes_a_key_and_a_keyset_that_only_their_owner_reads(place: Place) -> None:
    sealed = keyring().seal(b"123-45-6789", PLACE)
    forget()

    assert keyring().open(sealed, PLACE) == b"123-45-6789"
    for file in (place.keyset, place.key):
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_keyset_is_read_once(made: Place) -> None:
    assert keyring() is keyring()


def test_a_process_takes_up_a_keyset_that_changed(made: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.encryption.keyring.LOOK_EVERY", 0)
    before = keyring()
    keyset_file.write(made.keyset, made.uri, keyset_file.read(made.keyset, made.uri))

    assert keyring().revision == before.revision + 1
    assert keyring() is keyring()


@pytest.mark.parametrize("harm", ["garbage", "gone", "the key is gone"])
def test_a_process_goes_on_when_the_keyset_can_no_longer_be_read(
    harm: str, made: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("compliance.encryption.keyring.LOOK_EVERY", 0)
    sealed = keyring().seal(b"123-45-6789", PLACE)
    content = made.keyset.read_text()
    if harm == "the key is gone":
        made.key.unlink()
        made.keyset.write_text(content + "\n")
    elif harm == "gone":
        made.keyset.unlink()
    else:
        made.keyset.write_text(content[:100])

    assert keyring().open(sealed, PLACE) == b"123-45-6789"
    assert "This process goes on with the keys that it has read before." in caplog.text
