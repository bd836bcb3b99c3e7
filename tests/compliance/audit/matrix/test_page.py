"""docs/audit-completeness.md says what the matrix walks and what was measured."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.audit import page
from tests.compliance.audit.matrix import paths
from tests.compliance.audit.matrix.reads import READS
from tests.compliance.audit.matrix.tables import TABLES


def measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.MEASURED.read_text(encoding="utf-8"))
    return found


def test_the_page_is_what_the_benchmark_writes() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.rendered(measured())
    assert set(measured()["tables"]) == set(TABLES)
    assert measured()["reads"] == list(READS)


def test_the_page_has_every_way_to_write() -> None:
    walked = {name for name, path in paths.load().items() if not path.own}

    assert all(set(found) == walked for found in measured()["paths"].values())


def test_what_was_measured_here_is_complete() -> None:
    ours = measured()["paths"]["webqx"]

    assert {name for name, result in ours.items() if not page.is_complete(result)} == set()
