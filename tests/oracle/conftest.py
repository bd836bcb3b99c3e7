from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.folders import Bench

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path, database_url: Callable[[], str]) -> Bench:
    folder = tmp_path / "folder"
    folder.mkdir()
    return Bench(folder, database_url)
