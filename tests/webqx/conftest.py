"""Checkouts for the tests of what stands around Django: deploy.sh and the built-in PostgreSQL."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.webqx.checkout import BASE, Checkout
from webqx import sockets

if TYPE_CHECKING:
    from collections.abc import Iterator


def _copy() -> Checkout:
    """Not in tmp_path, which pytest closes to all but its user, and root's server runs as another.

    The path has what a careless script trips over: spaces, a quote, a dollar, and more bytes than a socket's may have.
    """
    top = Path(tempfile.mkdtemp(prefix="webqx-tests-", dir=sockets.scratch_folder()))
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
