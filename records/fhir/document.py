"""medical_records as FHIR DocumentReference."""

from __future__ import annotations

import json

from django.db.models import Exists, OuterRef

from records.fhir import systems
from records.fhir.elements import (
    Element,
    base64_of,
    coding,
    concept,
    extension,
    labelled,
    moment,
    own,
    reference,
    resource,
)
from records.medical_record import SIGNED, MedicalRecord
from records.value_sets import RecordStatus, RecordType

# LOINC's document codes, where one means the same kind of document. The project's own code always stands beside it.
_LOINC_TYPES = {
    RecordType.PROGRESS_NOTE: "11506-3",
    RecordType.DISCHARGE_SUMMARY: "18842-5",
    RecordType.CONSULT: "11488-4",
    RecordType.LAB_RESULT: "11502-2",
    RecordType.IMAGING: "18748-4",
    RecordType.PROCEDURE: "28570-0",
}
# To be read with each row, as `superseded`: whether a signed record stands in its place.
SUPERSEDED = Exists(MedicalRecord.objects.filter(amends=OuterRef("pk"), status__in=SIGNED))
_PART_2 = "42CFRPart2"


def document_reference(row: MedicalRecord) -> Element:
    """Make the DocumentReference, with the text and the measurements inside it."""
    kind = RecordType(row.record_type)
    return resource(
        "DocumentReference",
        row,
        security=labelled(row, *([_PART_2] if row.is_part2 else [])),
        extension=[own("attestation", extension=_attestation(row))],
        status=_status(row),
        docStatus=row.status,
        type=concept(
            coding(systems.LOINC, _LOINC_TYPES.get(kind)),
            coding(systems.own_system("record-type"), kind.value, str(kind.label)),
            text=str(kind.label),
        ),
        subject=reference(row.patient),
        date=moment(row.created_at),
        author=[reference(row.author)],
        authenticator=reference(row.signed_by),
        relatesTo=[{"code": "replaces", "target": reference(row.amends)}] if row.amends else None,
        description=row.title,
        content=_content(row),
        context={
            "encounter": [reference(row.encounter)],
            "event": [concept({"system": row.code_system, "code": row.code, "display": row.code_display})],
            "period": {"start": moment(row.effective_at)},
        },
    )


def _status(row: MedicalRecord) -> str:
    """Say whether the document holds: not once a signed record amends it; a draft of an amendment changes nothing."""
    if row.status == RecordStatus.ENTERED_IN_ERROR:
        return "entered-in-error"
    return "superseded" if getattr(row, "superseded", False) else "current"


def _content(row: MedicalRecord) -> list[Element]:
    """Give the text, which FHIR wants also when it is empty, and the measurements beside it."""
    text = {"contentType": "text/plain; charset=utf-8", "data": base64_of(row.body.encode()), "title": row.title}
    if row.structured is None:
        return [{"attachment": text}]
    measured = base64_of(json.dumps(row.structured, ensure_ascii=False).encode())
    return [{"attachment": text}, {"attachment": {"contentType": "application/json", "data": measured}}]


def _attestation(row: MedicalRecord) -> list[Element]:
    """Carry how it was signed. R4 has the signer only, as authenticator."""
    digest = bytes(row.content_digest) if row.content_digest else None
    return [
        extension("mode", valueCode=row.attestation_mode),
        extension("at", valueInstant=moment(row.signed_at)),
        extension("sha256", valueBase64Binary=base64_of(digest) if digest else None),
    ]
