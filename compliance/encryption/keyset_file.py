"""The file that the keyset lies in, sealed. It is replaced as a whole, by one process at a time.

It stands in a file and not in the database: so a dump or a stolen backup of the database holds no key, not even a
sealed one, and keys can be destroyed apart from it.

    {"format": 1, "revision": 3, "sealed_with": "…", "dates": {"KEY": {"added": "…"}},
     "values": Tink's EncryptedKeyset as JSON, "indexes": the same}

Only the keys are sealed. The rest is what people are told; whoever can change it can make a rotation go too fast, and
nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import tink
from django.utils import timezone
from tink import cleartext_keyset_handle, json_proto_keyset_format

from compliance.encryption import keyset, rotation, wrapping
from compliance.encryption.errors import DamagedKeyset, EmptyKeyset, KeysetRefused, NoKeyset, WrongKey
from compliance.encryption.key_uri import KeyFile, parse
from compliance.encryption.keyset import Keysets, Kind, UnfitKeyset
from compliance.whole_files import FileRefused, remove_parts, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
# Nothing is bound to the keysets, since Tink's AEAD for Vault takes no associated data. One in the place of the other
# is found out by the kind of its keys.
BOUND_TO = b""
State: TypeAlias = "tuple[int, int, int] | None"

logger = logging.getLogger(__name__)


def state(path: Path) -> State:
    """Give what tells one writing of the file from another; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_there(path: Path) -> bool:
    """Tell whether there is such a file. Raises KeysetRefused when that cannot be seen: then none must be made."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise KeysetRefused(path, problem.strerror or "the system refuses it") from None
    return True


def obtain(path: Path, uri: str, *, making: bool) -> None:
    """See that there is a keyset. One is made if `making` says so: of several processes that begin at once, by one.

    Raises NoKeyset, or EncryptionError or FileRefused when it cannot be made.
    """
    if is_there(path):
        return
    if not making:
        raise NoKeyset(path)
    make_folders(path, uri)
    with locked(path):
        if not is_there(path):
            create(path, uri)
            logger.warning("Made a keyset for development, %s, which opens with %s.", path, parse(uri))


def create(path: Path, uri: str) -> None:
    """Make a keyset, and the key file that it is sealed with if that is a file and not there. Hold the lock."""
    wrapping.make(uri)
    write(path, uri, rotation.begin(timezone.now()))


def make_folders(path: Path, uri: str) -> None:
    """Make the development's own folder; only its owner enters it. Others are whoever's they are."""
    place = parse(uri)
    for folder in {path.parent, *([place.path.parent] if isinstance(place, KeyFile) else [])}:
        with contextlib.suppress(OSError):  # writing into it says what is wrong with it
            folder.parent.mkdir(mode=0o711, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time change the file. What one that was killed left half written is removed first."""
    try:
        held = path.with_name(f"{path.name}.lock").open("w")
    except OSError as problem:
        raise FileRefused(path, problem.strerror or "the system refuses it") from None
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        remove_parts(path)
        yield


def read(path: Path, uri: str) -> Keysets:
    """Read the keyset and unseal it. Raises EncryptionError: NoKeyset, DamagedKeyset, EmptyKeyset, WrongKey, …"""
    content = _content(path)
    key = wrapping.opened(uri)
    try:
        protos = {kind: keyset.parsed(kind, _unsealed(path, kind, content, key)) for kind in Kind}
        found = Keysets(protos, content["revision"], {int(of): dates for of, dates in content["dates"].items()})
        for kind, proto in protos.items():
            if not proto.key:
                raise EmptyKeyset(path)
            found.primitive(kind)
    except wrapping.Refused:
        raise WrongKey(path, str(parse(uri)), content["sealed_with"]) from None
    except UnfitKeyset as problem:
        raise DamagedKeyset(path, str(problem)) from None
    return found


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoKeyset(path) from None
    except OSError as problem:
        raise KeysetRefused(path, problem.strerror or "the system refuses it") from None
    except ValueError:
        raise DamagedKeyset(path, "it is not JSON, or not all of it") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DamagedKeyset(path, f"it is no keyset in format {FORMAT}, the one that this version knows")
    kinds = {"revision": int, "sealed_with": str, "dates": dict} | dict.fromkeys(Kind, dict)
    for name, kind in kinds.items():
        if not isinstance(content.get(name), kind):
            raise DamagedKeyset(path, f"it has no {name}")
    if not _are_of_keys(content["dates"]):
        raise DamagedKeyset(path, "its dates are not those of keys")
    return content


def _are_of_keys(found: dict[str, Any]) -> bool:
    try:
        return all(
            int(key) > 0 and datetime.fromisoformat(date).tzinfo is not None
            for key, dates in found.items()
            for date in dates.values()
        )
    except (ValueError, TypeError, AttributeError):
        return False


def _unsealed(path: Path, kind: Kind, content: dict[str, Any], key: Any) -> bytes:
    try:
        sealed = tink.JsonKeysetReader(json.dumps(content[kind])).read_encrypted().encrypted_keyset
    except tink.TinkError:
        raise DamagedKeyset(path, f"its {kind} are no sealed keyset") from None
    if not sealed:
        raise EmptyKeyset(path)
    plain: bytes = key.decrypt(sealed, BOUND_TO)
    return plain


def write(path: Path, uri: str, keysets: Keysets) -> None:
    """Seal a keyset and put it in the place of the one before: whoever reads finds the one or the other, whole.

    Its owner and mode stay. Raises EncryptionError or FileRefused, and then the one before stands. Hold the lock.
    """
    key = wrapping.opened(uri)
    content: dict[str, Any] = {
        "format": FORMAT,
        "revision": keysets.revision + 1,
        "sealed_with": str(parse(uri)),
        "dates": {str(of): dates for of, dates in keysets.dates.items()},
    }
    for kind, proto in keysets.protos.items():
        handle = cleartext_keyset_handle.from_keyset(proto)
        try:  # Tink opens what it has sealed, to see that it can
            content[kind] = json.loads(json_proto_keyset_format.serialize_encrypted(handle, key, BOUND_TO))
        except wrapping.Refused:
            raise WrongKey(path, content["sealed_with"], content["sealed_with"]) from None
    before = path.stat() if is_there(path) else None
    with whole_file(path, replacing=True) as out:
        out.write(json.dumps(content, indent=2) + "\n")
        if before is not None:
            os.fchmod(out.fileno(), before.st_mode & 0o777)
            os.fchown(out.fileno(), before.st_uid, before.st_gid)
