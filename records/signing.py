"""Sign a record: from then on it stands as it is, and a digest shows whether it still does.

The digest is SHA-256 over the bytes of FORM and, in the order of `_content`, of each value: its length as four bytes,
big-endian, and that many bytes of UTF-8. Unknown (NULL) is the length ff ff ff ff with nothing after it. So no value
can take over a piece of its neighbour. The values are

- public identifiers of the record, its patient, author, encounter and of the record that it amends: 36 characters, in
  lower case with hyphens;
- type, title, body;
- measurements as JSON with the names of each object in the order of their code points, no space between tokens, and
  nothing escaped but what JSON demands; numbers as Python writes them, after PostgreSQL's jsonb;
- code system, code, what the code means;
- when it was so and when it was signed, in UTC: 2024-05-06T09:00:00.000000+00:00;
- public identifier of the signer, capacity in which they signed.

Status and labels are not among them: they may change after the signature. This is no protection against whoever can
write the digest too; that is for the seals of the audit trail.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried
from records.authorship import provider_of
from records.charting import lock_draft
from records.errors import NothingToSign, NotSigned, NotTheAuthor
from records.value_sets import AttestationMode, RecordStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from compliance.clinical import ClinicalModel
    from compliance.models import User
    from records.medical_record import MedicalRecord

FORM = b"webqx medical record 1"
NULL = b"\xff\xff\xff\xff"


@retried
@transaction.atomic
def sign(record: MedicalRecord, *, by: User, mode: AttestationMode = AttestationMode.PROFESSIONAL) -> MedicalRecord:
    """Make a draft final, or amended if it amends another, and return it as it is now.

    What is signed is what was read: a draft that has changed since is refused. Raises NotAProvider, NotTheAuthor,
    NothingToSign, AlreadySigned, InError, RuleBroken, FieldsRefused and AccessDenied.
    """
    require(by, "records.sign_medicalrecord", record)
    signer = provider_of(by)
    draft = lock_draft(record)
    if draft.author_id != signer.pk:
        raise NotTheAuthor
    if not draft.body and not draft.structured:
        raise NothingToSign
    draft.status = RecordStatus.FINAL if draft.amends_id is None else RecordStatus.AMENDED
    draft.signed_at, draft.signed_by, draft.attestation_mode = timezone.now(), signer, mode
    draft.content_digest = digest(draft)
    keep(draft, "version", "status", "signed_at", "signed_by", "attestation_mode", "content_digest")
    return draft


def verify_content(record: MedicalRecord) -> bool:
    """Say whether a signed record, as it was read, is what was signed. Raises NotSigned.

    To verify many, read them with select_related("patient", "author", "encounter", "amends", "signed_by").
    """
    if record.content_digest is None:
        raise NotSigned
    return bytes(record.content_digest) == digest(record)


def digest(record: MedicalRecord) -> bytes:
    """Return the SHA-256 of a record's content, 32 bytes, in the form that this module describes."""
    return hashlib.sha256(FORM + b"".join(map(_prefixed, _content(record)))).digest()


def _content(record: MedicalRecord) -> Iterator[str | None]:
    yield from map(_uid, (record, record.patient, record.author, record.encounter, record.amends))
    yield from (record.record_type, record.title, record.body)
    yield (
        None
        if record.structured is None
        else json.dumps(record.structured, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    )
    yield from (record.code_system, record.code, record.code_display)
    yield from map(_moment, (record.effective_at, record.signed_at))
    yield from (_uid(record.signed_by), record.attestation_mode)


def _uid(row: ClinicalModel | None) -> str | None:
    return None if row is None else str(row.uid)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def _prefixed(value: str | None) -> bytes:
    if value is None:
        return NULL
    encoded = value.encode()
    return len(encoded).to_bytes(4, "big") + encoded
