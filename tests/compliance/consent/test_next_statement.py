"""What a patient takes back is gone in the next statement: on a kept connection, in a transaction, between pages.

So is what ends by itself. The rows are real and committed, and each reader has a connection of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from compliance.audit.context import acting
from compliance.consent.giving import give
from compliance.consent.restricting import restrict
from compliance.consent.withdrawing import withdraw
from compliance.models import CareRelationship, ConsentRecord
from records.models import MedicalRecord
from tests.compliance.consent.conftest import WHOLE
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

SEEN = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)
PAGE = "SELECT id FROM medical_records WHERE id > %s ORDER BY id LIMIT 2"
ALL = "SELECT id FROM medical_records"


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


@pytest.fixture
def records(patient: Patient, physician: User, provider: Provider) -> list[int]:
    """Four records of a Part 2 program, of a patient whom the physician treats."""
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=SEEN)
    rows = [
        MedicalRecord(
            patient=patient,
            author=provider,
            record_type="progress_note",
            title="Seen",
            is_part2=True,
            effective_at=SEEN,
        )
        for _ in range(4)
    ]
    return [one.pk for one in MedicalRecord.objects.bulk_create(rows)]


@pytest.fixture
def consent(patient: Patient, administrator: User, records: list[int]) -> ConsentRecord:
    return give(
        patient,
        by=administrator,
        consent_type="part2_tpo",
        purposes=["TREAT"],
        sensitivity_labels=["42CFRPart2"],
        **WHOLE,
    )


@pytest.fixture
def asks(physician: User) -> Iterator[Callable[..., list[int]]]:
    """Asks as the physician, on one connection that stays open, as a server keeps it between requests."""
    kept = connection.copy()
    with kept.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP}")

    def asked(statement: str, *params: object) -> list[int]:
        with acting(physician), kept.cursor() as cursor:
            cursor.execute(statement, params)
            return [key for (key,) in cursor.fetchall()] if cursor.description else []

    yield asked
    kept.close()


def test_on_a_connection_that_is_kept(
    asks: Callable[..., list[int]], records: list[int], consent: ConsentRecord, administrator: User
) -> None:
    assert asks(ALL) == records

    withdraw(consent, by=administrator, channel="letter")

    assert asks(ALL) == []
    assert asks("SELECT count(*) FROM medical_records") == [0]


def test_in_the_midst_of_a_transaction(
    asks: Callable[..., list[int]], records: list[int], consent: ConsentRecord, administrator: User
) -> None:
    asks("BEGIN")
    assert asks(ALL) == records

    withdraw(consent, by=administrator, channel="letter")

    assert asks(ALL) == []
    asks("ROLLBACK")


def test_between_two_pages(
    asks: Callable[..., list[int]], records: list[int], consent: ConsentRecord, administrator: User
) -> None:
    assert asks(PAGE, 0) == records[:2]

    withdraw(consent, by=administrator, channel="letter")

    assert asks(PAGE, records[1]) == []


def test_a_restriction_between_two_pages(
    asks: Callable[..., list[int]], patient: Patient, records: list[int], consent: ConsentRecord, administrator: User
) -> None:
    assert asks(PAGE, 0) == records[:2]

    restrict(patient, by=administrator, purposes=["TREAT"], sensitivity_labels=["42CFRPart2"])

    assert asks(PAGE, records[1]) == []


def test_a_cursor_that_is_open_goes_on_with_the_moment_at_which_it_was_opened(
    asks: Callable[..., list[int]], records: list[int], consent: ConsentRecord, administrator: User
) -> None:
    """It is one statement, of one snapshot. An export is of one moment for that reason; lists are not read so."""
    asks("BEGIN")
    asks(f"DECLARE open CURSOR FOR {ALL}")
    assert asks("FETCH 2 FROM open") == records[:2]

    withdraw(consent, by=administrator, channel="letter")

    assert asks("FETCH 1 FROM open") == records[2:3]
    assert asks(ALL) == []
    asks("ROLLBACK")


def test_what_ends_by_itself_needs_nobody_to_end_it(
    asks: Callable[..., list[int]], patient: Patient, records: list[int], administrator: User
) -> None:
    """Half a second is waited for, as the server counts it."""
    ends_at = timezone.now() + timedelta(seconds=0.5)
    give(
        patient,
        by=administrator,
        consent_type="part2_tpo",
        purposes=["TREAT"],
        sensitivity_labels=["42CFRPart2"],
        **{**WHOLE, "ends_at": ends_at},
    )
    assert asks(ALL) == records

    asks("SELECT 1 FROM pg_sleep(extract(epoch FROM %s - clock_timestamp()))", ends_at)

    assert asks(ALL) == []
