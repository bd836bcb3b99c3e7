"""kill -9 at every statement, forwards and backwards: every node is whole or not there, and the next run carries on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sql_migrations.history import History
from sql_migrations.session import Session
from tests.chaos import databases, evidence
from tests.chaos.proxy import Proxy, Trap, When
from tests.chaos.reference import BACKWARDS, FORWARDS, PLAN

if TYPE_CHECKING:
    from tests.chaos.reference import Reference
    from tests.chaos.zygote_client import Commands, Zygote

# The tests are cut into slices for pytest-xdist to hand out. To PostgreSQL, dying before message n + 1 is dying after
# the answer to message n. So every message is tried with its answer lost, and one in eight of them before it is sent.
SLICES = 8
TRIALS = [*(("answered", first) for first in range(1, SLICES + 1)), ("before", 5)]
# More messages than any run sends.
MANY = 1000


@pytest.mark.parametrize(("when", "first"), TRIALS)
def test_killed_at_a_statement_there_and_back(when: When, first: int, bench: Bench) -> None:
    for at in range(first, MANY, SLICES):
        there = bench.trial(Trap(at, when), FORWARDS)
        assert there.nodes == len(PLAN), there.place
        back = bench.trial(Trap(at, when), BACKWARDS)
        assert back.nodes == 0, back.place
        if not there.killed and not back.killed:
            assert at > 5 * len(PLAN)  # each node takes more messages than that
            break
        with databases.connect(bench.name) as connection:
            evidence.forget(connection)
    else:
        pytest.fail("the runs never ended by themselves")


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether the run was killed, or had ended before its turn came; where; and how many nodes it came to at last."""

    killed: bool
    place: str
    nodes: int


@dataclass(frozen=True, slots=True)
class Bench:
    """A database, and what it takes to kill runs on it."""

    name: str
    zygote: Zygote
    proxy: Proxy
    undisturbed: Reference

    def trial(self, trap: Trap, commands: Commands) -> Trial:
        """Kill one run, look, run again, look."""
        self.proxy.trap = trap
        killed = self.zygote.run(commands, databases.url(self.name, through=self.proxy.folder), trap)
        place = f"{commands[0]}, killed {trap.when} {trap.at}: {trap.seen[-1]}"
        if killed.code == 0:
            return Trial(killed=False, place=place, nodes=self._holds(place))
        assert killed.code == -9, f"{place}\n{killed.output}"
        databases.wait_until_left(self.name)
        self._holds(place)

        again = self.zygote.run(commands, databases.url(self.name))

        assert again.code == 0, f"{place}\n{again.output}"
        return Trial(killed=True, place=place, nodes=self._holds(f"{place}\n{again.output}"))

    def _holds(self, place: str) -> int:
        """Hold records against catalogue, and the history's chain against itself. Returns the number of nodes."""
        with databases.connect(self.name) as connection:
            recorded = evidence.recorded(connection)
            problem = self.undisturbed.disagreement(recorded, evidence.catalogue(connection))
            assert not problem, f"{place}\n{problem}"
            history = History(Session(connection))
            assert not list(history.broken_links() if history.exists else ()), place
        return len(recorded.nodes)


@pytest.fixture
def bench(database: str, zygote: Zygote, proxy: Proxy, undisturbed: Reference) -> Bench:
    return Bench(database, zygote, proxy, undisturbed)
