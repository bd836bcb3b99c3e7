"""Finding a patient who is not in one's care: name, birth date, record number, and nothing else.

A name alone is not enough, nor is a day: either would let people browse through their neighbours. Whoever knows both,
or the record number, has the person or their papers before them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import connection

from compliance.access import require, visible_to
from compliance.audit import context, recording
from patients.errors import NotEnoughToGoOn
from patients.models import Patient

if TYPE_CHECKING:
    from datetime import date

    from compliance.models import User

MOST = 20  # as locate_patients() in PostgreSQL
SHORTEST = 2  # letters of a family name


@dataclass(frozen=True, slots=True)
class Located:
    """What is shown of a patient whom one may not open yet. `in_care`: whether one may."""

    pk: int
    family_name: str | None
    given_name: str | None
    birth_date: date
    mrn: str
    in_care: bool = False

    @property
    def name(self) -> str:
        return ", ".join(filter(None, (self.family_name, self.given_name)))


def locate(
    *, by: User, family_name: str | None = None, birth_date: date | None = None, mrn: str | None = None
) -> list[Located]:
    """Find at most twenty patients by record number or, without one, by the family name's beginning and the birth date.

    Of merged records the one that goes on is shown. The trail has an entry of whom it showed, before it is shown.
    Raises AccessDenied or NotEnoughToGoOn.
    """
    require(by, "patients.locate_patient")
    family_name, mrn = (" ".join((text or "").split()) or None for text in (family_name, mrn))
    if mrn is None and (birth_date is None or len(family_name or "") < SHORTEST):
        raise NotEnoughToGoOn
    with context.acting(by):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM locate_patients(%s, %s, %s)", [family_name, birth_date, mrn])
            found = [Located(*row) for row in cursor.fetchall()]
        recording.found(
            Patient,
            count=len(found),
            patients=[one.pk for one in found],
            searched=mrn or f"{family_name} {birth_date}",
        )
        keys = [one.pk for one in found]
        mine = set(visible_to(Patient.objects.filter(pk__in=keys), by).values_list("pk", flat=True))
    return [replace(one, in_care=one.pk in mine) for one in found]
