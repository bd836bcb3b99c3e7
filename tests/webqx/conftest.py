"""A checkout of its own for a test: a copy of this one in another place, with a built-in PostgreSQL of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = Path(__file__).resolve().parents[2]
OTHERS = ("DJANGO_", "WEBQX_", "DATABASE_", "PYTEST_", "PYTHON", "PG", "COV_")


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


def _copy() -> Checkout:
    """Not in tmp_path, which pytest closes to all but its user, and root's server runs as another.

    The path has what a careless script trips over: spaces, a quote, a dollar, and more bytes than a socket's may have.
    """
    top = Path(tempfile.mkdtemp(prefix="webqx-tests-"))
    top.chmod(0o755)
    made = Checkout(top / f"it's a $HOME for {'long ' * 12}paths")
    made.folder.mkdir()
    shutil.copytree(BASE / "webqx", made.folder / "webqx", ignore=shutil.ignore_patterns("__pycache__"))
    return made


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """A fresh checkout, whose built-in PostgreSQL has not been made."""
    fresh = _copy()
    yield fresh
    fresh.server("stop")
    shutil.rmtree(fresh.folder.parent)


@pytest.fixture(scope="session")
def _pattern() -> Iterator[Checkout]:
    pattern = _copy()
    pattern.url()
    pattern.server("stop")
    yield pattern
    shutil.rmtree(pattern.folder.parent)


@pytest.fixture
def made(checkout: Checkout, _pattern: Checkout) -> Checkout:
    """A checkout whose built-in PostgreSQL has been made and stopped."""
    subprocess.run(["cp", "-a", _pattern.folder / ".local", checkout.folder], check=True)
    return checkout
