"""What docs/audit.md tells an operator to do works as it stands there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

from compliance.audit import checks
from compliance.audit.models import EventType

if TYPE_CHECKING:
    from providers.models import Provider

PAGE = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")


def test_entries_leave_the_default_partition_as_the_page_says(provider: Provider) -> None:
    month = datetime.now(UTC).replace(day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    (statements,) = re.findall(r"```sql\nBEGIN;\n(.*?)COMMIT;", PAGE, flags=re.DOTALL)
    for said, now in (("2024_06", f"{month:%Y_%m}"), ("2024-06-01", f"{month:%Y-%m}-01")):
        statements = statements.replace(said, now)
    statements = statements.replace("2024-07-01", f"{following:%Y-%m}-01")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_logs DETACH PARTITION audit_partitions.audit_logs_{month:%Y_%m}")
        cursor.execute(f"ALTER TABLE audit_partitions.audit_logs_{month:%Y_%m} RENAME TO elsewhere")
        cursor.execute("UPDATE providers SET specialty = 'x'")
        assert [warning.id for warning in checks._room("default")] == ["compliance.W022"]

        cursor.execute(statements)

        assert list(checks._room("default")) == []
        cursor.execute("SELECT count(*), min(tableoid::regclass::text) FROM audit_logs WHERE event_type = 'update'")
        assert cursor.fetchone() == (1, f"audit_partitions.audit_logs_{month:%Y_%m}")
        cursor.execute("UPDATE providers SET specialty = 'y'")


def test_the_page_names_events_that_there_are() -> None:
    (table,) = re.findall(r"^## What is recorded\n(.*?)^## ", PAGE, flags=re.DOTALL | re.MULTILINE)
    rows = [row.rsplit("|", 2)[1] for row in table.splitlines() if row.startswith("| ")]
    named = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}

    assert named - {"event_type"} <= set(EventType.values)
    assert len(named) > 10
