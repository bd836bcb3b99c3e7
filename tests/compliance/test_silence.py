"""What the database says of a row reaches no log and no error page."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction

from compliance import silence
from compliance.rules import broken_by, explained
from patients.models import Patient

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
VALUE = "Quillfeather-4711"


def duplicate(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(mrn=VALUE)
    Patient.objects.create(
        mrn=VALUE,
        assigning_authority=patient.assigning_authority,
        family_name=VALUE,
        birth_date=patient.birth_date,
        administrative_gender="unknown",
    )


def failing_row(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(family_name=VALUE, state="zz")


def null(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(family_name=VALUE, birth_date=None)


def too_long(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(language=VALUE * 10)


def no_date(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients SET birth_date = %s", [VALUE])


def many_at_once(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE patients SET birth_date = %s", [[VALUE], [VALUE]])


def literal_in_the_statement(patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{VALUE}' FROM no_such_table")


@pytest.mark.parametrize(
    "mistake", [duplicate, failing_row, null, too_long, no_date, many_at_once, literal_in_the_statement]
)
def test_no_value_stands_in_the_traceback_of_a_database_error(
    patient: Patient, mistake: Callable[[Patient], Any]
) -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        mistake(patient)

    assert VALUE not in "".join(traceback.format_exception(raised.value))
    assert VALUE not in str(raised.value)
    assert VALUE not in repr(raised.value.__cause__)


def test_the_sentence_of_the_rule_is_still_found(patient: Patient) -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        duplicate(patient)

    assert broken_by(raised.value).rule == "patients_mrn_once_per_authority"  # type: ignore[arg-type]


def test_what_is_explained_to_a_user_has_no_value_either(patient: Patient) -> None:
    with pytest.raises(Exception, match=r"^birth_date is needed\.$") as raised, transaction.atomic(), explained():
        null(patient)

    assert VALUE not in "".join(traceback.format_exception(raised.value))


def test_a_mistake_in_a_statement_still_says_what_it_is(db: None) -> None:
    with pytest.raises(DatabaseError, match=r'column "mrm" does not exist HINT: .*mrn'), transaction.atomic():
        Patient.objects.extra(where=["mrm = ''"]).exists()


def test_a_new_connection_listens_once(db: None) -> None:
    silence.listen(connection)

    assert connection.execute_wrappers.count(silence.silently) == 1
