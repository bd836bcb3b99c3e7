"""Somebody made sure that a consent is what the patient meant, and that its document is the one that was signed."""

from __future__ import annotations

import hashlib
import hmac
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.audit import context
from compliance.consent.errors import DocumentDiffers, VerifiedAlready
from compliance.consent.versions import exceptions_of, successor, write
from compliance.retrying import retried

if TYPE_CHECKING:
    from compliance.accounts.models import User
    from compliance.consent.consent_record import ConsentRecord

VERIFY = "compliance.verify_consentrecord"


@retried
@transaction.atomic
def verify(consent: ConsentRecord, *, by: User) -> ConsentRecord:
    """Record that a consent was checked with whoever gave it. Raises VerifiedAlready or ConsentChanged."""
    require(by, VERIFY, consent)
    if consent.verified_at is not None:
        raise VerifiedAlready(consent.verified_at)
    with context.acting(by):
        following = successor(consent, verified_by=by, verified_at=timezone.now())
        return write(following, exceptions_of(consent), by=by)


@retried
@transaction.atomic
def attach_document(
    consent: ConsentRecord, document: IO[bytes], *, by: User, reference: str | None = None
) -> ConsentRecord:
    """Record the digest of the signed document, and where it is kept. The document itself is not kept here."""
    require(by, "compliance.give_consentrecord", consent)
    with context.acting(by):
        following = successor(
            consent,
            document_digest=digest(document),
            document_reference=reference,
            verified_by_id=consent.verified_by_id,
            verified_at=consent.verified_at,
        )
        return write(following, exceptions_of(consent), by=by)


def compare_document(consent: ConsentRecord, document: IO[bytes]) -> None:
    """Make sure that this is the document whose digest was recorded. Raises DocumentDiffers."""
    if not hmac.compare_digest(digest(document), consent.document_digest or ""):
        raise DocumentDiffers


def digest(document: IO[bytes]) -> str:
    """Give the SHA-256 of a document as hexadecimal digits, however long it is."""
    return hashlib.file_digest(document, "sha256").hexdigest()  # type: ignore[arg-type] # any file opened for bytes
