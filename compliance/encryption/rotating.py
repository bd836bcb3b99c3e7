"""Changes the keys: one step at a time, recorded in the trail, and in the file as a whole or not at all.

A step is recorded before it is written, and once more if it could not be written: so none is done without an entry. A
process that is killed between the two leaves an entry of a step that `keys status` shows was not done. Whoever may run
manage.py may do this; --as says who it is.
"""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.utils import timezone

from compliance.audit import recording
from compliance.audit.errors import NotRecorded
from compliance.audit.models import EventType, Outcome
from compliance.encryption import keyring, keyset_file, rotation, wrapping
from compliance.encryption.errors import EncryptionError, OutOfOrder
from compliance.encryption.needed import still_needed
from compliance.whole_files import FileRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from compliance.encryption.keyset import Keysets, Kind


class Step(NamedTuple):
    """What became of a step: the key that it was about, and whether anything had to be done."""

    key: int
    done: bool


def create() -> bool:
    """Make the keyset of a new installation, with the key file if PHI_KEY_URI names one; False if there is one.

    Raises EncryptionError, FileRefused or NotRecorded.
    """
    path, uri = _path(), settings.PHI_KEY_URI
    if not settings.PRODUCTION:
        keyset_file.make_folders(path, uri)
    with keyset_file.locked(path):
        if keyset_file.is_there(path):
            return False
        with _recorded("create"):
            keyset_file.create(path, uri)
    keyring.forget()
    return True


def add(kind: Kind) -> Step:
    """Add a key that opens, and does not seal before it is promoted. See rotation.add for the errors of all steps."""
    return _step("add", lambda keysets: rotation.add(keysets, kind, timezone.now()))


def promote(key: int, *, hasty: bool = False) -> Step:
    """Let a key seal from now on."""
    return _of("promote", key, partial(rotation.promote, hasty=hasty))


def disable(key: int, *, hasty: bool = False) -> Step:
    """Stop using a key that nothing needs any more."""
    return _of("disable", key, partial(rotation.disable, hasty=hasty, still_needed=still_needed))


def enable(key: int) -> Step:
    """Take a disabled key into use again."""
    return _of("enable", key, rotation.enable)


def destroy(key: int) -> Step:
    """Remove a disabled key for good."""
    return _of("destroy", key, partial(rotation.destroy, still_needed=still_needed))


def rewrap(before: str) -> None:
    """Seal the keyset with the key that PHI_KEY_URI names, where `before` names the one that it is sealed with now."""
    path, uri = _path(), settings.PHI_KEY_URI
    with keyset_file.locked(path):
        keysets = keyset_file.read(path, before)
        with _recorded("rewrap"):
            wrapping.make(uri)
            keyset_file.write(path, uri, keysets)
    keyring.forget()


def _of(verb: str, key: int, step: Callable[[Keysets, int, datetime], Keysets]) -> Step:
    return _step(verb, lambda keysets: (step(keysets, key, timezone.now()), key))


def _step(verb: str, change: Callable[[Keysets], tuple[Keysets, int]]) -> Step:
    """Carry out a step that gives the next state of the keys, and the number of the key that it is about."""
    path, uri = _path(), settings.PHI_KEY_URI
    with keyset_file.locked(path):
        before = keyset_file.read(path, uri)
        try:
            after, key = change(before)
        except OutOfOrder as refused:
            with contextlib.suppress(NotRecorded):  # it is refused all the same
                _record(verb, refused.key, str(refused))
            raise
        if after is before:
            return Step(key, done=False)
        with _recorded(verb, key):
            keyset_file.write(path, uri, after)
    keyring.forget()
    return Step(key, done=True)


@contextlib.contextmanager
def _recorded(verb: str, key: int | None = None) -> Iterator[None]:
    """Record a step that follows, and that it failed if it did. Raises NotRecorded; then it does not follow."""
    _record(verb, key)
    try:
        yield
    except (EncryptionError, FileRefused) as failed:
        _record(verb, key, str(failed))
        raise


def _record(verb: str, key: int | None, failure: str | None = None) -> None:
    recording.record(
        EventType.KEY_USE,
        object_repr="keyset" if key is None else f"key {key}",
        additional_data={"step": verb} | ({} if key is None else {"key": key}),
        outcome=Outcome.SUCCESS if failure is None else Outcome.SERIOUS_FAILURE,
        outcome_reason=failure[: recording.REASON_LENGTH] if failure else None,
    )


def _path() -> Path:
    return Path(settings.PHI_KEYSET)
