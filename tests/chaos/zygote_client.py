"""Management commands in processes that start at once: the client of project/zygote.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.proxy import Trap

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).parent / "project"
Commands: TypeAlias = "Sequence[Sequence[str]]"


def environment(url: str, **more: str) -> dict[str, str]:
    """Give the environment in which manage.py runs the test project on a database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    path = os.pathsep.join((str(ROOT), str(PROJECT), os.environ.get("PYTHONPATH", "")))
    return kept | {
        "PYTHONPATH": path,
        "DJANGO_SETTINGS_MODULE": "chaos_settings",
        "CHAOS_DATABASE_URL": url,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, minus the signal if one killed it, and all that it wrote."""

    code: int
    output: str


class Zygote:
    """One process that has everything loaded, and forks a child for each run."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PROJECT / "zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(url),
        )
        self._ended: dict[int, int] = {}
        self._outputs: dict[int, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def start(self, commands: Commands, url: str, trap: Trap | None = None, **settings: object) -> int:
        """Begin manage.py commands, one after the other until one fails, in a new process. Returns its pid.

        `settings` are in the place of those of the test project.
        """
        assert self._process.stdin is not None
        handle, output = tempfile.mkstemp(prefix="chaos-output-")
        os.close(handle)
        request = {"commands": [[*command] for command in commands], "url": url, "output": output, "settings": settings}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        while "started" not in (fact := self._next()):
            self._ended[fact["ended"]] = fact["code"]
        self._outputs[fact["started"]] = Path(output)
        if trap is not None:
            trap.start(fact["started"])
        return fact["started"]

    def output(self, pid: int) -> str:
        """Return what a run has written so far."""
        return self._outputs[pid].read_text()

    def wait(self, pid: int) -> Ended:
        """Wait for the end of a run."""
        while pid not in self._ended:
            fact = self._next()
            self._ended[fact["ended"]] = fact["code"]
        output = self.output(pid)
        self._outputs.pop(pid).unlink()
        return Ended(self._ended.pop(pid), output)

    def run(self, commands: Commands, url: str, trap: Trap | None = None, **settings: object) -> Ended:
        """Run commands to their end."""
        return self.wait(self.start(commands, url, trap, **settings))

    def _next(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the zygote died"
        fact: dict[str, int] = json.loads(line)
        return fact
