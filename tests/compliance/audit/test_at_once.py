"""Many at once: nobody waits for the trail, nothing is lost, and what is not committed leaves nothing."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from compliance.audit import partitions
from compliance.audit.context import acting
from compliance.models import AuditLog
from patients.models import Patient
from tests.sessions import in_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

WRITERS, WRITES = 8, 5


@pytest.fixture
def db(committed_database: None) -> None:
    """The people of tests.people live in a database where everything commits."""


def updates(patient: Patient) -> list[AuditLog]:
    return list(AuditLog.objects.filter(table_name="patients", object_id=patient.pk, action=1).order_by("id"))


def test_eight_who_write_the_same_patient_lose_no_entry(patient: Patient) -> None:
    start = threading.Barrier(WRITERS)

    def writer(actor: int) -> Callable[[], int]:
        def write() -> int:
            start.wait()
            for number in range(WRITES):
                with acting(actor=actor), transaction.atomic():
                    Patient.objects.filter(pk=patient.pk).update(given_name=f"{actor} {number}")
            return actor

        return write

    assert in_sessions(*(writer(actor) for actor in range(1, WRITERS + 1))) == list(range(1, WRITERS + 1))
    entries = updates(patient)
    assert Counter(entry.actor_id for entry in entries) == dict.fromkeys(range(1, WRITERS + 1), WRITES)
    assert sorted(entry.object_version or 0 for entry in entries) == list(range(2, WRITERS * WRITES + 2))


def test_an_open_transaction_with_entries_blocks_nobody_elses(patient: Patient, other_patient: Patient) -> None:
    def write() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        with acting(actor=2):
            return Patient.objects.filter(pk=other_patient.pk).update(given_name="Not waiting")

    def make_months() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return partitions.make_ahead(months=partitions.MONTHS_AHEAD + 1)

    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(given_name="Open")
        assert in_sessions(write, make_months) == [1, 1]
        assert [entry.actor_id for entry in updates(other_patient)] == [2]


def test_months_that_two_make_at_once_are_made_once(patient: Patient) -> None:
    more = partitions.MONTHS_AHEAD + 3

    made = in_sessions(*[lambda: partitions.make_ahead(months=more)] * 4)
    assert sorted(made) == [0, 0, 0, 3]


def test_a_session_that_is_killed_in_the_middle_leaves_neither_change_nor_entry(patient: Patient) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    with psycopg.connect(url) as victim:
        victim.execute("UPDATE patients SET given_name = 'Half done'")
        assert victim.execute("SELECT count(*) FROM audit_logs WHERE action = 1").fetchone() == (1,)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [victim.info.backend_pid])
            assert cursor.fetchone() == (True,)
        with pytest.raises(psycopg.OperationalError):
            victim.commit()

    patient.refresh_from_db()
    assert patient.given_name == "Marigold"
    assert updates(patient) == []


def test_an_entry_that_cannot_be_written_undoes_its_change(patient: Patient) -> None:
    """Stands in for a full disk, by the error that PostgreSQL gives then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE disk_full USING MESSAGE = 'could not extend file'; END $$;"
            "CREATE TRIGGER a_full_disk BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    with pytest.raises(OperationalError, match="could not extend file") as failed:
        Patient.objects.filter(pk=patient.pk).update(given_name="Half done")

    assert "Half done" not in str(failed.value)
    patient.refresh_from_db()
    assert patient.given_name == "Marigold"
    assert updates(patient) == []


def test_a_write_that_is_rolled_back_leaves_no_entry_and_its_savepoint_only_its_own(patient: Patient) -> None:
    with acting(actor=7), transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(given_name="Kept")
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(given_name="Lost")
            raise ZeroDivisionError

    assert [(entry.actor_id, entry.object_version) for entry in updates(patient)] == [(7, 2)]
