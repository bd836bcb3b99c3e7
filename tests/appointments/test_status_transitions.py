"""An appointment's status follows the one before it: the same for people (value_sets.py) and for PostgreSQL."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from appointments.value_sets import TRANSITIONS, AppointmentStatus
from compliance.errors import RuleBroken
from compliance.rules import explained

if TYPE_CHECKING:
    from appointments.models import Appointment

pytestmark = pytest.mark.django_db
PAIRS = list(itertools.product(AppointmentStatus.values, repeat=2))
LEGAL = {(old, new) for old, follows in TRANSITIONS.items() for new in (old, *follows)}
# A status alone is not enough for these.
WITH = {"cancelled": "cancellation_reason = 'pat', ", "checked-in": "checked_in_at = now(), "}


def test_the_function_and_the_value_set_agree_on_all_pairs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT old, new FROM unnest(%s::text[]) AS o (old), unnest(%s::text[]) AS n (new) "
            "WHERE appointment_may_become(old, new)",
            [AppointmentStatus.values, AppointmentStatus.values],
        )
        assert set(cursor.fetchall()) == {(str(old), str(new)) for old, new in LEGAL}


@pytest.mark.parametrize("old", AppointmentStatus.values)
def test_sql_takes_an_appointment_from_its_status_only_to_what_may_follow(appointment: Appointment, old: str) -> None:
    start = "INSERT INTO appointments (patient_id, provider_id, status, cancellation_reason, checked_in_at, starts_at, \
        ends_at) SELECT patient_id, provider_id, %(old)s, CASE %(old)s WHEN 'cancelled' THEN 'pat' END, \
        CASE %(old)s WHEN 'checked-in' THEN now() END, '2030-01-01 09:00+00', '2030-01-01 10:00+00' \
        FROM appointments WHERE id = %(like)s RETURNING id"
    with connection.cursor() as cursor:
        cursor.execute(start, {"old": old, "like": appointment.pk})
        (made,) = cursor.fetchone()
        taken = {new for new in AppointmentStatus.values if follows(made, new)}

    assert taken == {new for before, new in LEGAL if before == old}


def follows(appointment: int, new: str) -> bool:
    """Try a status, take it back, and say whether PostgreSQL took it. Any other refusal is a failure."""
    try:
        with explained(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE appointments SET {WITH.get(new, '')}status = %s WHERE id = %s", [new, appointment])
            raise Taken
    except Taken:
        return True
    except RuleBroken as refused:
        assert refused.rule == "appointments_status_follows"  # noqa: PT017 - whether it is refused is the question
        return False


class Taken(Exception):
    """Rolls the change back."""
