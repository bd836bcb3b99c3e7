"""Compare this project's `migrate` with other tools, and with Django's own when there is nothing to do.

python -m benchmarks.replay [--files 1000] [--rounds 5] [--fsync on|off] [--commit-ms 0] [--only replay|idle]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.replay import contenders, corpus, report
from benchmarks.replay.measure import run
from benchmarks.replay.server import scratch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.replay.contenders import Contender
    from benchmarks.replay.measure import Sample
    from benchmarks.replay.server import Server

Samples = dict[str, list["Sample"]]
IDLE_SIZES = (10, 1000, 5000)
# A session's processor time counts once its process has ended, a moment after the client's.
REAPED = 0.2


def replay(server: Server, entrants: Sequence[Contender], rounds: int) -> Samples:
    """Let every contender build an empty database, in turn, `rounds` times after one that does not count."""
    samples: Samples = {entrant.name: [] for entrant in entrants}
    for number in range(rounds + 1):
        for entrant in entrants:
            server.new("replayed")
            sample = _timed(server, entrant, "replayed")
            server.drop("replayed")
            if number:
                samples[entrant.name].append(sample)
                _tell(f"{number}/{rounds} {entrant.name}: {sample.wall:.2f} s")
    return samples


def idle(server: Server, work: Path, rounds: int, sizes: Sequence[int]) -> tuple[Samples, Mapping[str, int]]:
    """Run `migrate` with nothing to do: Django's own, and this project's with more and more applied files.

    The second value is the number of statements that the server was sent.
    """
    own = corpus.own_files(work / "idle-own")
    entrants = {"idle_stock": contenders.migrate("Django's own", own, stock=True)}
    for size in sizes:
        folder = corpus.webqx_files(work / f"idle-{size}", size)
        entrants[f"idle_{size}"] = contenders.migrate(f"webqx, {size} files", folder)
    queries: dict[str, int] = {}
    for database, entrant in entrants.items():
        server.new(database)
        filled = entrant if database != "idle_stock" else contenders.migrate("", own)
        _timed(server, filled, database)
        with server.counting(database) as counted:
            _timed(server, entrant, database)
        queries[entrant.name] = counted[0]
        _tell(f"{entrant.name}: applied")
    samples: Samples = {entrant.name: [] for entrant in entrants.values()}
    for number in range(1, rounds + 1):
        for database, entrant in entrants.items():
            samples[entrant.name].append(_timed(server, entrant, database))
        _tell(f"{number}/{rounds} with nothing to do")
    return samples, queries


def _timed(server: Server, entrant: Contender, database: str) -> Sample:
    command, environment = entrant.prepared(server, database)
    before = server.cpu_seconds()
    sample = run(command, environment, str(corpus.PROJECT))
    time.sleep(REAPED)
    return replace(sample, server_cpu=server.cpu_seconds() - before)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fsync", choices=("on", "off"), default="on", help="whether a commit waits for the disk")
    parser.add_argument("--commit-ms", type=float, default=0, help="let each commit take longer, as on a slower disk")
    parser.add_argument("--only", choices=("replay", "idle"))
    parser.add_argument("--tools", type=Path, default=corpus.PROJECT / ".local" / "benchmarks")
    options = parser.parse_args()
    # The settings are loaded by this process too, for the server's programs.
    os.environ.setdefault("WEBQX_ENV", "development")
    with (
        tempfile.TemporaryDirectory(prefix="webqx-benchmark-") as folder,
        scratch(fsync=options.fsync == "on", commit_milliseconds=options.commit_ms) as server,
    ):
        work = Path(folder)
        report.machine(server.version(), fsync=options.fsync, commit_milliseconds=options.commit_ms)
        if options.only != "idle":
            entrants = contenders.everybody(work, options.tools, options.files)
            report.replay(replay(server, entrants, options.rounds), options.files)
        if options.only != "replay":
            report.idle(*idle(server, work, options.rounds, IDLE_SIZES))


if __name__ == "__main__":
    main()
