"""Run something in several sessions at once, each with a connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable


def in_sessions(*verbs: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own; return what each returned, or the exception that it raised."""

    def run(verb: Callable[[], Any]) -> Any:
        try:
            return verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        futures = [pool.submit(run, verb) for verb in verbs]
        return [future.exception() or future.result() for future in futures]
