"""Write a draft into a chart, and change it until it is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep, refuse_others
from compliance.retrying import retried
from records.authorship import provider_of
from records.errors import AlreadySigned, InError
from records.medical_record import MedicalRecord
from records.value_sets import RecordStatus

if TYPE_CHECKING:
    from datetime import datetime

    from appointments.models import Encounter
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider


class Content(TypedDict, total=False):
    """What a record can say beside its type and title: the fields of the model of these names."""

    body: str
    structured: Any  # JSON: an object of names and values
    code_system: str | None
    code: str | None
    code_display: str | None
    effective_at: datetime
    is_part2: bool
    confidentiality: str
    sensitivity: list[str]


class Revision(Content, total=False):
    """What can be changed of a draft."""

    record_type: str
    title: str


@retried
@transaction.atomic
def chart(
    patient: Patient,
    *,
    by: User,
    record_type: str,
    title: str,
    author: Provider | None = None,
    encounter: Encounter | None = None,
    **content: Unpack[Content],
) -> MedicalRecord:
    """Write a draft into a patient's chart, as of now unless `effective_at` says otherwise, and return it.

    Its author is the provider of the account; a scribe's account names another, who will have to sign it. Raises
    NotAProvider, RuleBroken (such as for a merged patient), FieldsRefused and AccessDenied.
    """
    require(by, "records.add_medicalrecord", patient)
    refuse_others(content, Content.__annotations__)
    draft = MedicalRecord(
        patient=patient,
        author=author or provider_of(by),
        encounter=encounter,
        record_type=record_type,
        title=title,
        **{"effective_at": timezone.now(), **content},
    )
    keep(draft)
    return draft


@retried
@transaction.atomic
def revise(record: MedicalRecord, *, by: User, **changes: Unpack[Revision]) -> MedicalRecord:
    """Change a draft, and return it as it is now.

    Raises AlreadySigned, InError, RuleBroken when somebody else changed it since `record` was read, FieldsRefused and
    AccessDenied.
    """
    require(by, "records.change_medicalrecord", record)
    refuse_others(changes, Revision.__annotations__)
    draft = lock_draft(record)
    for name, value in changes.items():
        setattr(draft, name, value)
    keep(draft, "version", *changes)
    return draft


def lock_draft(record: MedicalRecord) -> MedicalRecord:
    """Lock a draft and return it as it is now, but with the version that was read: a save refuses what is stale."""
    draft = MedicalRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
    if draft.status == RecordStatus.ENTERED_IN_ERROR:
        raise InError
    if draft.signed_at is not None:
        raise AlreadySigned
    draft.version = record.version
    return draft
