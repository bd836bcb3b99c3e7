"""Locks that others hold: how long to stand in line for one, when to step out and try again, and whom to name.

A statement that waits for a lock makes everybody behind it wait too. So it waits briefly, gives up, lets the
traffic through, and tries again.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg

from sql_migrations.errors import StatementFailed
from sql_migrations.session import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION = "55P03", "40P01", "40001"
RETRYABLE = frozenset({LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION})
_LONGEST_PAUSE = 60.0

_BLOCKERS = """
SELECT a.pid, a.application_name, a.usename, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::int
FROM unnest(pg_blocking_pids(%s)) AS blocker(pid) JOIN pg_stat_activity AS a USING (pid) ORDER BY a.pid
"""


def nothing(_sentence: str) -> None:
    """Say nothing."""


def idle() -> None:
    """Do nothing."""


@dataclass
class Patience:
    """How long to wait for locks: each attempt `lock_timeout_ms`, `attempts` of them, pauses doubling from 1 s to 60 s.

    The defaults give up after about five minutes: 10 attempts of 5 s, and 1 + 2 + 4 + … + 60 s between them.
    """

    lock_timeout_ms: int = 5000
    attempts: int = 10
    report: Callable[[str], None] = nothing
    pause: float = 1.0
    blockers: str = ""
    look: Callable[[], None] = idle
    still_locked: Callable[[], None] = idle

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look once a second who blocks, in a thread: for waiting that does not come by here."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(PATIENCE):
                self.look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def retry(self, attempt: Callable[[], T]) -> T:
        """Call `attempt` until it succeeds, fails for another reason than a lock, or patience is at its end."""
        self.still_locked()
        pause = self.pause
        attempts = max(self.attempts, 1)
        for number in range(1, attempts + 1):
            self.blockers = ""
            try:
                return attempt()
            except StatementFailed as failure:
                if failure.sqlstate not in RETRYABLE:
                    raise
                held = f", held by {self.blockers}" if self.blockers else ""
                if number == attempts:
                    failure.advise(f"Gave up at attempt {number}{held}. Nothing of it was applied.")
                    raise
                self.report(f"{failure.problem}{held}. Trying again in {pause:.0f} s ({number} of {attempts}).")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")


class Observer:
    """Names whom a session waits for, over a connection of its own: the waiting one cannot be asked."""

    def __init__(self, connection: psycopg.Connection, pid: int, patience: Patience) -> None:
        self.connection, self.pid, self.patience = connection, pid, patience
        self._named: set[int] = set()

    def look(self) -> None:
        """Called while a statement is slow: say who blocks, once for each attempt and when it is somebody else."""
        found: list[tuple[Any, ...]] = []
        with suppress(psycopg.Error):  # who blocks is good to know, and no reason to fail
            found = self.connection.execute(_BLOCKERS, (self.pid,)).fetchall()
        if not found:
            return
        pids, blockers = {pid for pid, *_ in found}, " and ".join(_describe(*row) for row in found)
        if pids != self._named or not self.patience.blockers:
            self.patience.report(f"waiting for a lock that is held by {blockers}")
        self._named, self.patience.blockers = pids, blockers


def _describe(pid: int, application: str, user: str | None, state: str | None, seconds: int | None) -> str:
    parts = [f"pid {pid}"]
    named = " ".join(part for part in (application, f"as {user}" if user else "") if part)
    if named:
        parts.append(f"({named})")
    if state and seconds is not None:
        parts.append(f"in a transaction {state} for {seconds} s")
    return " ".join(parts)
