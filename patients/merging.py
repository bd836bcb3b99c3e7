"""Two records of one person become one chart, and can be taken apart again. Nothing moves: a merge is a pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried
from patients.errors import AlreadyMerged, MergedIntoItself, NotASurvivor, NotMerged
from patients.models import Patient

if TYPE_CHECKING:
    from compliance.models import User


@retried
@transaction.atomic
def merge(duplicate: Patient, *, into: Patient, by: User) -> Patient:
    """Let one record go on in the place of another of the same person; return the one that was merged.

    Both keep their rows, their account and their appointments. `Patient.objects.same_person_as` reads them as one.
    Raises MergedIntoItself, AlreadyMerged or NotASurvivor.
    """
    require(by, "patients.merge_patient", duplicate)
    require(by, "patients.merge_patient", into)
    if duplicate.pk == into.pk:
        raise MergedIntoItself
    # Everybody locks in the order of keys, so that two who merge crosswise do not wait for each other.
    locked = Patient.objects.select_for_update().order_by("pk").in_bulk([duplicate.pk, into.pk])
    ends, goes_on = locked[duplicate.pk], locked[into.pk]
    if ends.merged_into_id is not None:
        raise AlreadyMerged(survivor(ends).uid)
    if goes_on.merged_into_id is not None:
        raise NotASurvivor(survivor(goes_on).uid)
    ends.merged_into, ends.merged_at = goes_on, timezone.now()
    keep(ends, "merged_into", "merged_at")
    return ends


@retried
@transaction.atomic
def unmerge(patient: Patient, *, by: User) -> Patient:
    """Let a merged record go on by itself again, with what was merged into it. Raises NotMerged."""
    require(by, "patients.merge_patient", patient)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if locked.merged_into_id is None:
        raise NotMerged
    locked.merged_into = locked.merged_at = None
    keep(locked, "merged_into", "merged_at")
    return locked


def survivor(patient: Patient) -> Patient:
    """Return the record that goes on for this person, over as many merges as there were; itself when there was none."""
    return Patient.objects.same_person_as(patient).current().get()
