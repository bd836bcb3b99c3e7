"""Walks the matrix's write paths in one contender's project: rows that changed, entries, entries with an actor."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

from django.db import Error, connection

from benchmarks.audit import contenders
from benchmarks.audit.charts.models import Chart, Label, Ward
from tests.compliance.audit.matrix import paths
from tests.compliance.audit.matrix.subject import Relation, Subject
from webqx import binaries

if TYPE_CHECKING:
    from tests.compliance.audit.matrix.paths import Path

TABLES = ("charts_chart", "charts_label", "charts_labelled")


def walk() -> dict[str, dict[str, Any]]:
    """Walk every path on the charts, or on their labels where it needs a relation; what each came to, by name."""
    return {name: _came_to(path) for name, path in paths.load().items() if not path.own}


def tables() -> list[str]:
    """List the tables of this project that are audited, found in the catalogue."""
    from tests.compliance.audit.matrix import trail  # noqa: PLC0415 - it needs this project

    return [table for table in trail.audited() if table not in TABLES]


def reads() -> list[str]:
    """List the ways in which this project's tables are looked at."""
    from tests.compliance.audit.matrix.reads import READS  # noqa: PLC0415 - it needs this project

    return list(READS)


def _came_to(path: Path) -> dict[str, Any]:
    _empty()
    subject = next(one for one in (_charts(), _labels()) if path.applies(one))
    if path.given:
        path.given(subject)
    before, (seen, named) = _state(), contenders.recorded()
    try:
        with contenders.acting():
            path.write(subject)
    except Error:
        return {"refused": True}
    except Exception as error:  # a contender that breaks the write is a finding, not the end of the run
        return {"fails": type(error).__name__}
    after, (seen_now, named_now) = _state(), contenders.recorded()
    done = sum(before.get(row) != after.get(row) for row in before.keys() | after.keys())
    return {"done": done, "seen": seen_now - seen, "named": named_now - named}


def _empty() -> None:
    with connection.cursor() as cursor:
        for table in ("charts_labelled", "charts_label", "charts_chart"):
            cursor.execute(f"DELETE FROM {table}")


def _charts() -> Subject:
    from benchmarks.audit.worker import chart  # noqa: PLC0415

    ward, _ = Ward.objects.get_or_create(name="Ward 1")
    row, spare = chart("0"), chart("1")
    row.save()
    spare.save()
    return Subject(
        Chart,
        row,
        spare,
        lambda number: chart(str(number)),
        lambda number: {"title": f"Title {number}", "city": f"Town {number}"},
        referrers=ward.charts,
        psql=_psql,
        deploy=_migration,
    )


def _labels() -> Subject:
    owner = Chart.objects.order_by("pk").first()
    labels = Label.objects.bulk_create(Label(name=f"Label {number}") for number in range(10))
    through: Any = Chart.labels.through
    owner.labels.add(labels[0])  # type: ignore[union-attr]
    owner.labels.add(labels[1])  # type: ignore[union-attr]
    row, spare = through.objects.order_by("pk")
    return Subject(
        through,
        row,
        spare,
        lambda number: through(chart=owner, label=labels[number]),
        lambda number: {"label_id": labels[5 + number].pk},
        relation=Relation(owner, "labels", labels, {"name": "New"}),
    )


def _state() -> dict[tuple[str, int], str]:
    rows = " UNION ALL ".join(f"SELECT '{table}', id, to_jsonb(t)::text FROM {table} AS t" for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return {(table, key): row for table, key, row in cursor.fetchall()}


def _psql(text: str) -> None:
    command = [str(binaries.installed() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"]]
    subprocess.run(command, input=text, text=True, check=True)


def _migration(text: str) -> None:
    """Run SQL as migrations.RunSQL does."""
    with connection.schema_editor() as editor:
        editor.execute(text, params=None)
