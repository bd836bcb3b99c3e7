"""Print what was measured, as Markdown tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from benchmarks.replay.measure import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.replay.measure import Sample

OURS, SUBTRACTED = "webqx", "webqx, without the files"


def machine(version: str, *, fsync: str, commit_milliseconds: float) -> None:
    """Describe the machine in general terms."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    slower = f", {commit_milliseconds:g} ms added to each commit" if commit_milliseconds else ""
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, PostgreSQL {version}, fsync {fsync}{slower}.\n")


def replay(samples: Mapping[str, Sequence[Sample]], count: int) -> None:
    """Print a row for each tool, and the row that compares like with like: files alone."""
    print(f"{count} files into an empty database\n")
    _head("of psql's time")
    psql = spread([sample.wall for sample in samples["psql"]]).median
    for name, taken in samples.items():
        wall = spread([sample.wall for sample in taken])
        _row(name, str(wall), taken, f"{wall.median / psql:.2f}")
    pairs = zip(samples[OURS], samples[SUBTRACTED], strict=True)
    files_alone = spread([with_files.wall - without.wall for with_files, without in pairs])
    client, server = (_difference(samples, kind) for kind in ("cpu", "server_cpu"))
    share = files_alone.median / psql
    print(f"| webqx, the files alone | {files_alone} | {client:.2f} | {server:.2f} | | {share:.2f} |\n")


def _difference(samples: Mapping[str, Sequence[Sample]], kind: str) -> float:
    with_files, without = ([getattr(sample, kind) for sample in samples[name]] for name in (OURS, SUBTRACTED))
    return spread(with_files).median - spread(without).median


def idle(samples: Mapping[str, Sequence[Sample]], queries: Mapping[str, int]) -> None:
    """Print a row for each number of applied files."""
    print("`migrate` with nothing to do\n")
    _head("of Django's time", "statements")
    django = spread([sample.wall for sample in next(iter(samples.values()))]).median
    for name, taken in samples.items():
        wall = spread([sample.wall for sample in taken])
        _row(name, str(wall), taken, f"{wall.median / django:.2f}", str(queries[name]))
    print()


def _head(*more: str) -> None:
    columns = ("", "wall s: median (min to max)", "client CPU s", "server CPU s", "peak MiB", *more)
    print(f"| {' | '.join(columns)} |")
    print(f"|---{'|---:' * (len(columns) - 1)}|")


def _row(name: str, wall: str, taken: Sequence[Sample], *more: str) -> None:
    cpu = spread([sample.cpu for sample in taken]).median
    server = spread([sample.server_cpu for sample in taken]).median
    peak = max(sample.peak for sample in taken)
    print(f"| {' | '.join((name, wall, f'{cpu:.2f}', f'{server:.2f}', f'{peak:.0f}', *more))} |", flush=True)
