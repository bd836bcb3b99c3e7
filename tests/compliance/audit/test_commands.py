"""`manage.py audit partitions`, and django-auditlog's commands that would remove what is evidence."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from django.core.management import ManagementUtility, call_command
from django.core.management.base import CommandError
from django.db import connection

from compliance.audit import partitions
from compliance.models import AuditLog

if TYPE_CHECKING:
    from providers.models import Provider

in_database = pytest.mark.django_db


def audit(*words: str) -> str:
    said = io.StringIO()
    call_command("audit", *words, stdout=said)
    return said.getvalue().strip()


@in_database
def test_months_are_made_once_and_it_says_so() -> None:
    last = partitions.last()

    assert audit("partitions") == f"Nothing to do: the last month of audit_logs is {last}."
    said = audit("partitions", "--months", str(partitions.MONTHS_AHEAD + 2))
    assert said == f"Made 2 months of audit_logs; the last is {partitions.last()}."
    assert (partitions.last() or "") > (last or "")


@in_database
def test_a_machine_may_read_it() -> None:
    said = json.loads(audit("partitions", "--months", str(partitions.MONTHS_AHEAD + 1), "--json"))

    assert said == {"made": 1, "last": partitions.last()}


@in_database
@pytest.mark.parametrize("months", ["-1", "many", "121", "1.5", ""])
def test_a_number_of_months_that_makes_no_sense_is_refused(months: str) -> None:
    with pytest.raises(CommandError, match="it must be a number from 0 to 120"):
        audit("partitions", f"--months={months}")


@in_database
def test_without_a_trail_it_says_how_to_make_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION audit_make_partitions RENAME TO gone")

    with pytest.raises(CommandError, match=r"audit_logs is not there yet\. Make it with: manage\.py migrate"):
        audit("partitions")


@in_database
@pytest.mark.parametrize("command", ["auditlogflush", "auditlogmigratejson"])
def test_what_would_remove_or_rewrite_entries_is_refused(provider: Provider, command: str) -> None:
    before = AuditLog.objects.count()
    with pytest.raises(CommandError, match=r"The audit trail is append-only: nothing was re(moved|written)\."):
        call_command(command)

    assert AuditLog.objects.count() == before > 0


@pytest.mark.parametrize(
    "words", [["auditlogflush", "--yes", "-b", "2030-01-01"], ["auditlogmigratejson", "-d", "postgres"]]
)
def test_it_is_refused_whatever_words_go_with_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        ManagementUtility(["manage.py", *words]).execute()

    assert left.value.code == 1
    assert "The audit trail is append-only" in capsys.readouterr().err
