"""Progress of long work: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.core.management.base import OutputWrapper


class Step(Protocol):
    """What the worker tells about each piece of work."""

    def start(self, name: str) -> None:
        """Say what is being worked on."""

    def done(self, notes: Sequence[str] = ()) -> None:
        """Say that it is done, and what there is to note about it."""


class _Silent:
    def start(self, _name: str) -> None:
        pass

    def done(self, _notes: Sequence[str] = ()) -> None:
        pass


class _Lines:
    def __init__(self, stdout: OutputWrapper) -> None:
        self.stdout, self.name, self.started = stdout, "", 0.0

    def start(self, name: str) -> None:
        self.name, self.started = name, time.monotonic()

    def done(self, notes: Sequence[str] = ()) -> None:
        self.stdout.write(f"  {self.name} ({(time.monotonic() - self.started) * 1000:.0f} ms)")
        for note in notes:
            self.stdout.write(f"    {note}")


class _Bar:
    """rich's bar, with the lines above it."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        self.bar = Progress(
            BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False)
        )
        self.task = self.bar.add_task("", total=total)
        self.name, self.started = "", 0.0

    def start(self, name: str) -> None:
        self.name, self.started = name, time.monotonic()
        self.bar.update(self.task, description=name)

    def done(self, notes: Sequence[str] = ()) -> None:
        self.bar.advance(self.task)
        took = f"  {self.name} ({(time.monotonic() - self.started) * 1000:.0f} ms)"
        for line in (took, *(f"    {note}" for note in notes)):
            self.bar.console.print(line, markup=False, highlight=False)


def counted(number: int, thing: str) -> str:
    """Say how many there are: `1 row`, `12,000 rows`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


@contextmanager
def progress(total: int, stdout: OutputWrapper, *, quiet: bool = False) -> Iterator[Step]:
    """Yield where to tell the progress of `total` pieces of work."""
    if quiet:
        yield _Silent()
    elif total and stdout.isatty():
        bar = _Bar(total)
        with bar.bar:
            yield bar
    else:
        yield _Lines(stdout)
