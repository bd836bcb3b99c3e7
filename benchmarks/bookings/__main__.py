"""Let several sessions book at once, for too few slots, and see that nobody is booked twice.

python -m benchmarks.bookings [--bookings 2000] [--sessions 8] [--commit-ms 0]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from benchmarks.bookings import clinic
from benchmarks.replay import report
from benchmarks.replay.server import scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.replay.server import Server

CONTENDERS = {"book": "book()", "insert": "INSERT alone, with no lock"}
TWICE = """
    SELECT count(*)
    FROM appointments one JOIN appointments other ON one.id < other.id
        AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
        AND (one.provider_id = other.provider_id OR one.room_id = other.room_id OR one.patient_id = other.patient_id)
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
OUTCOMES = ("", "attempts", "won", "refused: provider", "room", "patient", "other")
CHECKS = ("", "rows written", "double bookings", "deadlocks", "runs retried", "unexplained errors")
TIMES = ("", "wall s", "attempts/s", "won/s", "client CPU s", "server CPU s")
# A session's processor time counts once its process has ended, and its deadlocks once it has reported them.
REAPED = 1.0


@dataclass(frozen=True, slots=True)
class Race:
    """What all sessions of one contender came to, and what was found in the database afterwards."""

    name: str
    outcomes: Sequence[clinic.Outcome]
    written: int
    twice: int
    deadlocks: int
    server_cpu: float

    def cells(self) -> tuple[list[object], list[object], list[object]]:
        """Give the row of each of the three tables."""
        won, seconds = sum(one.won for one in self.outcomes), max(one.seconds for one in self.outcomes)
        refused = sum((one.refused for one in self.outcomes), Counter())
        unexplained = sum((one.unexplained for one in self.outcomes), Counter())
        attempts = won + refused.total() + unexplained.total()
        by_rule = [refused.pop(f"appointments_{who}_booked_once", 0) for who in ("provider", "room", "patient")]
        retried, cpu = sum(one.retried for one in self.outcomes), sum(one.cpu for one in self.outcomes)
        return (
            [self.name, attempts, won, *by_rule, _counted(refused)],
            [self.name, self.written, self.twice, self.deadlocks, retried, _counted(unexplained)],
            [
                self.name,
                f"{seconds:.1f}",
                *(f"{count / seconds:.0f}" for count in (attempts, won)),
                *(f"{used:.1f}" for used in (cpu, self.server_cpu)),
            ],
        )


def race(server: Server, how: str, bookings: int, sessions: int) -> Race:
    """Run one contender in a database of its own."""
    database = f"bookings_{how}"
    server.new(database)
    os.environ["DATABASE_URL"] = server.url_of(database)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"], check=True)
    # Spawned, so that each process loads the settings for itself, with the database that the environment names now.
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(1) as pool:
        pool.apply(clinic.open_clinic)
    time.sleep(REAPED)
    before = server.cpu_seconds()
    barrier = processes.Barrier(sessions)
    with processes.Pool(sessions, clinic.enter, (barrier,)) as pool:
        shares = [bookings // sessions + (number < bookings % sessions) for number in range(sessions)]
        tasks = [(number, share, how) for number, share in enumerate(shares)]
        outcomes = pool.starmap(clinic.race, tasks, chunksize=1)
        pool.close()
        pool.join()
    time.sleep(REAPED)
    with psycopg.connect(server.url_of(database)) as connection:
        found = [
            connection.execute(query).fetchone() for query in ("SELECT count(*) FROM appointments", TWICE, DEADLOCKS)
        ]
    written, twice, deadlocks = (row[0] for row in found if row)
    return Race(CONTENDERS[how], outcomes, written, twice, deadlocks, server.cpu_seconds() - before)


def _counted(kinds: Counter[str]) -> str:
    return str(kinds.total()) + (f" ({', '.join(kinds)})" if kinds else "")


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bookings", description=__doc__)
    parser.add_argument("--bookings", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--commit-ms", type=float, default=0, help="let each commit take longer, as on a slower disk")
    options = parser.parse_args()
    # The settings are loaded by this process too, for the server's programs.
    os.environ.setdefault("WEBQX_ENV", "development")
    os.environ["DJANGO_SETTINGS_MODULE"] = "webqx.settings"
    with scratch(fsync=True, commit_milliseconds=options.commit_ms) as server:
        report.machine(server.version(), fsync="on", commit_milliseconds=options.commit_ms)
        races = [race(server, how, options.bookings, options.sessions) for how in CONTENDERS]
    print(f"{options.bookings} bookings from {options.sessions} sessions\n")
    rows = zip(*(one.cells() for one in races), strict=True)
    for columns, cells in zip((OUTCOMES, CHECKS, TIMES), rows, strict=True):
        _table(columns, cells)


def _table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    print(f"| {' | '.join(columns)} |\n|---{'|---:' * (len(columns) - 1)}|")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    print()


if __name__ == "__main__":
    main()
