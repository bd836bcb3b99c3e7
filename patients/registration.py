"""A person gets a record, once: records that may be theirs are offered first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q

from compliance.access import require
from compliance.audit import recording
from compliance.keeping import check_fields, keep, refuse_others, typed_in
from compliance.retrying import retried
from patients.errors import LikelyDuplicates
from patients.likeness import Reason, reason
from patients.merging import survivor
from patients.models import Patient

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from compliance.models import User

# What records are compared by.
COMPARED = (
    *("uid", "merged_into", "mrn", "assigning_authority", "family_name", "given_name", "previous_name"),
    *("birth_date", "ssn", "phone", "mobile_phone"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be of the same person, by its keys, and why. It is one that goes on, never a merged one."""

    pk: int
    uid: UUID
    reason: Reason


def likely_duplicates(patient: Patient) -> list[Candidate]:
    """Return the records that may be of the same person as this one, saved or not, likeliest first.

    People are born once: but for the two numbers that are unique, only those of the same birth date are compared. It
    has an index, and stays one comparison for equality when names and dates are encrypted. Of merged records the one
    that goes on is returned. Whoever asks learns of other people: the trail has an entry of whom.
    """
    return _shown(_compared(patient))


def _compared(patient: Patient) -> list[Candidate]:
    wanted = Q(birth_date=patient.birth_date) | Q(mrn=patient.mrn)
    if patient.ssn is not None:
        wanted |= Q(ssn=patient.ssn)
    itself = survivor(patient).pk if patient.pk is not None else None
    found: dict[int, Candidate] = {}
    for other in Patient.objects.filter(wanted).only(*COMPARED):
        if (why := reason(patient, other)) is None:
            continue
        person = other if other.merged_into_id is None else survivor(other)
        if person.pk != itself and (person.pk not in found or _rank(why) < _rank(found[person.pk].reason)):
            found[person.pk] = Candidate(person.pk, person.uid, why)
    return sorted(found.values(), key=lambda candidate: (_rank(candidate.reason), candidate.pk))


@retried
@transaction.atomic
def register(*, by: User, other_than: Collection[UUID] = (), **facts: Any) -> Patient:
    """Make a record for a person; `facts` are fields of Patient.

    `other_than` are the public identifiers of the likely duplicates that somebody has looked at and found to be other
    people. Raises LikelyDuplicates when there are more, FieldsRefused or RuleBroken.
    """
    require(by, "patients.add_patient")
    refuse_others(facts, typed_in(Patient))
    patient = Patient(**facts)
    check_fields(patient)
    _take_turns(patient.birth_date)
    if unseen := [candidate for candidate in _compared(patient) if candidate.uid not in other_than]:
        raise LikelyDuplicates(_shown(unseen))
    keep(patient)
    return patient


def _shown(candidates: list[Candidate]) -> list[Candidate]:
    recording.found(Patient, count=len(candidates), patients=[candidate.pk for candidate in candidates])
    return candidates


def _rank(why: Reason) -> int:
    return list(Reason).index(why)


def _take_turns(born: date) -> None:
    """Let people of one birth date be registered one after the other, so that each sees those before.

    Two who register one person under two numbers at the same time would otherwise not see each other's record. The lock
    ends with the transaction; the many days share a few locks, since the server has room for a few thousand.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('patients.register'), %s)", [born.toordinal() % 256])
