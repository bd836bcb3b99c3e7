"""Correct a signed record: with a new one in its place, or by saying that it was a mistake as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from django.db import transaction

from compliance.access import require
from compliance.keeping import keep, refuse_others
from compliance.retrying import retried
from records.authorship import provider_of
from records.charting import Revision
from records.errors import AlreadyAmended, InError, NotSigned
from records.medical_record import MedicalRecord
from records.value_sets import RecordStatus

if TYPE_CHECKING:
    from compliance.models import User

PERMISSION = "records.amend_medicalrecord"
# What an amendment takes over unless it says otherwise; labels too, so that what was protected stays so.
CARRIED = ("patient", "encounter", *Revision.__annotations__)


@retried
@transaction.atomic
def amend(record: MedicalRecord, *, by: User, **changes: Unpack[Revision]) -> MedicalRecord:
    """Write a draft that will stand in a signed record's place once it is signed, and return it.

    It says what the record says but for the changes, and its author is the provider of the account. Raises
    NotAProvider, NotSigned, InError, AlreadyAmended, RuleBroken, FieldsRefused and AccessDenied.
    """
    require(by, PERMISSION, record)
    refuse_others(changes, Revision.__annotations__)
    author = provider_of(by)
    original = _lock(record)
    if original.signed_at is None:
        raise NotSigned
    if (other := original.amended_by.exclude(status=RecordStatus.ENTERED_IN_ERROR).first()) is not None:
        raise AlreadyAmended(signed=other.signed_at is not None)
    carried = {name: getattr(original, name) for name in CARRIED}
    draft = MedicalRecord(author=author, amends=original, **{**carried, **changes})
    keep(draft)
    return draft


@retried
@transaction.atomic
def enter_in_error(record: MedicalRecord, *, by: User) -> MedicalRecord:
    """Say that a record, signed or not, should not have been written; return it as it is now.

    It stays, for who acted on it. What it amended stands again. Raises InError when that was said before, and
    AccessDenied.
    """
    require(by, PERMISSION, record)
    locked = _lock(record)
    locked.status = RecordStatus.ENTERED_IN_ERROR
    keep(locked, "status")
    return locked


def _lock(record: MedicalRecord) -> MedicalRecord:
    locked = MedicalRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
    if locked.status == RecordStatus.ENTERED_IN_ERROR:
        raise InError
    return locked
