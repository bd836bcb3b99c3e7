"""A prescription's status follows the one before it: the same for people (value_sets.py) and for PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from compliance.errors import RuleBroken
from compliance.rules import explained
from records.value_sets import PRESCRIPTION_TRANSITIONS, MedicationRequestStatus

if TYPE_CHECKING:
    from records.models import Prescription

pytestmark = pytest.mark.django_db
STATUSES = MedicationRequestStatus.values
LEGAL = {(str(old), str(new)) for old, follows in PRESCRIPTION_TRANSITIONS.items() for new in (old, *follows)}


def test_the_function_and_the_value_set_agree_on_all_pairs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT old, new FROM unnest(%s::text[]) AS o (old), unnest(%s::text[]) AS n (new) "
            "WHERE prescription_may_become(old, new)",
            [STATUSES, STATUSES],
        )
        assert set(cursor.fetchall()) == LEGAL


@pytest.mark.parametrize("old", STATUSES)
def test_sql_takes_a_prescription_from_its_status_only_to_what_may_follow(prescription: Prescription, old: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO prescriptions (patient_id, prescriber_id, status, signed_at, drug_name, sig, quantity, \
            quantity_unit, authored_on) SELECT patient_id, prescriber_id, %(old)s, CASE WHEN %(old)s <> 'draft' THEN \
            now() END, drug_name, sig, quantity, quantity_unit, authored_on FROM prescriptions RETURNING id",
            {"old": old},
        )
        (made,) = cursor.fetchone()

    taken = {new for new in STATUSES if follows(made, new)}

    assert taken == {new for before, new in LEGAL if before == old}


def follows(prescription: int, new: str) -> bool:
    """Try a status, take it back, and say whether PostgreSQL took it. Any other refusal is a failure.

    A draft is signed by the way: any other status may have a signature.
    """
    change = "UPDATE prescriptions SET status = %(new)s, signed_at = CASE WHEN %(new)s = 'draft' AND status = 'draft' \
        THEN NULL ELSE coalesce(signed_at, now()) END WHERE id = %(id)s"
    try:
        with explained(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, {"new": new, "id": prescription})
            raise Taken
    except Taken:
        return True
    except RuleBroken as refused:
        assert refused.rule == "prescriptions_status_follows"  # noqa: PT017 - whether it is refused is the question
        return False


class Taken(Exception):
    """Rolls the change back."""
