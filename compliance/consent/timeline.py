"""What became of a patient's consents, version by version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.consent.comparing import Change, compare
from compliance.consent.value_sets import ConsentDecision, ConsentStatus, ConsentType
from compliance.consent.wording import exceptions_in_words, grantor_in_words, how_it_stands, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.consent.consent_record import ConsentRecord

_FIRST = {ConsentStatus.DRAFT: "Drafted", ConsentStatus.NOT_DONE: "Declined"}
_LAST = {
    ConsentStatus.INACTIVE: "Withdrawn",
    ConsentStatus.NOT_DONE: "Declined",
    ConsentStatus.ENTERED_IN_ERROR: "Marked as entered in error",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One version: what happened, what it says now, and what it changed of the one before."""

    version: ConsentRecord
    happened: str
    words: tuple[str, ...]
    given_by: str
    stands: str
    changes: tuple[Change, ...]


def entries(versions: Iterable[ConsentRecord]) -> list[Entry]:
    """Give an entry for each of these versions, in their order. Reads the exceptions of each."""
    known = {one.pk: one for one in versions}
    newer = {one.supersedes_id: one for one in known.values() if one.supersedes_id is not None}
    return [_entry(one, known.get(one.supersedes_id or 0), newer.get(one.pk)) for one in known.values()]


def happened(version: ConsentRecord, before: ConsentRecord | None) -> str:
    """Name what a version is, after the one before."""
    status = ConsentStatus(version.status)
    if version.version_no == 1:
        return _FIRST.get(status) or _given(version)
    if (ended := _LAST.get(status)) is not None or before is None:
        return ended or "Revised"
    if status != before.status:
        return "Signed"
    if version.verified_at != before.verified_at and version.verified_at is not None:
        return "Verified"
    return "Document recorded" if version.document_digest != before.document_digest else "Revised"


def _given(version: ConsentRecord) -> str:
    if version.consent_type == ConsentType.RESTRICTION:
        return "Agreed to"
    return "Given" if version.decision == ConsentDecision.PERMIT else "Refused"


def _entry(version: ConsentRecord, before: ConsentRecord | None, newer: ConsentRecord | None) -> Entry:
    return Entry(
        version,
        happened(version, before),
        (in_words(version), *exceptions_in_words(version)),
        grantor_in_words(version),
        how_it_stands(version, newer),
        tuple(compare(before, version)) if before is not None else (),
    )
