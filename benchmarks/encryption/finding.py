"""Whether it takes longer to find somebody in a larger table, by blind index and by plain text."""

from __future__ import annotations

import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from django.db import connection

from benchmarks.encryption.clinic import MODELS, facts
from benchmarks.encryption.filling import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TURNS, WARMING = 10, 50  # of each table, and look-ups that do not count at the beginning of each
ASKED: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "encrypted, by SSN": lambda rows, one: rows.filter(ssn=one["ssn"]),
    "encrypted, by name and birth date": lambda rows, one: rows.filter(
        name_and_birth=(one["family_name"], one["birth_date"])
    ),
    "plain, by SSN": lambda rows, one: rows.filter(ssn=one["ssn"]),
    "plain, by name and birth date": lambda rows, one: rows.filter(
        family_name=one["family_name"], birth_date=one["birth_date"]
    ),
}


def database(size: int) -> str:
    """Name the database with tables of that size."""
    return f"patients_{size}"


def look_ups(sizes: Sequence[int], count: int) -> None:
    """Find patients by what is known of them, in tables of several sizes in turn."""
    keys = {}
    for size in sizes:
        _turn_to(size)
        fill(size)
        keys[size] = [facts(number) for number in random.Random(1).sample(range(size), min(size, count))]
    print(f"| | {' | '.join(f'{size:,}: median ms' for size in sizes)} | ratio |\n|---{'|---:' * (len(sizes) + 1)}|")
    for title in ASKED:
        medians = _medians(title, keys)
        print(
            f"| {title} | {' | '.join(f'{one:.2f}' for one in medians)} | {medians[-1] / medians[0]:.2f} |", flush=True
        )


def _medians(title: str, keys: dict[int, list[dict[str, Any]]]) -> list[float]:
    taken: dict[int, list[float]] = {size: [] for size in keys}
    for size, known in keys.items():
        _turn_to(size)
        for one in known:  # brings the pages into memory
            list(_asked(title, one))
        if "Seq Scan" in _asked(title, known[0]).explain():
            sys.exit(f"A whole table is read: {title}.")
    for turn in range(TURNS):
        for size, known in keys.items():
            _turn_to(size)
            for one in known[:WARMING]:
                list(_asked(title, one))
            taken[size] += [_milliseconds(title, one) for one in known[turn::TURNS]]
    return [statistics.median(one) for one in taken.values()]


def _turn_to(size: int) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database(size)


def _asked(title: str, one: dict[str, Any]) -> Any:
    rows = MODELS[title.partition(",")[0]].objects.values_list("id")
    return ASKED[title](rows, one)


def _milliseconds(title: str, one: dict[str, Any]) -> float:
    began = time.perf_counter()
    found = list(_asked(title, one))
    taken = time.perf_counter() - began
    if not found:
        sys.exit(f"Not found: {title}.")
    return taken * 1000
