"""Private folders for sockets: short, since a socket's path may have 107 bytes, and entered by one user only."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webqx.account import Account

# Only the name of the socket file: the built-in server never listens on the network.
PORT = 5432
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is private
# A run of all tests takes about a tenth of that.
SCRATCH_BYTES = 4 * 1024**3


def temporary_folder() -> Path:
    """The system's own, because TMPDIR may be long and may differ between two commands."""
    system = Path("/tmp")  # noqa: S108 - what is made in it is private, and its owner is checked
    return system if os.access(system, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def scratch_folder() -> Path:
    """Where a temporary server is quickest: in memory, if much of it is free (making a cluster: 0.7 s, on disk 2 s)."""
    if not os.access(MEMORY, os.W_OK | os.X_OK):
        return temporary_folder()
    found = os.statvfs(MEMORY)
    return MEMORY if found.f_bavail * found.f_frsize >= SCRATCH_BYTES else temporary_folder()


def new_folder(prefix: str, account: Account, parent: Path | None = None) -> Path:
    """Make a folder with a name that nobody can know beforehand."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent or temporary_folder()))
    _give(folder, account)
    return folder


def folder_for(data: Path, account: Account) -> Path:
    """Make the folder for the socket of the server of this data folder.

    Its name is the same at every start, so that programs that run find the server again. Whoever made a folder of
    that name before us, or answers in it, gets nothing: another name is used then.
    """
    name = f"webqx-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = temporary_folder() / name
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if _is_private(folder, account) and not answers(folder):
            # PostgreSQL trusts the process id in a killed server's lock file, though it may be another's, or a zombie.
            for stale in folder.glob(".s.PGSQL.*"):
                stale.unlink()
            return folder
        return new_folder(f"{name}-", account)
    _give(folder, account)
    return folder


def remove(folder: Path, account: Account) -> None:
    if _is_private(folder, account):
        shutil.rmtree(folder, ignore_errors=True)


def answers(folder: Path) -> bool:
    """Whether a server takes connections at the socket in this folder."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(folder / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


def _give(folder: Path, account: Account) -> None:
    if os.geteuid() == 0:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _is_private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077
