"""Of two people who change one row, the second is told; and the database alone says when a row was changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection

from compliance.errors import RuleBroken
from compliance.rules import explained
from tests.compliance.breaks import ROWS
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model

pytestmark = pytest.mark.django_db
each_row = pytest.mark.parametrize("fixture", ROWS.values(), ids=ROWS)
MADE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def row(request: pytest.FixtureRequest, fixture: str) -> Model:
    return request.getfixturevalue(fixture)


def facts(row: Model) -> tuple[Any, ...]:
    stored = type(row)._default_manager.get(pk=row.pk)
    return stored.version, stored.created_at, stored.updated_at


def touch(row: Model) -> None:
    """Change the row by SQL, in another transaction as far as its clock goes: a column that has two values anyhow."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {CHANGES[row._meta.db_table]} WHERE id = %s", [row.pk])


CHANGES = {
    "patients": "city = coalesce(city, '') || 'x'",
    "insurance_info": "coverage_order = coverage_order + 1",
    "allergies": "substance = substance || 'x'",
    "providers": "specialty = coalesce(specialty, '') || 'x'",
    "provider_availability": "slot_minutes = slot_minutes + 5",
    "locations": "name = name || 'x'",
    "appointments": "service_type = coalesce(service_type, '') || 'x'",
    "encounters": "reason_text = coalesce(reason_text, '') || 'x'",
    "medical_records": "body = body || 'x'",
    "prescriptions": "refills_allowed = refills_allowed + 1",
    "break_glass_grants": "review_note = coalesce(review_note, '') || '.'",
    "care_relationships": "ends_at = coalesce(ends_at, '2030-01-01') + interval '1 day'",
}


@each_row
def test_every_change_counts_once_and_one_that_changes_nothing_does_not(row: Model) -> None:
    first = facts(row)
    assert first[0] == 1

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET id = id, uid = uid WHERE id = %s", [row.pk])
    assert facts(row) == first

    touch(row)
    touch(row)
    assert facts(row)[0] == 3


@each_row
def test_a_save_of_what_was_read_before_somebody_elses_change_is_refused(row: Model) -> None:
    stale = type(row)._default_manager.get(pk=row.pk)
    touch(row)

    with pytest.raises(RuleBroken, match="Somebody else changed this meanwhile") as refused, explained():
        stale.save()

    assert refused.value.rule == f"{row._meta.db_table}_changed_meanwhile"


@each_row
def test_a_new_row_does_not_say_its_own_version_and_times(row: Model) -> None:
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    own = {"uid": "gen_random_uuid()", "version": "7", "created_at": "'2020-01-01'", "updated_at": "'2020-01-01'"}
    values = ", ".join(own.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        # The old row makes room: its copy would break the rules that there is one of each.
        cursor.execute(
            f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {row._meta.db_table} WHERE id = %s", [row.pk]
        )
        if row._meta.db_table == "break_glass_grants":  # which nobody deletes
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE break_glass_grants DISABLE TRIGGER hold_break_glass")
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM copied "
            "RETURNING version, created_at = now(), updated_at = now()"
        )
        assert cursor.fetchall() == [(1, True, True)]


def test_a_row_that_was_saved_knows_its_new_version_and_is_saved_again(patient: Any) -> None:
    for turn in range(3):
        patient.city = f"Town {turn}"
        patient.save()

    assert patient.version == 4


def test_two_sessions_that_read_one_version_do_not_both_write(two_sessions: tuple[Any, Any]) -> None:
    one, two = two_sessions
    write = "UPDATE locations SET name = %s, version = %s"

    one.execute(write, ["Room A", 1])
    one.commit()
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        two.execute(write, ["Room B", 1])

    assert refused.value.diag.constraint_name == "locations_changed_meanwhile"
    two.rollback()
    assert two.execute("SELECT name, version, updated_at > created_at FROM locations").fetchone() == ("Room A", 2, True)


def test_an_update_that_changes_nothing_leaves_version_and_time_in_a_later_transaction(
    two_sessions: tuple[Any, Any],
) -> None:
    one, two = two_sessions
    before = one.execute("SELECT version, updated_at FROM locations").fetchone()

    two.execute("UPDATE locations SET name = name, version = version")
    two.commit()

    one.commit()
    assert one.execute("SELECT version, updated_at FROM locations").fetchone() == before


@pytest.fixture
def two_sessions(django_db_setup: None, database_url: Callable[[str], str]) -> Iterator[tuple[Any, Any]]:
    """Two connections to a database with one room, each in transactions of its own."""
    url = database_url(TEMPLATE)
    with psycopg.connect(url) as one, psycopg.connect(url) as two:
        one.execute("INSERT INTO locations (name, kind) VALUES ('Room 1', 'ro')")
        one.commit()
        yield one, two
