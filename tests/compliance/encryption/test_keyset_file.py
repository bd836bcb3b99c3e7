"""The keyset's file: whole or refused with a sentence, and one only, whoever begins at once."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.encryption import keyset_file, wrapping
from compliance.encryption.errors import (
    KeyUriRefused,
    NoKeyset,
    WrongKey,
)
from compliance.encryption.keyring import Keyring, keyring

if TYPE_CHECKING:
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
