"""The keyset's file: whole or refused with a sentence, and one only, whoever begins at once."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tink.proto import tink_pb2

from compliance.encryption import keyset, keyset_file, wrapping
from compliance.encryption.errors import (
    DamagedKeyset,
    EmptyKeyset,
    EncryptionError,
    KeyFileRefused,
    KeysetRefused,
    KeyUriRefused,
    NoKeyset,
    WrongKey,
)
from compliance.encryption.keyring import Keyring, keyring
from compliance.encryption.keyset import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import SettingsWrapper

    from tests.compliance.encryption.conftest import Place

BASE = Path(__file__).resolve().parents[3]
# Says when it has seen that there is no keyset, and again before it makes one; then it waits to be told to go on.
MAKES = """
import django; django.setup()
from compliance.encryption import keyset_file, wrapping
make_folders, make = keyset_file.make_folders, wrapping.make
def arrive(*where):
    make_folders(*where)
    print("arrived", flush=True)
def wait(*where):
    print("making", flush=True)
    input()
    make(*where)
keyset_file.make_folders, wrapping.make = arrive, wait
from compliance.encryption.keyring import keyring
print(keyring().seal(b"plain", b"place").hex())
"""
# Writes the keyset again and again until it is killed.
WRITES = """
import django; django.setup()
from pathlib import Path
from django.conf import settings
from compliance.encryption import keyset_file
path, uri = Path(settings.PHI_KEYSET), settings.PHI_KEY_URI
with keyset_file.locked(path):
    print("began", flush=True)
    while True:
        keyset_file.write(path, uri, keyset_file.read(path, uri))
"""
# Stops in the middle of the writing, where a part of the new file has been written.
STOPS = """
import django; django.setup()
import os, sys
from pathlib import Path
from django.conf import settings
from compliance.encryption import keyset_file
path, uri = Path(settings.PHI_KEYSET), settings.PHI_KEY_URI
def stop(event, arguments):
    if event == "os.rename" or (event == "os.fsync"):
        os.kill(os.getpid(), 9)
with keyset_file.locked(path):
    before = keyset_file.read(path, uri)
    sys.addaudithook(stop)
    keyset_file.write(path, uri, before)
