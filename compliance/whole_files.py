"""Files with health information: only their owner may read them, and they have their name once they are whole."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from collections.abc import Iterator


class FileRefused(ComplianceError):
    """The file cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}. Name a file in a folder that you may write to.")
        self.path, self.reason = path, reason


@contextlib.contextmanager
def whole_file(path: Path, *, replacing: bool) -> Iterator[TextIO]:
    """Give what to write to; mode 0600. A file of that name is replaced at the end, or refused at once. UTF-8.

    What is in the making stands beside it under a name of its own; a process that is killed leaves only that behind.
    Raises FileRefused.
    """
    if path.exists() and not (replacing and path.is_file()):
        raise FileRefused(path, "it exists and is not a file" if replacing else "there is one of this name already")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # mode 0600
    except OSError as error:
        raise FileRefused(path, error.strerror or "the system refuses it") from error
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - it is a descriptor
            yield out
            out.flush()
            os.fsync(out.fileno())
        if replacing:
            Path(name).replace(path)
        else:
            path.hardlink_to(name)  # unlike a renaming, it fails when somebody else made one of this name meanwhile
        _settle(path.parent)
    except OSError as error:
        raise FileRefused(path, error.strerror or "the system refuses it") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Let a new name outlive a loss of power, as the file's content already does; where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_parts(path: Path) -> None:
    """Remove what processes that were killed left of a file. Only where nobody else can be writing it."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        part.unlink(missing_ok=True)
