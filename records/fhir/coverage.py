"""insurance_info as FHIR Coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.value_sets import CoverageKind, SubscriberRelationship
from records.fhir import systems
from records.fhir.elements import (
    UNKNOWN,
    Element,
    choice,
    coding,
    concept,
    day,
    extension,
    filled,
    identifier,
    member_of_staff,
    moment,
    number,
    own,
    period,
    reference,
    resource,
)

if TYPE_CHECKING:
    from patients.models import InsuranceInfo

_SUBSCRIBER = "subscriber"


def coverage(row: InsuranceInfo) -> Element:
    """Make the Coverage. R4 has no kind: it is carried as R5 has it, and self-pay as its type too."""
    return resource(
        "Coverage",
        row,
        contained=[_subscriber(row)],
        extension=[
            extension(systems.from_r5("Coverage.kind"), valueCode=row.kind),
            own("self-pay-restriction", valueBoolean=row.self_pay_restriction),
            own("verification", extension=_verification(row)),
        ],
        identifier=[identifier("MB", None, row.member_id)],
        status=row.status,
        type=_type(row),
        subscriber=_subscriber_reference(row),
        subscriberId=row.subscriber_id or row.member_id,
        beneficiary=reference(row.patient),
        relationship=choice(f"{systems.HL7}/subscriber-relationship", SubscriberRelationship, row.relationship),
        period=period(day(row.period_start), day(row.period_end)),
        payor=[_payor(row)],
        **{"class": _classes(row)},
        order=row.coverage_order,
        network=row.network,
        costToBeneficiary=[_copay(row)],
    )


def _type(row: InsuranceInfo) -> Element:
    return concept(coding(f"{systems.HL7}/coverage-selfpay", "pay")) if row.kind == CoverageKind.SELF_PAY else {}


def _payor(row: InsuranceInfo) -> Element:
    """Say who pays. FHIR wants a payor: who pays for themselves is theirs, and one that is not known says so."""
    payer: Element = filled(
        {"identifier": identifier(None, systems.own_system("payer"), row.payer_id), "display": row.payer_name}
    )
    if payer:
        return {"type": "Organization", **payer}
    return reference(row.patient) if row.kind == CoverageKind.SELF_PAY else UNKNOWN


def _named(row: InsuranceInfo) -> Element:
    found: Element = filled({"name": [{"text": row.subscriber_name}], "birthDate": day(row.subscriber_birth_date)})
    return found


def _subscriber(row: InsuranceInfo) -> Element:
    """Describe the subscriber inside the Coverage: they are known from here only."""
    if not (named := _named(row)):
        return {}
    return {"resourceType": "RelatedPerson", "id": _SUBSCRIBER, "patient": reference(row.patient), **named}


def _subscriber_reference(row: InsuranceInfo) -> Element:
    if _named(row):
        return {"reference": f"#{_SUBSCRIBER}"}
    return reference(row.patient) if row.relationship == SubscriberRelationship.SELF else {}


def _classes(row: InsuranceInfo) -> list[Element]:
    values = {
        "group": row.group_number,
        "plan": row.plan_name,
        "rxbin": row.rx_bin,
        "rxpcn": row.rx_pcn,
        "rxgroup": row.rx_group,
    }
    return [
        {"type": concept(coding(f"{systems.HL7}/coverage-class", code)), "value": value}
        for code, value in values.items()
        if value and value.strip()
    ]


def _copay(row: InsuranceInfo) -> Element:
    if row.copay is None:
        return {}
    return {
        "type": concept(coding(f"{systems.HL7}/coverage-copay-type", "copay")),
        "valueMoney": {"value": number(row.copay), "currency": "USD"},
    }


def _verification(row: InsuranceInfo) -> list[Element]:
    return [
        extension("at", valueDateTime=moment(row.verified_at)),
        extension("by", valueReference=member_of_staff(row.verified_by)),
    ]