"""


def process(program: str, place: Place) -> subprocess.Popen[str]:
    named = {"PHI_KEYSET": str(place.keyset), "PHI_KEY_URI": place.uri}
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=BASE,
        env=os.environ | named,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(one: subprocess.Popen[str]) -> str:
    assert one.stdout is not None
    return one.stdout.readline().strip()


def test_of_two_processes_that_begin_at_once_one_makes_the_keyset(place: Place) -> None:
    with process(MAKES, place) as first, process(MAKES, place) as second:
        assert [line(one) for one in (first, second)] == ["arrived", "arrived"]
        for one in (first, second):
            assert one.stdin is not None
            one.stdin.write("go on\n")
            one.stdin.flush()
        made = [one.stdout.read().split() for one in (first, second) if one.stdout is not None]

    assert sorted(len(said) for said in made) == [1, 2], "one of them said that it makes it"
    assert [keyring().open(bytes.fromhex(said[-1]), b"place") for said in made] == [b"plain"] * 2
    assert sorted(file.name for file in place.keyset.parent.iterdir()) == ["keyset.json", "keyset.json.lock"]


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_keyset(made: Place) -> None:
    sealed = keyring().seal(b"plain", b"place")
    for _ in range(3):
        writing = process(WRITES, made)
        assert line(writing) == "began"
        revision = keyset_file.read(made.keyset, made.uri).revision
        while keyset_file.read(made.keyset, made.uri).revision < revision + 3:
            assert writing.poll() is None
        writing.send_signal(signal.SIGKILL)
        writing.communicate()

        assert Keyring(keyset_file.read(made.keyset, made.uri)).open(sealed, b"place") == b"plain"


def test_a_process_that_is_killed_before_the_new_file_has_its_name_leaves_the_one_before(made: Place) -> None:
    before = made.keyset.read_bytes()
    stopped = process(STOPS, made)
    stopped.communicate()

    assert stopped.returncode == -signal.SIGKILL
    assert made.keyset.read_bytes() == before
    assert list(made.keyset.parent.glob(".keyset.json.*.part"))
    with keyset_file.locked(made.keyset):
        keyset_file.write(made.keyset, made.uri, keyset_file.read(made.keyset, made.uri))
    assert not list(made.keyset.parent.glob(".keyset.json.*.part")), "what it left is removed"


def test_what_a_killed_process_left_of_a_key_is_removed(place: Place) -> None:
    for folder in (place.keyset.parent, place.key.parent):
        folder.mkdir()
    left = place.key.with_name(".key.k1ll3d.part")
    left.write_text("half a key")

    keyring()

    assert [file.name for file in place.key.parent.iterdir()] == ["key"]


def test_the_owner_and_the_mode_of_the_file_stay(made: Place) -> None:
    made.keyset.chmod(0o640)
    keyset_file.write(made.keyset, made.uri, keyset_file.read(made.keyset, made.uri))

    assert made.keyset.stat().st_mode & 0o777 == 0o640


def test_the_file_holds_no_key_in_clear(made: Place) -> None:
    content = json.loads(made.keyset.read_text())

    for kind, proto in keyset_file.read(made.keyset, made.uri).protos.items():
        secret = proto.key[0].key_data.value
        assert base64.b64encode(secret).decode() not in made.keyset.read_text()
        assert secret not in base64.b64decode(content[kind]["encryptedKeyset"])


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
HARMS: dict[str, tuple[type[EncryptionError], str, Callable[[Place], object]]] = {
    "a folder": (KeysetRefused, "cannot be read: Is a directory", lambda made: as_folder(made.keyset)),
    "a circle of links": (KeysetRefused, "Too many levels of symbolic links", lambda made: as_circle(made.keyset)),
    "empty file": (DamagedKeyset, "it is not JSON", lambda made: cut(made.keyset, 0)),
    "cut off": (DamagedKeyset, "not all of it", lambda made: cut(made.keyset, 700)),
    "not text": (DamagedKeyset, "it is not JSON", lambda made: made.keyset.write_bytes(b"\xff\x00\x80")),
    "a list": (DamagedKeyset, "no keyset in format 1", lambda made: made.keyset.write_text("[]")),
    "of tomorrow": (DamagedKeyset, "no keyset in format 1", saying(lambda it: it.update(format=2))),
    "no indexes": (DamagedKeyset, "it has no indexes", saying(lambda it: it.pop("indexes"))),
    "no key's date": (DamagedKeyset, "its dates", saying(lambda it: it.update(dates={"x": {}}))),
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


def test_a_keyset_that_was_sealed_with_another_key_says_with_which(made: Place, settings: SettingsWrapper) -> None:
    other = made.key.with_name("other")
    wrapping.make(other.as_uri())
    settings.PHI_KEY_URI = other.as_uri()

    with pytest.raises(WrongKey, match=rf"does not open with file:{other}: it was sealed with file:{made.key}"):
        keyring()


def test_production_makes_no_keyset_by_itself(place: Place, settings: SettingsWrapper) -> None:
    settings.PRODUCTION = True

    with pytest.raises(NoKeyset, match=r"is not there\. Restore it from a backup"):
        keyring()
    assert not place.keyset.parent.exists()


def test_a_name_that_is_no_place_of_a_key_is_refused(place: Place, settings: SettingsWrapper) -> None:
    settings.PHI_KEY_URI = "s3cr3t"

    with pytest.raises(KeyUriRefused, match=r"^PHI_KEY_URI must look like") as caught:
        keyring()
    assert "s3cr3t" not in str(caught.value)
