"""Each thing that can be wrong with the keyset, or with the key file that opens it, is a sentence of its own."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from tink.proto import tink_pb2

from compliance.encryption import keyset, wrapping
from compliance.encryption.errors import (
    DamagedKeyset,
    EmptyKeyset,
    EncryptionError,
    KeyFileRefused,
    KeysetRefused,
    WrongKey,
)
from compliance.encryption.keyring import keyring
from compliance.encryption.keyset import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.compliance.encryption.conftest import Place


def saying(change: Callable[[dict[str, Any]], object]) -> Callable[[Place], object]:
    """Give what changes the content of the file."""

    def edit(made: Place) -> None:
        content = json.loads(made.keyset.read_text())
        change(content)
        made.keyset.write_text(json.dumps(content))

    return edit


def sealing(proto: tink_pb2.Keyset) -> Callable[[Place], object]:
    """Give what puts a keyset into the place of that for values, sealed with the right key."""

    def put(made: Place) -> None:
        sealed = wrapping.opened(made.uri).encrypt(proto.SerializeToString(), b"")
        saying(lambda it: it.update(values={"encryptedKeyset": base64.b64encode(sealed).decode()}))(made)

    return put


def unfit(**changed: Any) -> tink_pb2.Keyset:
    proto = keyset.new_keyset(Kind.VALUES)
    for name, value in changed.items():
        setattr(proto.key[0], name, value)
    return proto


def without_a_primary() -> tink_pb2.Keyset:
    proto = keyset.new_keyset(Kind.VALUES)
    proto.primary_key_id += 1
    return proto


def cut(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])


def replace_key(made: Place) -> None:
    made.key.unlink()
    wrapping.make(made.uri)


def as_folder(file: Path) -> None:
    file.unlink()
    file.mkdir(mode=0o700)


def as_circle(file: Path) -> None:
    """Stands for a folder that may not be entered, which root may: the system's answer is of the same kind."""
    file.unlink()
    file.symlink_to(file)


OTHER = keyset.new_keyset(Kind.INDEXES)
NO_ZONE, NO_KEY = {"1": {"added": "2026-03-04"}}, {"x": {"added": "2026-03-04T12:00+00:00"}}
HARMS: dict[str, tuple[type[EncryptionError], str, Callable[[Place], object]]] = {
    "a folder": (KeysetRefused, "cannot be read: Is a directory", lambda made: as_folder(made.keyset)),
    "a circle of links": (KeysetRefused, "Too many levels of symbolic links", lambda made: as_circle(made.keyset)),
    "empty file": (DamagedKeyset, "it is not JSON", lambda made: cut(made.keyset, 0)),
    "cut off": (DamagedKeyset, "not all of it", lambda made: cut(made.keyset, 700)),
    "not text": (DamagedKeyset, "it is not JSON", lambda made: made.keyset.write_bytes(b"\xff\x00\x80")),
    "a list": (DamagedKeyset, "no keyset in format 1", lambda made: made.keyset.write_text("[]")),
    "of tomorrow": (DamagedKeyset, "no keyset in format 1", saying(lambda it: it.update(format=2))),
    "no indexes": (DamagedKeyset, "it has no indexes", saying(lambda it: it.pop("indexes"))),
    "no key's date": (DamagedKeyset, "its dates", saying(lambda it: it.update(dates=NO_KEY))),
    "a date of no time": (DamagedKeyset, "its dates", saying(lambda it: it.update(dates={"1": {"added": "x"}}))),
    "a date of no zone": (
        DamagedKeyset,
        "its dates",
        saying(lambda it: it.update(dates=NO_ZONE)),
    ),
    "a date as a number": (DamagedKeyset, "its dates", saying(lambda it: it.update(dates={"1": {"added": 1}}))),
    "a list of dates": (DamagedKeyset, "its dates", saying(lambda it: it.update(dates={"1": []}))),
    "not sealed": (DamagedKeyset, "values are no sealed keyset", saying(lambda it: it.update(values={"key": 1}))),
    "nothing sealed": (EmptyKeyset, "holds no key", saying(lambda it: it.update(values={}))),
    "no key in it": (EmptyKeyset, "holds no key", sealing(tink_pb2.Keyset())),
    "a key of the other kind": (DamagedKeyset, "is none that makes values", sealing(OTHER)),
    "a key without a prefix": (DamagedKeyset, "another prefix", sealing(unfit(output_prefix_type=tink_pb2.RAW))),
    "a key of no status": (DamagedKeyset, "is none that makes values", sealing(unfit(status=0))),
    "a disabled primary": (DamagedKeyset, "for values cannot be used", sealing(unfit(status=tink_pb2.DISABLED))),
    "no primary": (DamagedKeyset, "for values cannot be used", sealing(without_a_primary())),
    "the key is gone": (KeyFileRefused, "key is not there. Restore it", lambda made: made.key.unlink()),
    "the key is damaged": (KeyFileRefused, "is damaged: it holds no key", lambda made: cut(made.key, 90)),
    "the key is empty": (KeyFileRefused, "is damaged: it holds no key", lambda made: made.key.write_text("{}")),
    "the key is not text": (KeyFileRefused, "it is no text", lambda made: made.key.write_bytes(b"\xff")),
    "the key is a folder": (KeyFileRefused, "cannot be read: Is a directory", lambda made: as_folder(made.key)),
    "others may read the key": (KeyFileRefused, "others than its owner: chmod 600", lambda made: made.key.chmod(0o640)),
    "the key is a circle": (KeyFileRefused, "Too many levels of symbolic links", lambda made: as_circle(made.key)),
    "another key": (WrongKey, "that key is another one now", replace_key),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_wrong_with_the_keyset_is_a_sentence_that_shows_no_key(harm: str, made: Place) -> None:
    kind, words, do = HARMS[harm]
    secret = made.key.read_text()[100:140]
    do(made)

    with pytest.raises(kind, match=words) as caught:
        keyring()
    assert secret not in str(caught.value)
    assert str(made.keyset.parent.parent) in str(caught.value), "it says where"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
