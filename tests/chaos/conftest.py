"""One zygote, one proxy and one reference run for each worker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos import databases, reference
from tests.chaos.proxy import Proxy
from tests.chaos.sandbox import Sandbox
from tests.chaos.zygote_client import PROJECT, Zygote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.reference import Reference


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote(databases.url("postgres")) as process:
        yield process


@pytest.fixture(scope="session")
def proxy() -> Iterator[Proxy]:
    folder = databases.socket_folder()
    if not folder.startswith("/"):
        pytest.skip("the proxy sits at a Unix socket, and this server is on the network")
    made = Proxy(Path(folder) / f".s.PGSQL.{databases.port()}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def undisturbed(zygote: Zygote) -> Iterator[Reference]:
    made = reference.build(zygote)
    yield made
    databases.drop(made.head)


@pytest.fixture
def database() -> Iterator[str]:
    """The name of an empty database."""
    with databases.database() as name:
        yield name


@pytest.fixture
def sandbox(undisturbed: Reference, zygote: Zygote, tmp_path: Path) -> Iterator[Sandbox]:
    folder = shutil.copytree(PROJECT / "sql", tmp_path / "sql")
    with databases.database(undisturbed.head) as name:
        yield Sandbox(name, folder, zygote)
