"""What encryption adds to reading a page of patients, and to saving one."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from django.template import Context, Template

from benchmarks.encryption.clinic import LISTED, MODELS, SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE, PAGES = 100, 60
FIRST = 5  # pages that do not count
SAVES = 300


class Clock:
    """Milliseconds of the clock and of this process for each table, and a row of them beside each other."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}

    def time(self, name: str, work: Callable[[], object]) -> None:
        began, used = time.perf_counter(), time.process_time()
        work()
        self.taken[name].append(((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000))

    def row(self, title: str) -> str:
        """Give the medians, and how many times those of plain text the encrypted ones are."""
        medians = [
            [statistics.median(column) for column in zip(*taken[FIRST:], strict=True)] for taken in self.taken.values()
        ]
        (plain, plain_cpu), (sealed, sealed_cpu) = medians
        shown = (plain, sealed, sealed / plain, plain_cpu, sealed_cpu, sealed_cpu / plain_cpu)
        return f"| {title} | {' | '.join(f'{one:.2f}' for one in shown)} |"


def head(title: str) -> None:
    columns = ["plain, ms", "encrypted, ms", "ratio", "plain, client CPU ms", "encrypted, client CPU ms", "ratio"]
    print(f"{title}\n\n| | {' | '.join(columns)} |\n|---{'|---:' * len(columns)}|")


def pages() -> None:
    """Read pages of patients as a list does, with every value looked at, and without their rows."""
    cells = "".join(f"<td>{{{{ row.{name} }}}}</td>" for name in LISTED)
    table = Template(f"<table>{{% for row in rows %}}<tr>{cells}</tr>{{% endfor %}}</table>")
    reads: dict[str, Callable[[Any], object]] = {
        "rows, of which nothing is looked at": list,
        f"a table of {len(LISTED)} columns in HTML": lambda rows: table.render(Context({"rows": rows})),
        f"values() of {len(LISTED)} columns": lambda rows: list(rows.values(*LISTED)),
        f"rows, of which all {len(SEALED)} values are looked at": lambda rows: [
            [getattr(row, name) for name in SEALED] for row in rows
        ],
    }
    head(f"{PAGE} patients")
    for title, read in reads.items():
        clock = Clock()
        for turn in range(PAGES):
            for name, model in MODELS.items():
                rows = model.objects.order_by("id")[turn * PAGE : (turn + 1) * PAGE]
                clock.time(name, lambda read=read, rows=rows: read(rows))  # type: ignore[misc]
        print(clock.row(title), flush=True)
    print()


def saves() -> None:
    """Save one patient after another, with one value changed and with none."""
    head("save() of a patient")
    for title, change in (("one value changed", True), ("nothing changed", False)):
        clock = Clock()
        for number in range(SAVES):
            for name, model in MODELS.items():
                row = model.objects.order_by("id")[number]
                if change:
                    row.city = f"Town {number}"
                clock.time(name, row.save)
        print(clock.row(title), flush=True)
    print()
