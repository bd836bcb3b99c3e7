"""What Python takes PostgreSQL takes, and the other way round; and what both take is read back as it was given.

Two kinds of rule are one side's alone: those of columns that will be encrypted, which their fields keep, and those that
SQL files hold because they look at other rows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import Error, connection, models, transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from compliance import phi
from compliance.clinical import ClinicalModel
from compliance.models import ConsentRecord
from compliance.rules import HeldInSql
from tests.breaking import beside, insert
from tests.compliance.breaks import ROWS
from tests.compliance.rows import changes

if TYPE_CHECKING:
    from appointments.models import Location
    from patients.models import InsuranceInfo, Patient
    from records.models import Prescription

pytestmark = pytest.mark.django_db
MODELS: dict[str, Any] = {
    **{model._meta.db_table: model for model in apps.get_models() if issubclass(model, ClinicalModel)},
    "consent_records": ConsentRecord,
}
# The fixture that makes a row of each.
MADE = {**ROWS, "consent_records": "consent"}
# What another table refuses, when a consent of the kind holds already.
ELSEWHERE = {"consent_effects_once"}
# What a second row of each table differs in, so that it is taken as it is.
APART: dict[str, dict[str, Any]] = {
    "patients": {"mrn": "A-9"},
    "insurance_info": {"coverage_order": 2},
    "allergies": {},
    "providers": {"npi": "1558598797"},
    "provider_availability": {"weekday": 2},
    "locations": {"name": "Room 9"},
    "appointments": {"status": "proposed"},
    "encounters": {"appointment_id": None},
    "medical_records": {},
    "prescriptions": {},
    "consent_records": {"consent_uid": UUID(int=9), "recipients": ["Another registry"]},
    "break_glass_grants": {
        "opened_at": datetime(2023, 1, 1, 9, tzinfo=UTC),
        "ends_at": datetime(2023, 1, 1, 10, tzinfo=UTC),
        "proved_at": datetime(2023, 1, 1, 9, tzinfo=UTC),
    },
    "care_relationships": {"starts_at": datetime(2023, 1, 1, tzinfo=UTC), "ends_at": datetime(2023, 6, 1, tzinfo=UTC)},
}


@pytest.fixture
def everything(request: pytest.FixtureRequest) -> dict[type[models.Model], list[int]]:
    """Rows of every table, and the keys of those that a foreign key may point to."""
    made = [*MADE.values(), "merged_patient", "other_provider", "signed_record", "signed_prescription"]
    found: dict[type[models.Model], list[int]] = {}
    for name in made:
        row = request.getfixturevalue(name)
        found.setdefault(type(row), []).append(row.pk)
    user = request.getfixturevalue("administrator")
    return found | {type(user): [user.pk]}


@pytest.mark.parametrize("table", MODELS)
@given(data=st.data())
@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    # Every example is rolled back, so that all of them find the rows that the fixtures made.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_python_and_postgresql_take_the_same_rows(
    request: pytest.FixtureRequest, everything: dict[type[models.Model], list[int]], table: str, data: st.DataObject
) -> None:
    model = MODELS[table]
    changed = APART[table] | data.draw(changes(model, everything))

    python = refused_by_python(made(request, table, changed))
    postgresql = refused_by_postgresql(made(request, table, changed), changed)

    note(f"Python refuses {python or 'nothing'}; PostgreSQL refuses by {postgresql or 'nothing'}")
    if postgresql is None:
        assert set(python) <= sealed(model)
    elif not python:
        assert postgresql in ELSEWHERE | {rule.name for rule in model._meta.constraints if isinstance(rule, HeldInSql)}


def made(request: pytest.FixtureRequest, table: str, changed: dict[str, Any]) -> models.Model:
    row = beside(request.getfixturevalue(MADE[table]))
    for name, value in changed.items():
        setattr(row, name, value)
    return row


def sealed(model: type[models.Model]) -> set[str]:
    classes = {field.name: phi.of(field) for field in model._meta.concrete_fields}
    return {name for name, classification in classes.items() if classification is not None and classification.sealed}


def refused_by_python(row: models.Model) -> dict[str, list[str]]:
    """Return what full_clean says, by field."""
    try:
        row.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def refused_by_postgresql(row: models.Model, changed: dict[str, Any]) -> str | None:
    """Insert the row by SQL, read it back, and roll it back: return the constraint or the error that refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            insert(row)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            stored = type(row)._default_manager.values("pk", *changed).get(uid=row.uid)  # type: ignore[attr-defined]
            assert {name: stored[name] for name in changed} == {name: as_read(value) for name, value in changed.items()}
            raise RolledBack
    except RolledBack:
        return None
    except UnicodeEncodeError as error:
        return type(error).__name__
    except Error as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        return getattr(diagnosis, "constraint_name", None) or str(error)


def as_read(value: Any) -> Any:
    return memoryview(value) if isinstance(value, bytes) else value


class RolledBack(Exception):
    """The row was taken."""


def test_the_row_that_all_others_are_made_from_is_taken_by_both(
    request: pytest.FixtureRequest, everything: dict[type[models.Model], list[int]]
) -> None:
    for table in MODELS:
        assert refused_by_python(made(request, table, APART[table])) == {}, table
        assert refused_by_postgresql(made(request, table, APART[table]), APART[table]) is None, table


def test_sql_rounds_and_cuts_what_python_refuses_and_what_it_keeps_is_valid(
    insurance: InsuranceInfo, prescription: Prescription, room: Location
) -> None:
    # As the SQL standard asks of numeric(8, 2), and of varchar(2) for spaces only.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE insurance_info SET copay = 19.999")
        cursor.execute("UPDATE locations SET state = 'CA   '")
    insurance.refresh_from_db()
    room.refresh_from_db()

    assert (insurance.copay, room.state) == (Decimal("20.00"), "CA")
    insurance.full_clean()
    room.full_clean()
    insurance.copay, room.state = Decimal("19.999"), "CA   "
    assert set(refused_by_python(insurance)) == {"copay"}
    assert set(refused_by_python(room)) == {"state"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pronouns", "they\0them"),
        ("pronouns", "they\ud800"),
        ("city", ""),
        ("city", "Tow\0n"),
        ("race_codes", None),
        ("race_codes", [None]),
        ("confidential_contact", {"note": "a\0b"}),
        ("confidential_contact", {"note\ud800": "a"}),
        ("confidential_contact", {"number": float("nan")}),
        ("confidential_contact", [[float("-inf")]]),
    ],
)
def test_what_postgresql_cannot_hold_is_refused_at_its_field(patient: Patient, field: str, value: object) -> None:
    setattr(patient, field, value)

    refused = refused_by_python(patient)

    assert set(refused) == {field}
    assert str(value) == "" or not any(str(value) in message for message in refused[field])


def test_a_status_that_is_none_is_refused_at_its_field_and_does_not_end_in_an_error(insurance: InsuranceInfo) -> None:
    second = beside(insurance)
    second.status = "lost"  # type: ignore[attr-defined]

    assert set(refused_by_python(second)) == {"status"}


def test_a_date_that_is_none_is_refused_at_its_field_and_not_compared(insurance: InsuranceInfo) -> None:
    second = beside(insurance)
    second.period_start, second.period_end = "yesterday", insurance.period_start  # type: ignore[attr-defined]

    assert set(refused_by_python(second)) == {"period_start"}
    assert NON_FIELD_ERRORS not in refused_by_python(second)
