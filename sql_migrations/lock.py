"""The deploy lock: one runner at a time, held by a session of its own and gone with it, whatever happens to it.

A lock row would outlive its owner. Waiting inside pg_advisory_lock would hold a snapshot, for which the holder's
CREATE INDEX CONCURRENTLY waits in turn; so the lock is polled.
"""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ConnStatus

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.mishaps import reaching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# The first eight bytes of sha256("webqx sql_migrations deploy lock"), halved to fit a positive bigint.
LOCK_KEY = 5_608_032_841_479_477_536
# A killed client's deploy lock goes at once, but a statement that the server was at goes on, and so does the COMMIT
# behind it in one message. The working session shares this lock from before each COMMIT, and around what commits by
# itself; the next runner takes it alone before it looks at anything, or else it would do the same node again.
WORK_KEY = LOCK_KEY + 1
HOLD_TRANSACTION = f"SELECT pg_catalog.pg_advisory_xact_lock_shared({WORK_KEY})"
HOLD_SESSION = f"SELECT pg_catalog.pg_advisory_lock_shared({WORK_KEY})"
RELEASE_SESSION = f"SELECT pg_catalog.pg_advisory_unlock_shared({WORK_KEY})"
_POLL_SECONDS = 0.2

_ANOTHER_RUN = "Another run holds the deploy lock: {application} (database pid {pid}). Waiting for it."
_LEFT_RUNNING = (
    "A run that was killed left a statement running on the server (database pid {pid}). Waiting for it. "
    "To end it: SELECT pg_terminate_backend({pid})"
)
_HOLDER = """
SELECT a.pid, a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = %s
"""


class Pooled(SqlMigrationsError):
    """The connection goes through a pooler that hands one server session to several clients."""


class LockLost(SqlMigrationsError):
    """This run no longer holds the deploy lock."""


@contextmanager
def deploy_lock(
    params: Mapping[str, Any], report: Callable[[str], None], *, work: psycopg.Connection
) -> Iterator[psycopg.Connection]:
    """Hold the deploy lock of a database. Yields the lock's own connection, which can look at others meanwhile.

    `params` are psycopg.connect's, `work` is the connection to be used under the lock. While another runner holds it,
    `report` is told whom we wait for, once for each. Raises Unreachable or Pooled.
    """
    with reaching():
        opened = psycopg.connect(**{**params, "autocommit": True, "application_name": _name()})
    with opened as connection:
        # Before the lock is taken: a pool would keep it, for nobody.
        _refuse_pooler(connection, work)
        _acquire(connection, LOCK_KEY, _ANOTHER_RUN, report)
        _acquire(connection, WORK_KEY, _LEFT_RUNNING, report)
        _value(connection, "SELECT pg_advisory_unlock(%s)", WORK_KEY)
        connection.execute("SET idle_session_timeout = 0")  # it idles for as long as the work takes
        yield connection


def still_held(lock: psycopg.Connection) -> None:
    """Raise LockLost when the session that holds the lock was ended. Asks the socket only, not the server."""
    with suppress(psycopg.OperationalError):
        # First comes why the session was ended, then its end.
        while lock.pgconn.status == ConnStatus.OK and select.select([lock.pgconn.socket], [], [], 0)[0]:
            lock.pgconn.consume_input()
        if lock.pgconn.status == ConnStatus.OK:
            return
    raise LockLost(
        "the session that holds the deploy lock was ended, so that another run may have begun. What is recorded as "
        "applied is applied, and nothing else. Run the command again."
    )


def _refuse_pooler(lock: psycopg.Connection, work: psycopg.Connection) -> None:
    """Raise Pooled when lock and work turn out to share a server session: then the lock excludes nobody."""
    before, worker, after = (_backend_pid(connection) for connection in (lock, work, lock))
    if before != after or worker == before:
        raise Pooled(
            "this connection goes through a pooler in transaction mode (PgBouncer?), where a lock protects nothing. "
            "Migrate over a direct connection, or a session-mode pool: set DATABASE_URL for this command."
        )


def _acquire(connection: psycopg.Connection, key: int, sentence: str, report: Callable[[str], None]) -> None:
    waited_for: object = None
    while not _value(connection, "SELECT pg_try_advisory_lock(%s)", key):
        holder = connection.execute(_HOLDER, (key,)).fetchone()
        if holder is not None and holder != waited_for:
            pid, application = holder
            report(sentence.format(pid=pid, application=application or "unnamed"))
            waited_for = holder
        time.sleep(_POLL_SECONDS)


def _backend_pid(connection: psycopg.Connection) -> object:
    return _value(connection, "SELECT pg_backend_pid()")


def _value(connection: psycopg.Connection, sql: str, *params: object) -> object:
    row = connection.execute(sql, params or None).fetchone()
    return row[0] if row else None


def _name() -> str:
    # PostgreSQL keeps 63 bytes of it.
    return f"webqx migrate, pid {os.getpid()} on {socket.gethostname()}"[:63]
