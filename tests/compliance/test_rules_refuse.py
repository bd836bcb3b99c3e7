"""Whatever breaks a rule is refused with its name and its sentence, by the ORM and by SQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast

from appointments.models import Appointment, Location
from compliance.errors import RuleBroken
from compliance.rules import HeldInSql, broken_by, declared, explained, sentence
from records.models import MedicalRecord, Prescription
from tests.breaking import MAY_6, Break, beside, insert, update
from tests.compliance.breaks import BREAKS, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

    from patients.models import Patient

pytestmark = pytest.mark.django_db
SAYABLE = [broken for broken in BREAKS if not broken.unsayable]
VALIDATED = [broken for broken in SAYABLE if not isinstance(declared(broken.rule), HeldInSql)]


def each(breaks: list[Break]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("broken", breaks, ids=[broken.rule for broken in breaks])


@pytest.fixture
def corridor(db: None) -> Location:
    return Location.objects.create(name="Corridor", kind="lvl")


@pytest.fixture
def closed_room(db: None) -> Location:
    return Location.objects.create(name="Room 2", kind="ro", status="inactive")


@pytest.fixture
def cupboard(room: Location) -> Location:
    """A place in a place in the room."""
    corner = Location.objects.create(name="Corner", kind="lvl", part_of=room)
    return Location.objects.create(name="Cupboard", kind="lvl", part_of=corner)


@pytest.fixture
def replacement(appointment: Appointment) -> Appointment:
    later = beside(appointment)
    later.rescheduled_from = appointment
    later.starts_at, later.ends_at = (one + timedelta(days=1) for one in (appointment.starts_at, appointment.ends_at))
    later.save()
    return later


@pytest.fixture
def amendment(signed_record: MedicalRecord) -> MedicalRecord:
    after = beside(signed_record)
    after.amends, after.status = signed_record, "amended"
    after.save()
    return after


@pytest.fixture
def draft_amendment_of_merged(signed_record: MedicalRecord, other_patient: Patient) -> MedicalRecord:
    """A draft that amends a record of a patient who has been merged."""
    patient = signed_record.patient
    patient.merged_into, patient.merged_at = other_patient, MAY_6
    patient.save()
    return MedicalRecord.objects.create(
        patient=patient,
        author=signed_record.author,
        record_type="consult",
        title="Third opinion",
        effective_at=MAY_6,
        amends=signed_record,
    )


@pytest.fixture
def later_prescription(prescription: Prescription) -> Prescription:
    later = beside(prescription)
    later.save()
    return later


def refusal(write: Callable[[], object]) -> tuple[str, str]:
    """Return the name and the sentence of the rule that refuses a write."""
    with pytest.raises(RuleBroken) as refused, explained(), transaction.atomic():
        write()
    return refused.value.rule, refused.value.message


@each(BREAKS)
def test_sql_that_breaks_a_rule_is_refused_by_its_name_and_its_sentence(
    request: pytest.FixtureRequest, broken: Break
) -> None:
    row = broken.attempt(request)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(row) if broken.added else update(row, broken.values)

    explanation = broken_by(refused.value)
    assert (explanation.rule, explanation.message) == (broken.rule, sentence(broken.rule))


@each(SAYABLE)
def test_a_save_that_breaks_a_rule_is_refused_by_its_name_and_its_sentence(
    request: pytest.FixtureRequest, broken: Break
) -> None:
    row = broken.attempt(request)

    assert refusal(row.save) == (broken.rule, sentence(broken.rule))


@each([broken for broken in BREAKS if broken.unsayable and not broken.added])
def test_an_update_by_expression_that_breaks_a_rule_is_refused(request: pytest.FixtureRequest, broken: Break) -> None:
    row = broken.attempt(request)
    values = {name: Cast(Value(value, CharField()), row._meta.get_field(name)) for name, value in broken.values.items()}
    stored = type(row)._default_manager.filter(pk=row.pk)

    assert refusal(lambda: stored.update(**values)) == (broken.rule, sentence(broken.rule))


@each(VALIDATED)
def test_a_form_would_say_the_sentence_before_anything_is_written(
    request: pytest.FixtureRequest, broken: Break
) -> None:
    row = broken.attempt(request)

    said = messages(row.validate_constraints) | messages(row.validate_unique)

    assert sentence(broken.rule) in said
    with pytest.raises(ValidationError):
        row.full_clean()


def messages(validate: Callable[[], None]) -> set[str]:
    try:
        validate()
    except ValidationError as error:
        return set(error.messages)
    return set()


@pytest.mark.parametrize("fixture", ROWS.values())
def test_what_the_examples_start_from_is_taken(request: pytest.FixtureRequest, fixture: str) -> None:
    row: Model = request.getfixturevalue(fixture)

    row.full_clean()
    row.save()


@pytest.mark.parametrize("fixture", ["signed_record", "signed_prescription"])
def test_a_signed_row_is_not_deleted(request: pytest.FixtureRequest, fixture: str) -> None:
    row: Any = request.getfixturevalue(fixture)

    assert refusal(row.delete)[0] == f"{row._meta.db_table}_signed_stands"
    with connection.cursor() as cursor:
        statement = f"DELETE FROM {row._meta.db_table}"
        assert refusal(lambda: cursor.execute(statement))[0] == f"{row._meta.db_table}_signed_stands"


@pytest.mark.parametrize(
    ("fixture", "values"),
    [
        ("signed_record", {"confidentiality": "R", "sensitivity": ["HIV"], "is_part2": True}),
        ("signed_record", {"status": "entered-in-error"}),
        (
            "signed_prescription",
            {"status": "stopped", "status_reason": "salg", "ended_at": datetime(2024, 5, 7, tzinfo=UTC)},
        ),
    ],
)
def test_the_labels_and_the_end_of_a_signed_row_may_be_said(
    request: pytest.FixtureRequest, fixture: str, values: dict[str, Any]
) -> None:
    row: Any = request.getfixturevalue(fixture)

    assert type(row).objects.filter(pk=row.pk).update(**values) == 1
