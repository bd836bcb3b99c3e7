"""Two transactions that wait for each other: PostgreSQL ends one, and that one is run again."""

from __future__ import annotations

import threading

import pytest
from django.db import DataError, OperationalError, connection, transaction

from compliance.errors import Contended
from compliance.retrying import TRIES, retried
from tests.sessions import in_sessions

# Threads have connections of their own, outside of the test's transaction. Advisory locks leave nothing to clean up.
pytestmark = pytest.mark.django_db
ONE, OTHER = 4101, 4102


def lock(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def fail_with(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")


def test_of_two_that_deadlock_both_get_done() -> None:
    both_hold_one = threading.Barrier(2)
    runs = []

    def crosswise(first: int, second: int) -> None:
        met = False

        @retried
        @transaction.atomic
        def verb() -> None:
            nonlocal met
            runs.append(first)
            lock(first)
            if not met:
                met = True
                both_hold_one.wait(timeout=20)
            lock(second)

        verb()

    assert in_sessions(lambda: crosswise(ONE, OTHER), lambda: crosswise(OTHER, ONE)) == [None, None]
    assert len(runs) == 3


@pytest.mark.parametrize("state", ["40P01", "40001"])
def test_what_is_lost_every_time_ends_with_a_sentence(state: str) -> None:
    runs = []

    @retried
    @transaction.atomic
    def verb() -> None:
        runs.append(1)
        fail_with(state)

    (error,) = in_sessions(verb)

    assert isinstance(error, Contended)
    assert "nothing was written" in str(error)
    assert len(runs) == TRIES


@pytest.mark.parametrize(("state", "kind"), [("53200", OperationalError), ("22000", DataError)])
def test_other_errors_are_raised_at_once(state: str, kind: type[Exception]) -> None:
    runs = []

    @retried
    @transaction.atomic
    def verb() -> None:
        runs.append(1)
        fail_with(state)

    (error,) = in_sessions(verb)

    assert isinstance(error, kind)
    assert len(runs) == 1


def test_inside_a_transaction_the_error_goes_up_since_that_transaction_is_lost() -> None:
    runs = []

    @retried
    @transaction.atomic
    def verb() -> None:
        runs.append(1)
        fail_with("40P01")

    with pytest.raises(OperationalError), transaction.atomic():
        verb()
    assert len(runs) == 1


def test_what_it_returns_comes_back() -> None:
    assert retried(lambda left, *, right: left - right)(5, right=3) == 2
