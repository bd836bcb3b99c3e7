"""Measure what encryption adds to writing, reading and finding patients.

python -m benchmarks.encryption [--load 100000] [--sizes 10000 1000000] [--keys 2000]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks.replay import report
from benchmarks.replay.server import scratch

CHUNK = 1000  # rows that are written together


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encryption", description=__doc__)
    parser.add_argument("--load", type=int, default=100_000, help="patients to write (default: 100,000)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000], help="tables to look up in")
    parser.add_argument("--keys", type=int, default=2000, help="look-ups in each (default: 2,000)")
    options = parser.parse_args()
    with scratch(fsync=False) as server, tempfile.TemporaryDirectory() as keys:
        os.environ.update(
            DATABASE_URL=server.url,
            WEBQX_ENV="development",
            DJANGO_SETTINGS_MODULE="webqx.settings",
            PHI_KEYSET=str(Path(keys) / "keyset.json"),
            PHI_KEY_URI=(Path(keys) / "key").as_uri(),
        )
        django.setup()
        settings.DEBUG = False  # which would keep a copy of every statement
        report.machine(server.version(), fsync="off", commit_milliseconds=0)
        from benchmarks.encryption import finding, reading  # noqa: PLC0415 - models load after the settings

        enter(server, "patients")
        loading(options.load)
        reading.pages()
        reading.saves()
        for size in options.sizes:
            enter(server, finding.database(size))
        finding.look_ups(options.sizes, options.keys)
        connection.close()


def enter(server: Any, name: str) -> None:
    """Make a database with both tables."""
    from benchmarks.encryption.clinic import MODELS, TRIGGERS  # noqa: PLC0415 - models load after the settings

    connection.close()
    server.new(name)
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for model in MODELS.values():
            editor.create_model(model)
    with connection.cursor() as cursor:
        for model in MODELS.values():
            cursor.execute(TRIGGERS.format(model._meta.db_table))  # noqa: SLF001


def loading(count: int) -> None:
    """Write patients into both tables, chunk by chunk in turn."""
    from benchmarks.encryption.clinic import MODELS, facts  # noqa: PLC0415

    wall, cpu = ({name: [] for name in MODELS} for _ in range(2))
    for start in range(0, count, CHUNK):
        made = [facts(number) for number in range(start, start + CHUNK)]
        for name, model in MODELS.items():
            rows = [model(**one) for one in made]
            began, used = time.perf_counter(), time.process_time()
            model.objects.bulk_create(rows)
            wall[name].append(time.perf_counter() - began)
            cpu[name].append(time.process_time() - used)
    print(f"bulk_create() of {count:,} patients, {CHUNK:,} at a time\n")
    print("| | wall s | a chunk: median ms | client CPU s | of plain | MiB |")
    print(f"|---{'|---:' * 5}|")
    for name, model in MODELS.items():
        median = statistics.median(wall[name])
        ratio = median / statistics.median(wall["plain"])
        print(
            f"| {name} | {sum(wall[name]):.1f} | {median * 1000:.0f} | {sum(cpu[name]):.1f} | {ratio:.2f} | "
            f"{_mebibytes(model):.0f} |",
            flush=True,
        )
    print()


def _mebibytes(model: Any) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s) / 2^20", [model._meta.db_table])  # noqa: SLF001
        return float(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
