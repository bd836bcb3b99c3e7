"""One message, many results: what is left of the session when a message is interrupted."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Never

import psycopg
import pytest

from sql_migrations.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _InterruptedWhenSent(str):
    """Data at which somebody presses Ctrl-C: PostgreSQL waits for it, and none of it is sent yet."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> Never:
        raise KeyboardInterrupt


@pytest.fixture
def session(database_url: Callable[..., str]) -> Iterator[Session]:
    with psycopg.connect(database_url(), autocommit=True) as connection:
        yield Session(connection)


def test_ctrl_c_before_the_data_of_a_copy_is_sent_leaves_the_session_usable(session: Session) -> None:
    session.run("CREATE TABLE t (x text)")

    with pytest.raises(KeyboardInterrupt):
        session.run("BEGIN; COPY t FROM stdin", _InterruptedWhenSent("a\n"))
    session.run("ROLLBACK")

    assert session.rows("SELECT count(*) FROM t") == [("0",)]


def test_ctrl_c_while_a_copy_sends_its_rows_leaves_the_session_usable(session: Session) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.run("COPY (SELECT FROM generate_series(1, 1000000000)) TO stdout")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert session.rows("SELECT 1") == [("1",)]
