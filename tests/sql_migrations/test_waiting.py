"""How long a run stands in line for locks, and when it does not begin at all."""

from __future__ import annotations

import pytest

from sql_migrations.errors import StatementFailed
from sql_migrations.lock import LockLost
from sql_migrations.waiting import LOCK_NOT_AVAILABLE, Patience


def test_no_node_begins_once_the_deploy_lock_is_lost() -> None:
    begun: list[str] = []

    def lost() -> None:
        raise LockLost

    with pytest.raises(LockLost):
        Patience(still_locked=lost).retry(lambda: begun.append("a node"))
    assert begun == []


def test_even_no_attempts_are_one() -> None:
    def attempt() -> None:
        raise StatementFailed("canceling statement due to lock timeout", file="x.sql", sqlstate=LOCK_NOT_AVAILABLE)

    with pytest.raises(StatementFailed, match="Gave up at attempt 1"):
        Patience(attempts=0).retry(attempt)
