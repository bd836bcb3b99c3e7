"""A second record of one person points to the one that goes on: never in a circle, whoever merges at the same time."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from compliance.errors import RuleBroken
from compliance.rules import explained
from patients.models import Allergy, Patient
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 5, 1, tzinfo=UTC)
INTO_MERGED = "patients_merged_into_a_survivor"


def record(mrn: str) -> Patient:
    return Patient.objects.create(
        mrn=mrn,
        assigning_authority="Example Clinic",
        family_name="Brackenbury",
        birth_date=date(1975, 7, 1),
        administrative_gender="unknown",
    )


def merge(patient: Patient, into: Patient | None) -> None:
    patient.merged_into, patient.merged_at = into, NOW if into else None
    patient.save()


def test_a_chain_is_made_from_its_end_and_has_one_survivor() -> None:
    first, second, third = record("1"), record("2"), record("3")

    merge(first, second)
    merge(second, third)

    first.refresh_from_db()
    assert first.merged_into == second
    assert second.merged_into == third


def test_the_end_of_a_chain_is_not_merged_into_its_beginning() -> None:
    first, second, third = record("1"), record("2"), record("3")
    merge(first, second)
    merge(second, third)

    with pytest.raises(RuleBroken) as refused, explained():
        merge(third, first)
    assert refused.value.rule == INTO_MERGED


def test_what_was_unmerged_is_as_it_was_and_takes_rows_again(patient: Patient, other_patient: Patient) -> None:
    before = Patient.objects.filter(pk=patient.pk).values().get()
    merge(patient, other_patient)
    merge(patient, None)

    after = Patient.objects.filter(pk=patient.pk).values().get()
    assert {name for name in before if before[name] != after[name]} <= {"version", "updated_at"}
    assert after["version"] == 3
    Allergy.objects.create(patient=patient, substance="Latex", category="environment")
    merge(other_patient, patient)


def test_a_merge_moves_nothing(allergy: Allergy, other_patient: Patient) -> None:
    patient = allergy.patient
    merge(patient, other_patient)

    allergy.refresh_from_db()
    assert allergy.patient == patient
    assert list(other_patient.allergies.all()) == []


def test_what_a_merged_chart_has_already_may_still_be_corrected(allergy: Allergy, other_patient: Patient) -> None:
    merge(allergy.patient, other_patient)

    allergy.verification_status = "refuted"
    allergy.save()


def test_a_row_does_not_move_into_a_merged_chart(allergy: Allergy, merged_patient: Patient) -> None:
    allergy.patient = merged_patient

    with pytest.raises(RuleBroken) as refused, explained():
        allergy.save()
    assert refused.value.rule == "allergies_patient_current"


INSERT = """
    INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender)
    VALUES (%s, 'Example Clinic', 'Brackenbury', '1975-07-01', 'unknown') RETURNING id
"""
MERGE = "UPDATE patients SET merged_into_id = %s, merged_at = now() WHERE id = %s"
ALLERGY = """
    INSERT INTO allergies (patient_id, substance, category, clinical_status)
    VALUES (%s, 'Latex', 'environment', 'active')
"""
Session = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def sessions(django_db_setup: None, database_url: Callable[[str], str]) -> Iterator[tuple[Session, Session, Session]]:
    """Two that write, and one that looks at what the second waits for."""
    url = database_url(TEMPLATE)
    with psycopg.connect(url) as one, psycopg.connect(url) as two, psycopg.connect(url, autocommit=True) as look:
        yield one, two, look


def two_records(session: Session) -> tuple[int, int]:
    made = [session.execute(INSERT, [mrn]).fetchone() for mrn in ("1", "2")]
    session.commit()
    return made[0][0], made[1][0]  # type: ignore[index]


def waiting(
    session: Session, look: Session, statement: str, values: list[int]
) -> tuple[threading.Thread, list[psycopg.Error]]:
    """Run a statement in a thread of its own, and return once it waits for a lock or has ended."""
    refused: list[psycopg.Error] = []

    def run() -> None:
        try:
            session.execute(statement, values)
            session.commit()
        except psycopg.Error as error:
            session.rollback()
            refused.append(error)

    pid = session.info.backend_pid
    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and look.execute(
        "SELECT wait_event_type IS DISTINCT FROM 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid]
    ).fetchone() == (True,):
        thread.join(0.01)
    return thread, refused


def test_two_merges_that_would_close_a_circle_meet_and_one_is_refused(
    sessions: tuple[Session, Session, Session],
) -> None:
    one, two, look = sessions
    first, second = two_records(one)

    one.execute(MERGE, [second, first])
    thread, refused = waiting(two, look, MERGE, [first, second])
    assert thread.is_alive()
    one.commit()
    thread.join()

    assert [error.diag.constraint_name for error in refused] == [INTO_MERGED]
    assert one.execute("SELECT id, merged_into_id FROM patients ORDER BY id").fetchall() == [
        (first, second),
        (second, None),
    ]


def test_of_two_merges_that_hold_each_others_survivor_postgresql_ends_one(
    sessions: tuple[Session, Session, Session],
) -> None:
    one, two, look = sessions
    first, second = two_records(one)

    # Each has the row that it merges, as the capability locks it, before either asks for its survivor.
    one.execute("SELECT FROM patients WHERE id = %s FOR UPDATE", [first])
    two.execute("SELECT FROM patients WHERE id = %s FOR UPDATE", [second])
    thread, refused = waiting(two, look, MERGE, [first, second])
    try:
        one.execute(MERGE, [second, first])
        one.commit()
    except psycopg.errors.DeadlockDetected as error:
        one.rollback()
        refused.append(error)
    thread.join()

    assert [type(error) for error in refused] == [psycopg.errors.DeadlockDetected]
    merged = one.execute("SELECT count(*) FROM patients WHERE merged_into_id IS NOT NULL").fetchone()
    assert merged == (1,)


def test_a_row_for_a_patient_who_is_being_merged_waits_and_is_refused(
    sessions: tuple[Session, Session, Session],
) -> None:
    one, two, look = sessions
    first, second = two_records(one)

    one.execute(MERGE, [second, first])
    thread, refused = waiting(two, look, ALLERGY, [first])
    assert thread.is_alive()
    one.commit()
    thread.join()

    assert [error.diag.constraint_name for error in refused] == ["allergies_patient_current"]


def test_a_merge_waits_for_a_row_that_is_being_written(sessions: tuple[Session, Session, Session]) -> None:
    one, two, look = sessions
    first, second = two_records(one)

    one.execute(ALLERGY, [first])
    thread, refused = waiting(two, look, MERGE, [second, first])
    assert thread.is_alive()
    one.commit()
    thread.join()

    assert refused == []


def test_two_who_write_into_one_chart_do_not_wait_for_each_other(sessions: tuple[Session, Session, Session]) -> None:
    one, two, look = sessions
    first, _ = two_records(one)

    one.execute(ALLERGY, [first])
    thread, refused = waiting(two, look, ALLERGY, [first])
    thread.join()

    assert refused == []
