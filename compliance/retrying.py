"""Run a capability again when PostgreSQL ended its transaction for the sake of somebody else's."""

from __future__ import annotations

import functools
import logging
import random
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import OperationalError, transaction

from compliance.errors import Contended

if TYPE_CHECKING:
    from collections.abc import Callable

Given = ParamSpec("Given")
Made = TypeVar("Made")

DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"
TRIES = 5
# Seconds. The longest of all waits together is 0.02 * (1 + 2 + 4 + 8) = 0.3, beside the second that PostgreSQL takes to
# notice a deadlock (deadlock_timeout).
FIRST_PAUSE = 0.02

logger = logging.getLogger(__name__)


def retried(verb: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run the verb again after a deadlock or a serialization failure, TRIES times in all; then raise Contended.

    It goes outside of `transaction.atomic`, and the verb reads what it changes within, so that each run begins anew:

        @retried
        @transaction.atomic
        def book(…)

    Called inside a transaction, it leaves the error alone: that transaction is lost, and only its owner can begin it
    again.
    """

    @functools.wraps(verb)
    def outermost(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        if transaction.get_connection().in_atomic_block:
            return verb(*args, **kwargs)
        for run in range(TRIES):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if (state := _sqlstate(error)) not in {DEADLOCK, SERIALIZATION_FAILURE}:
                    raise
                lost = error
                logger.warning(
                    "%s lost to another transaction (%s), run %d of %d", verb.__qualname__, state, run + 1, TRIES
                )
            if run + 1 < TRIES:
                # Of different length for each, or those who met once meet again.
                time.sleep(random.uniform(0, FIRST_PAUSE * 2**run))  # noqa: S311 - nothing is secret
        raise Contended from lost

    return outermost


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
