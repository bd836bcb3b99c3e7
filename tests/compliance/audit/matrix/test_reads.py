"""Every audited table, looked at in every way: one right entry, of who looked and at what; and never a name in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin

from compliance.audit.context import acting
from compliance.audit.registry import DECLARED
from compliance.models import AuditLog
from tests.compliance.audit.matrix.reads import READS
from tests.compliance.audit.matrix.tables import TABLES, subject

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import User
    from tests.compliance.audit.matrix.reads import Read
    from tests.compliance.audit.matrix.subject import Subject

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", TABLES)
def test_each_way_to_look_leaves_one_right_entry(
    request: pytest.FixtureRequest, client: Client, administrator: User, table: str
) -> None:
    rows = subject(table, request)
    client.force_login(administrator)

    wrong = {}
    for name, read in READS.items():
        if read.applies(rows) and (problem := found_wrong(read, rows, client, administrator)):
            wrong[name] = problem

    assert wrong == {}


def found_wrong(read: Read, rows: Subject, client: Client, administrator: User) -> str:
    last = AuditLog.objects.order_by("id").values_list("id", flat=True).last() or 0
    with acting(administrator):
        read.look(rows, client)
    found = list(AuditLog.objects.filter(id__gt=last, captured_by="application"))
    if len(found) != 1:
        return f"{len(found)} entries"
    (entry,) = found
    patient = DECLARED[rows.model].patient if rows.model in DECLARED else ""
    whose = {getattr(row, patient) for row in rows.rows.all()} if patient else set()
    if (entry.event_type, entry.table_name, entry.actor_id) != (
        read.event,
        rows.model._meta.db_table,
        administrator.pk,
    ):
        return f"{entry.event_type} of {entry.table_name} by {entry.actor_id}"
    if read.event == "read" and (entry.object_pk, entry.patient_id) != (str(rows.row.pk), _of(rows, patient)):
        return f"row {entry.object_pk} of patient {entry.patient_id}"
    shown = set(entry.patient_ids or ())
    if read.event == "query" and (not shown <= whose or bool(shown) != bool(patient and entry.result_count)):
        return f"patients {entry.patient_ids}"
    return ""


def _of(rows: Subject, patient: str) -> Any:
    return getattr(rows.row, patient) if patient else None


def test_every_audited_model_with_a_screen_is_in_the_matrix() -> None:
    on_screen = {model._meta.db_table for model in DECLARED if admin.site.is_registered(model)}

    # These are looked at in ../test_reads.py.
    assert on_screen - {"access_reviews", "consent_records", "consent_rules"} <= set(TABLES)
