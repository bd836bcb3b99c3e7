"""The application's database login, for tests, which migrate and set up as the owner.

The session stays the owner's and takes the application's role: rights and row-level security then are the
application's, and what a test has written in its transaction is there to be seen.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.test import Client
from psycopg.pq import TransactionStatus

from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from django.db.backends.base.base import BaseDatabaseWrapper


@contextlib.contextmanager
def as_app() -> Iterator[None]:
    """Let the connections of this thread do only what the application may, while a `with` lasts.

    A transaction that fails inside takes the role back as far as it is rolled back.
    """
    opened = [connections[alias] for alias in ("default", "audit")]
    before = [(connection, _become(connection, APP)) for connection in {id(one): one for one in opened}.values()]
    try:
        yield
    finally:
        for connection, role in before:
            _become(connection, role)


def _become(connection: BaseDatabaseWrapper, role: str) -> str:
    """Take a role; return the one before. By psycopg itself: what counts statements does not count this one."""
    connection.ensure_connection()
    session: psycopg.Connection[Any] = connection.connection
    if session.info.transaction_status == TransactionStatus.INERROR:
        return role  # nothing is done any more, and the rollback takes the role back
    row = session.execute("SELECT current_setting('role'), set_config('role', %s, false)", [role]).fetchone()
    return str(row[0]) if row else "none"


class ApplicationClient(Client):
    """Django's client, whose requests, logins among them, are served with the application's rights."""

    def request(self, **request: Any) -> Any:
        with as_app():
            response: Any = super().request(**request)
        if getattr(response, "streaming", False):
            response.streaming_content = _step_by_step(response.streaming_content)
        return response

    def _login(self, *arguments: Any, **said: Any) -> None:
        with as_app():
            super()._login(*arguments, **said)  # type: ignore[misc] # Django's own, which login and force_login share


def _step_by_step(content: Iterator[bytes]) -> Iterator[bytes]:
    """Let what is made while a response is read be read with the same rights."""
    ended = object()
    while True:
        with as_app():
            part: Any = next(content, ended)
        if part is ended:
            return
        yield part
