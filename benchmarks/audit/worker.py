"""Runs one task in one contender's small project, in a process of its own, and prints what came of it as JSON.

python -m benchmarks.audit.worker prepare|speed|commits|paths|tables|reads
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SINGLE, MANY = 2000, 10_000
SECONDS = 5.0


def chart(number: str) -> Any:
    """Make an unsaved chart, most of its columns filled."""
    from benchmarks.audit.charts.models import Chart  # noqa: PLC0415 - needs the settings

    return Chart(
        patient_id=1,
        number=number,
        title=f"Sore throat {number}",
        body="Three days of pain on swallowing; no fever. " * 5,
        structured={"temperature": 37.1, "unit": "Cel"},
        code_system="http://hl7.org/fhir/sid/icd-10-cm",
        code="J02.9",
        code_display="Acute pharyngitis, unspecified",
        effective_at=datetime(2024, 5, 6, 9, tzinfo=UTC),
        quantity=21,
        issued_on=date(2024, 5, 6),
        phone="555-0100",
        city="Springfield",
        postal_code="94110",
    )


def speed() -> dict[str, tuple[float, float]]:
    """Take the time of single writes and of bulk writes: seconds on the clock, and of both ends' processors."""
    from benchmarks.audit import contenders  # noqa: PLC0415

    run = str(time.time_ns())
    one_by_one = [chart(f"{run}-{number}") for number in range(SINGLE)]
    together = [chart(f"{run}-many-{number}") for number in range(MANY)]

    def save_each() -> None:
        for row in one_by_one:
            row.save()

    def change_each() -> None:
        for row in one_by_one:
            row.title = "Changed"
            row.save()

    steps: dict[str, Callable[[], object]] = {
        "saves": save_each,
        "updates": change_each,
        "bulk_create": lambda: contenders.bulk_create(together),
        "update": lambda: contenders.update_all("All changed", [row.pk for row in together]),
    }
    with contenders.acting():
        warm = chart(f"{run}-warm")
        warm.save()
        return {name: _taken(step) for name, step in steps.items()}


def _taken(step: Callable[[], object]) -> tuple[float, float]:
    started, spent = time.perf_counter(), _processor_seconds()
    step()
    return time.perf_counter() - started, _processor_seconds() - spent


def _processor_seconds() -> float:
    """Give what this process and its session of the server have used."""
    from django.db import connection  # noqa: PLC0415

    pid = connection.connection.info.backend_pid
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # utime and stime are fields 14 and 15 of proc(5); the state, field 3, comes first here.
    return time.process_time() + (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def commits() -> dict[str, float]:
    """Save one row after the other from the given moment on, for some seconds; several of these run side by side."""
    from benchmarks.audit import contenders  # noqa: PLC0415

    start, count, run = float(os.environ["BENCHMARK_START"]), 0, f"{os.getpid()}-{time.time_ns()}"
    with contenders.acting():
        chart(f"{run}-warm").save()
        time.sleep(max(0.0, start - time.time()))
        late = time.time() - start
        while time.time() < start + SECONDS:
            chart(f"{run}-{count}").save()
            count += 1
    return {"rate": count / (time.time() - start), "late": late}


def main() -> None:
    """Load the project that the environment names, and run the task."""
    import django  # noqa: PLC0415 - each process loads one project

    django.setup()
    from benchmarks.audit import contenders, walks  # noqa: PLC0415

    tasks: dict[str, Callable[[], Any]] = {
        "prepare": contenders.prepare,
        "speed": speed,
        "commits": commits,
        "paths": walks.walk,
        "tables": walks.tables,
        "reads": walks.reads,
    }
    print(json.dumps(tasks[sys.argv[1]]()))


if __name__ == "__main__":
    main()
