"""Compare this project's audit trail with other tools': what it costs, what it misses, and how it grows.

python -m benchmarks.audit [--rounds 3] [--only speed|paths|growth] [--rows 10000000] [--commit-ms 0]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.audit import growth, page
from benchmarks.audit.names import NAMES, PACKAGES
from benchmarks.replay import report
from benchmarks.replay.server import scratch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.replay.server import Server

CONNECTIONS = 2
# Two processes load Django before they start at the same moment.
HEADSTART = 8.0
STEPS = {
    "saves": "2,000 save() of new rows",
    "updates": "2,000 save() of changed rows",
    "bulk_create": "bulk_create() of 10,000",
    "update": "update() of 10,000",
}


def contenders() -> list[str]:
    """Name those whose packages are here; say which are left out."""
    missing = [name for name, package in PACKAGES.items() if importlib.util.find_spec(package) is None]
    for name in missing:
        _tell(f"{name} is left out, since it is not installed: see benchmarks/README.md")
    return [name for name in NAMES if name not in missing]


def started(server: Server, name: str, task: str, **environment: str) -> subprocess.Popen[str]:
    """Start a task in a contender's project."""
    database = f"audit_{name.replace('-', '_')}"
    said = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.audit.settings",
        "BENCHMARK_CONTENDER": name,
        "DATABASE_URL": server.url_of(database),
        **environment,
    }
    command = [sys.executable, "-m", "benchmarks.audit.worker", task]
    return subprocess.Popen(command, env={**os.environ, **said}, stdout=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> Any:
    """Wait for a task, and return what it printed."""
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args} failed")
    return json.loads(out.splitlines()[-1])


def prepare(server: Server, names: Sequence[str]) -> None:
    """Make a database for each contender."""
    for name in names:
        server.new(f"audit_{name.replace('-', '_')}")
        answer(started(server, name, "prepare"))


def speed(server: Server, names: Sequence[str], rounds: int) -> None:
    """Let the contenders write in turn, and print the medians."""
    taken: dict[str, list[dict[str, tuple[float, float]]]] = {name: [] for name in names}
    rates: dict[str, list[float]] = {name: [] for name in names}
    for number in range(1, rounds + 1):
        for name in names:
            taken[name].append(answer(started(server, name, "speed")))
            start = {"BENCHMARK_START": str(time.time() + HEADSTART)}
            racing = [started(server, name, "commits", **start) for _ in range(CONNECTIONS)]
            found = [answer(process) for process in racing]
            if late := max(one["late"] for one in found) > 1:
                _tell(f"{name}: a process was {late:.1f} s late")
            rates[name].append(sum(one["rate"] for one in found))
            _tell(f"{number}/{rounds} {name}: {taken[name][-1]}, {rates[name][-1]:.0f} commits/s")
    for number, what in enumerate(("Seconds on the clock", "Seconds of the processors, client and server")):
        print(f"{what}: median (least to greatest) of {rounds} rounds, and the multiple of plain Django's median\n")
        _table(names, {name: [{step: one[step][number] for step in STEPS} for one in taken[name]] for name in names})
    print(f"Commits of one row a second on {CONNECTIONS} connections: median (least to greatest)\n")
    print("|  | commits/s |\n|---|---:|")
    for name in names:
        print(f"| {name} | {statistics.median(rates[name]):.0f} ({min(rates[name]):.0f} to {max(rates[name]):.0f}) |")
    print()


def _table(names: Sequence[str], taken: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    print(f"|  | {' | '.join(STEPS.values())} |\n|---{'|---:' * len(STEPS)}|")
    plain = {step: statistics.median(one[step] for one in taken["plain"]) for step in STEPS}
    for name in names:
        print(f"| {name} | {' | '.join(_cell([one[step] for one in taken[name]], plain[step]) for step in STEPS)} |")
    print()


def _cell(values: Sequence[float], plain: float) -> str:
    median = statistics.median(values)
    return f"{median:.2f} ({min(values):.2f} to {max(values):.2f}), x{median / plain:.2f}"


def paths(server: Server, names: Sequence[str]) -> None:
    """Walk every write path in every project, and write the page."""
    walked = {name: answer(started(server, name, "paths")) for name in names if name != "plain"}
    versions = {name: version(name) for name in ("django", *walked) if name != "webqx"}
    own = {task: answer(started(server, "webqx", task)) for task in ("tables", "reads")}
    found = {**own, "versions": versions, "paths": walked}
    page.MEASURED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page.PAGE.write_text(page.rendered(found), encoding="utf-8")
    _tell(f"wrote {page.PAGE.name}")


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("speed", "paths", "growth"))
    parser.add_argument("--rows", type=int, default=10_000_000, help="entries of the large trail")
    parser.add_argument("--commit-ms", type=float, default=0, help="let each commit take longer, as on a slower disk")
    options = parser.parse_args()
    # The settings are loaded by this process too, for the server's programs.
    os.environ.setdefault("WEBQX_ENV", "development")
    os.chdir(Path(__file__).resolve().parents[2])
    names = contenders()
    if options.only in (None, "growth"):
        # A trail of ten million entries takes some 10 GiB.
        with scratch(fsync=False, on_disk=True) as server:
            report.machine(server.version(), fsync="off", commit_milliseconds=0)
            growth.measure(server, options.rows)
    if options.only == "growth":
        return
    with scratch(fsync=True, commit_milliseconds=options.commit_ms) as server:
        report.machine(server.version(), fsync="on", commit_milliseconds=options.commit_ms)
        prepare(server, names)
        if options.only in (None, "paths"):
            paths(server, names)
        if options.only in (None, "speed"):
            speed(server, names, options.rounds)


if __name__ == "__main__":
    main()
