"""consent_records, with the exceptions inside them, as FHIR Consent. Each version is a resource of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.consent.value_sets import (
    ConsentLabel,
    ConsentType,
    GrantorKind,
    RepresentativeAuthority,
    ResourceType,
    Statement,
)
from compliance.models import User
from compliance.purposes import Purpose
from records.fhir import consent_codes as codes
from records.fhir import systems
from records.fhir.elements import (
    Element,
    base64_of,
    coding,
    concept,
    day,
    extension,
    filled,
    member_of_staff,
    moment,
    own,
    period,
    reference,
    urn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import TextChoices

    from compliance.models import ConsentProvision, ConsentRecord

_GRANTOR = "grantor"


def consent(row: ConsentRecord) -> Element:
    """Make the Consent of one version, with the exceptions that were written with it."""
    kind = ConsentType(row.consent_type)
    grantor = _grantor(row)
    found: Element = filled(
        {
            "resourceType": "Consent",
            "id": str(row.uid),
            "meta": {"versionId": str(row.version_no), "lastUpdated": moment(row.recorded_at)},
            "contained": [_representative(row)],
            "extension": _extensions(row),
            "identifier": [{"system": codes.CONSENT, "value": str(row.consent_uid)}],
            "status": codes.STATUS[row.Status(row.status)],
            "scope": concept(coding(systems.CONSENT_SCOPE, codes.scope(kind))),
            "category": [
                concept(coding(systems.LOINC, codes.category(kind)), coding(codes.TYPE, kind.value, str(kind.label)))
            ],
            "patient": reference(row.patient),
            "dateTime": moment(row.signed_at),
            "performer": [grantor],
            "sourceAttachment": _document(row),
            "policy": [{"uri": codes.policy(kind)}],
            "policyRule": concept(coding(systems.ACT_CODE, codes.DECISION[row.Decision(row.decision)])),
            "verification": [_verification(row, grantor)],
            "provision": _provision(row),
        }
    )
    return found


def exception(row: ConsentProvision) -> Element:
    """Make the nested provision of an exception: what it leaves out is as its consent has it."""
    actors = [
        *(_actor(codes.ACCOUNT_ROLE, role, {"type": "Group", "display": _role(role)}) for role in row.roles),
        _actor(systems.PARTICIPATION, codes.RECIPIENT, member_of_staff(row.user)),
    ]
    return {"type": row.decision, "actor": actors, **_about(row)}


def _provision(row: ConsentRecord) -> Element:
    actors = [
        *_named(systems.PARTICIPATION, codes.CUSTODIAN, row.disclosers),
        *_named(systems.PARTICIPATION, codes.RECIPIENT, row.recipients),
        *_named(codes.ACTOR, codes.INTERMEDIARY, row.intermediaries),
    ]
    exceptions = sorted(row.provisions.all(), key=lambda one: one.number)
    return {
        "period": period(moment(row.starts_at), moment(row.ends_at)),
        "actor": actors,
        "action": [concept(coding(systems.CONSENT_ACTION, code)) for code in codes.ACTIONS],
        **_about(row),
        # The visit and whatever refers to it.
        "data": [{"meaning": "dependents", "reference": reference(row.encounter)}] if row.encounter else None,
        "provision": [exception(one) for one in exceptions],
    }


def _about(row: ConsentRecord | ConsentProvision) -> Element:
    """Say what a consent and an exception have in common: which information, for what, of which days."""
    return {
        "securityLabel": _codings(systems.ACT_CODE, ConsentLabel, row.sensitivity_labels),
        "purpose": _codings(systems.ACT_REASON, Purpose, row.purposes),
        "class": _codings(systems.RESOURCE_TYPES, ResourceType, row.resource_types),
        "dataPeriod": period(day(row.data_from), day(row.data_until)),
    }


def _codings(system: str, values: type[TextChoices], of: Iterable[str]) -> Sequence[Element]:
    return [coding(system, code, str(values(code).label)) for code in of]


def _named(system: str, code: str, names: Iterable[str]) -> Iterable[Element]:
    return (_actor(system, code, {"display": name}) for name in names if name.strip())


def _actor(system: str, code: str, who: Element) -> Element:
    return {"role": concept(coding(system, code)), "reference": who} if who else {}


def _role(code: str) -> str:
    return str(User.Role(code).label)


def _grantor(row: ConsentRecord) -> Element:
    if row.grantor_kind == GrantorKind.PATIENT:
        return {**reference(row.patient), "type": "Patient"}
    return {"reference": f"#{_GRANTOR}", "type": "RelatedPerson"}


def _representative(row: ConsentRecord) -> Element:
    """Describe the representative inside the Consent: they are known from here only."""
    if row.grantor_kind == GrantorKind.PATIENT:
        return {}
    authority = RepresentativeAuthority(row.representative_authority) if row.representative_authority else None
    relationship = (
        concept(
            coding(systems.ROLE_CODE, codes.ROLE_CODES.get(authority)),
            coding(codes.AUTHORITY, authority.value, str(authority.label)),
        )
        if authority
        else {}
    )
    return {
        "resourceType": "RelatedPerson",
        "id": _GRANTOR,
        "patient": reference(row.patient),
        "relationship": [relationship],
        "name": [{"text": row.grantor_name}],
    }


def _document(row: ConsentRecord) -> Element:
    """Say which document was signed. R4's hash is a SHA-1, which ours is not."""
    digest = base64_of(bytes.fromhex(row.document_digest)) if row.document_digest else None
    return {
        "extension": [
            own("sha256", valueBase64Binary=digest),
            own("document-reference", valueString=row.document_reference),
        ],
        "title": row.form_version,
    }


def _verification(row: ConsentRecord, grantor: Element) -> Element:
    if not (row.verified_at or row.verified_by):
        return {}
    return {
        "extension": [own("verified-by", valueReference=member_of_staff(row.verified_by))],
        "verified": True,
        "verifiedWith": grantor,
        "verificationDate": moment(row.verified_at),
    }


def _extensions(row: ConsentRecord) -> list[Element]:
    signature = [extension("method", valueCode=row.signature_method), extension("witness", valueString=row.witness)]
    withdrawal = [
        extension("channel", valueCode=row.withdrawal_channel),
        extension("received-at", valueDateTime=moment(row.withdrawal_received_at)),
    ]
    return [
        own("supersedes", valueReference={"reference": urn(row.supersedes.uid)} if row.supersedes else None),
        own("recorded-by", valueReference=member_of_staff(row.recorded_by)),
        own("information", valueString=row.information_description),
        own("expires-event", valueString=row.expires_event),
        own("self-paid", valueBoolean=row.self_paid or None),
        *(own("statement-shown", valueCode=Statement(one).value) for one in row.statements_shown),
        own("signature", extension=signature),
        own("withdrawal", extension=withdrawal),
    ]
