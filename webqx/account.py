"""Which system user the built-in PostgreSQL runs as: it refuses to run as root, and no user is created for it."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webqx.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    """A system user, and how to run something as it."""

    name: str
    uid: int
    gid: int

    def run(
        self,
        *command: str | Path,
        cwd: str | Path = "/",
        text: str | None = None,
        extra: Mapping[str, str] | None = None,
        holding: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user; what it writes is for this user only. Root gives up its groups too.

        The environment is its own: PGHOST, PGDATA and the like would lead PostgreSQL's programs astray.
        `holding` is a lock's descriptor that the command keeps open, so that the lock is held until it ends too.
        """
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(
                [str(part) for part in command],
                cwd=cwd,
                input=text or "",
                env={"PATH": os.defpath, "LC_ALL": "C", **(extra or {})},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                umask=0o077,
                pass_fds=() if holding is None else (holding,),
                **identity,
            )
        except PermissionError as refused:
            return subprocess.CompletedProcess([str(part) for part in command], 126, "", str(refused))

    def can_enter(self, folder: Path) -> bool:
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def write(self, file: Path, text: str) -> None:
        """Write as this user: in a folder that belongs to it, root would follow a link planted there."""
        done = self.run("/bin/sh", "-c", 'cat > "$1"', "sh", file, text=text)
        if done.returncode:
            msg = f"{file} cannot be written as {self.name}: {done.stderr.strip()}"
            raise ServerError(msg)


def account_for(folder: Path) -> Account:
    """Choose who runs a server whose files stand in this folder.

    That is whoever runs this, unless it is root. Then it is the folder's owner, or a user that systems have for it:
    `postgres` before `nobody`, which other services share.
    """
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    owner = folder.stat().st_uid
    for known in (*((owner,) if owner else ()), "postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return _account(pwd.getpwnam(known) if isinstance(known, str) else pwd.getpwuid(known))
    msg = (
        "PostgreSQL refuses to run as root, and this system has neither a user postgres nor a user nobody. "
        "Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )
    raise ServerError(msg)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
