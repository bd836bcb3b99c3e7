"""What the encryption room refuses. No message holds a plain value, a ciphertext or a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from pathlib import Path


class EncryptionError(ComplianceError):
    """Something cannot be sealed, or what is sealed cannot be read."""


class Unreadable(EncryptionError):
    """A sealed value does not open: it is not whole, not in its place, or was made with another keyset."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"A sealed value cannot be read: {why} Nothing of it is shown. If it is damaged, restore it from a backup."
        )


class UnknownKey(EncryptionError):
    """A sealed value names a key that is not in use here."""

    def __init__(self, key: int, status: str = "not in the keyset") -> None:
        way_out = {
            "disabled": f"Enable it again: manage.py keys enable {key}",
            "destroyed": "What it sealed is lost, unless a backup of the keyset still holds it: see docs/keys.md.",
        }.get(status, "Bring the keyset up to date, or restore the one that has it: see docs/keys.md.")
        super().__init__(f"A sealed value needs key {key}, which is {status}. {way_out}")
        self.key, self.status = key, status


class KeysUnusable(EncryptionError):
    """The keys are not to be had: nothing can be sealed or read. What was asked for is not to blame."""


class KeysetUnusable(KeysUnusable):
    """The keyset cannot be used. `path` is its file."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"The keyset in {path} {problem}")
        self.path = path


class NoKeyset(KeysetUnusable):
    """There is no keyset. One is never made in the place of one that has gone missing."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "is not there. Restore it from a backup: without it nothing sealed can be read. For a new installation, "
            "make one: manage.py keys create",
        )


class KeysetRefused(KeysetUnusable):
    """The system does not let this process have the file."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, f"cannot be read: {why}. Let the user who runs this read it, and its folder.")


class DamagedKeyset(KeysetUnusable):
    """The file is not what was written."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(path, f"is damaged: {what}. Restore it from a backup: see docs/keys.md.")


class EmptyKeyset(KeysetUnusable):
    """The file has no key in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "holds no key. Restore it from a backup: see docs/keys.md.")


class WrongKey(KeysetUnusable):
    """The key-encryption key is not the one that the keyset is sealed with."""

    def __init__(self, path: Path, named: str, sealed_with: str) -> None:
        if named == sealed_with:
            told = f"does not open with {named}, although it was sealed under that name: that key is another one now"
        else:
            told = f"does not open with {named}: it was sealed with {sealed_with}"
        super().__init__(
            path, f"{told}, or the file was changed. Name the right key in PHI_KEY_URI, or restore both: docs/keys.md."
        )


class KeyUriRefused(KeysUnusable):
    """PHI_KEY_URI names no key that can be used. `problem` is the sentence without the name of the setting."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"PHI_KEY_URI {problem}")
        self.problem = problem


class KeyFileRefused(KeysUnusable):
    """The file with the key-encryption key cannot be used."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"The key file {path} {problem}")
        self.path = path


class KeyServerAway(KeysUnusable):
    """The key server does not answer, or cannot work. Trying again later may help."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"The key server {address} {why}. Nothing can be sealed or read until it is back; then retry.")
        self.address = address


class KeyServerRefused(KeysUnusable):
    """The key server answers, and will not do it. Trying again does not help."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"The key server {address} {why}")
        self.address = address


class NoSuchKey(EncryptionError):
    """A command names a key that the keyset does not have."""

    def __init__(self, key: int) -> None:
        super().__init__(f"There is no key {key} in the keyset. See: manage.py keys status")
        self.key = key


class OutOfOrder(EncryptionError):
    """A step of a rotation would make something unreadable: it is refused, and nothing was changed."""

    def __init__(self, key: int, why: str) -> None:
        super().__init__(f"Key {key} {why} Nothing was changed.")
        self.key = key


class CannotBeSealed(EncryptionError):
    """A value is none that the column holds. `column` is the table's and the column's name."""

    def __init__(self, column: object, why: str) -> None:
        super().__init__(f"{column}: {why} The value is not shown.")
        self.column = str(column)


class WrittenWithoutItsRow(EncryptionError):
    """A value was about to be written without the row that it would be bound to."""

    def __init__(self, column: object) -> None:
        super().__init__(
            f"{column} is encrypted for each row apart, so that update(), an expression or a fixture in plain text "
            "cannot write it. Set it on the rows and save() them, or use bulk_create() or bulk_update(). update() may "
            "set it to None."
        )
        self.column = str(column)


class NotComparable(EncryptionError):
    """A query asks PostgreSQL about a value that it cannot read."""

    def __init__(self, column: object, what: str, instead: str) -> None:
        super().__init__(f"{column} is encrypted: PostgreSQL cannot {what}. {instead}")
        self.column = str(column)


class SlotTaken(EncryptionError):
    """Two index keys in use would write into one column."""

    def __init__(self, keys: list[int]) -> None:
        super().__init__(
            f"The index keys {' and '.join(map(str, keys))} are both enabled, and share a column of the unique "
            "indexes. Finish the rotation of one first, and disable it: see docs/encryption.md."
        )
        self.keys = keys


class ColumnInUse(EncryptionError):
    """A column cannot be converted: something else rests on it that would go with it."""

    def __init__(self, column: str, used_by: list[str]) -> None:
        super().__init__(
            f"{column} cannot be converted, since these rest on it: {', '.join(used_by)}. Remove them in an operation "
            "before, and add afterwards what takes their place: a rule on the blind index, or a validator of the field."
        )
        self.column, self.used_by = column, used_by
