"""Measure how long the clinic's usual look-ups take in a small clinic and in a large one.

python -m benchmarks.lookups [--sizes 10000 1000000] [--visits 1] [--keys 2000]

Exit code 1 when a plan reads a whole table.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.replay import report
from benchmarks.replay.server import scratch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.lookups.reads import Read
    from benchmarks.replay.server import Server

SEED = 1
WHOLE_TABLE = "Seq Scan"
NINETY_FIFTH = 18  # of the 19 cuts into twentieths
# Turns of each clinic, and keys that do not count at the beginning of each: the session is a new one.
TURNS, WARMING = 10, 50


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one read: the middle one, and the one that nineteen in twenty stay below; rows; the plans."""

    median: float
    high: float
    rows: float
    plans: list[str]


def measure(read: Read, sizes: Sequence[int], count: int) -> list[Measured]:
    """Read by many keys in each clinic, in turn, so that what else the machine does falls upon all of them.

    Every key is read once before, when its pages come into memory.
    """
    keys: dict[int, list[Any]] = {}
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    rows = dict.fromkeys(sizes, 0)
    for size in sizes:
        _enter(size)
        keys[size] = read.keys(random.Random(SEED), count)
        for key in keys[size]:
            _ask(read, key)
    for turn in range(TURNS):
        for size in sizes:
            _enter(size)
            for key in keys[size][:WARMING]:
                _ask(read, key)
            for key in keys[size][turn::TURNS]:
                started = time.perf_counter()
                rows[size] += _ask(read, key)
                taken[size].append((time.perf_counter() - started) * 1000)
    return [_measured(read, size, taken[size], rows[size], keys[size][0]) for size in sizes]


def _ask(read: Read, key: Sequence[Any]) -> int:
    return sum(len(list(query)) for query in read.queries(*key))


def _measured(read: Read, size: int, taken: Sequence[float], rows: int, key: Sequence[Any]) -> Measured:
    _enter(size)
    high = statistics.quantiles(taken, n=20)[NINETY_FIFTH]
    return Measured(
        statistics.median(taken), high, rows / len(taken), [query.explain() for query in read.queries(*key)]
    )


def _enter(size: int) -> None:
    """Turn to the clinic of that size."""
    connection.close()
    connection.settings_dict["NAME"] = f"clinic_{size}"


def clinic(server: Server, size: int, visits: int) -> None:
    """Make a database with so many demo patients, as a server has it on which autovacuum has run."""
    server.new(f"clinic_{size}")
    _enter(size)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", patients=size, seed=SEED, visits=visits, stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT pg_database_size(current_database()) / 2^30")
        print(f"{size:,} patients: {cursor.fetchone()[0]:.1f} GiB", file=sys.stderr, flush=True)


def table(taken: dict[str, list[Measured]], sizes: Sequence[int]) -> None:
    """Print a row for each read: median, 95th percentile and rows at each size, and the last median by the first."""
    columns = [text for size in sizes for text in (f"{size:,}: median ms", "95 % ms", "rows")]
    print(f"| | {' | '.join(columns)} | ratio |\n|---{'|---:' * (len(columns) + 1)}|")
    for name, measured in taken.items():
        cells = [text for one in measured for text in (f"{one.median:.2f}", f"{one.high:.2f}", f"{one.rows:.1f}")]
        print(f"| {name} | {' | '.join(cells)} | {measured[-1].median / measured[0].median:.2f} |")


def plans(taken: dict[str, list[Measured]], size: int) -> None:
    """Print how PostgreSQL answers each read at the largest size."""
    print(f"\nPlans at {size:,} patients\n")
    for name, measured in taken.items():
        print(f"{name}\n")
        for plan in measured[-1].plans:
            print("\n".join(f"    {line}" for line in plan.splitlines()) + "\n")


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookups", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--visits", type=int, default=1, help="visits of a patient, as seed_demo takes it (default: 1)")
    parser.add_argument("--keys", type=int, default=2000)
    options = parser.parse_args()
    os.environ.setdefault("WEBQX_ENV", "development")
    os.environ["DJANGO_SETTINGS_MODULE"] = "webqx.settings"
    with scratch(fsync=False) as server:
        os.environ["DATABASE_URL"] = server.url
        django.setup()
        report.machine(server.version(), fsync="off", commit_milliseconds=0)
        taken = _taken(server, options)
        connection.close()
    table(taken, options.sizes)
    plans(taken, options.sizes[-1])
    read_whole = [name for name, measured in taken.items() if _reads_a_whole_table(measured)]
    if read_whole:
        sys.exit(f"A whole table is read for: {', '.join(read_whole)}.")


def _taken(server: Server, options: Any) -> dict[str, list[Measured]]:
    from benchmarks.lookups.reads import READS  # noqa: PLC0415 - models load after the settings

    for size in options.sizes:
        clinic(server, size, options.visits)
    return {read.name: measure(read, options.sizes, options.keys) for read in READS}


def _reads_a_whole_table(measured: Sequence[Measured]) -> bool:
    return any(WHOLE_TABLE in plan for one in measured for plan in one.plans)


if __name__ == "__main__":
    main()
