"""A checkout of its own for a test: a copy of this one in another place, with a built-in PostgreSQL of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
OTHERS = ("DJANGO_", "WEBQX_", "DATABASE_", "PHI_", "PYTEST_", "PYTHON", "PG", "COV_")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the project's files."""

    folder: Path

    def start(self, *command: str | Path, cwd: Path | None = None, **settings: str) -> subprocess.Popen[str]:
        """Begin a command in the checkout, with none of the settings that these tests run under."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=kept | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that a test can kill the command with all that it started
        )

    def run(self, *command: str | Path, cwd: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        with self.start(*command, cwd=cwd, **settings) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def server(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "webqx.embedded", *arguments, **settings)

    def url(self) -> str:
        done = self.server("url")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def data(self) -> Path:
        return self.folder / ".local" / "postgres"

    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])
