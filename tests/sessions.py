"""Run something in several sessions at once, each with a connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.db import connection, connections, transaction

if TYPE_CHECKING:
    from collections.abc import Callable


def in_sessions(*verbs: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own; return what each returned, or the exception that it raised."""

    def run(verb: Callable[[], Any]) -> Any:
        try:
            return verb()
        finally:
            connections.close_all()  # the trail's own among them

    with ThreadPoolExecutor(len(verbs)) as pool:
        futures = [pool.submit(run, verb) for verb in verbs]
        return [future.exception() or future.result() for future in futures]


def behind(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Run the first, and the second in a session that must wait until the first is committed; return its outcome."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = pool.submit(in_sessions, second)
            while not somebody_waits():
                assert not waiting.done(), "the second did not wait"
        (outcome,) = waiting.result()
    return outcome


def somebody_waits() -> bool:
    """Ask for locks: pg_stat_activity would say the same all through a transaction."""
    with connection.cursor() as cursor:
        # Other tests have databases of their own on this server; who waits for a transaction holds a lock in its own.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks AS waiting JOIN pg_locks AS held USING (pid)"
            " WHERE NOT waiting.granted AND held.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])
