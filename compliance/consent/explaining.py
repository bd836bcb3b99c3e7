"""Why was this shown, or not? All that spoke, what decided, where it is written, and what would change it.

That it was asked, and what was answered, stands in the trail before it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from compliance.audit import recording
from compliance.audit.models import ConsentSaid, EventType
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.deciding import Basis, Decision, decide_for
from compliance.consent.otherwise import changes
from compliance.consent.value_sets import ANY_LABEL, CITATIONS, ConsentType
from compliance.consent.voices import Voice, heard, in_force

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import Model

    from compliance.accounts.models import User


@dataclass(frozen=True, slots=True)
class Reason:
    """One that spoke, in words. `about` is the label that was asked about, * when none was.

    `decided` marks the one by which the whole was decided. The first one about a label decides about that label.
    """

    about: str
    weight: int
    permits: bool
    what: str
    why: str
    citation: str
    decided: bool
    consent: int | None
    provision: int | None
    rule: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with all its reasons, and what would make it another one. `account` is None for any.

    `silent` are the consents that hold for the purpose and did not speak, being about something or somebody else.
    """

    purpose: str
    labels: tuple[str, ...]
    resource: str | None
    account: int | None
    at: datetime
    decision: Decision
    reasons: tuple[Reason, ...]
    silent: tuple[int, ...]
    otherwise: tuple[str, ...]


def explain(
    patient: Model,
    actor: User | None,
    purpose: str,
    labels: Collection[str] = (),
    at: datetime | None = None,
    *,
    resource: str | None = None,
) -> Explanation:
    """Explain what `decide` says, as of any moment. With no actor, None, it is what holds for whoever has no role.

    Whoever calls this has made sure that the asker may see the patient's consents. Raises NotRecorded. A question that
    cannot be answered, such as one about a purpose that is not known, gives a no without reasons.
    """
    at = at or _now()
    account = None if actor is None else actor.pk
    decision = decide_for(patient.pk, account, purpose, labels, at=at, resource=resource)
    asked = tuple(sorted(set(labels)))
    known = decision.basis != Basis.ERROR
    spoke = heard(patient.pk, account, purpose, asked, at=at, resource=resource) if known else []
    silent = in_force(patient.pk, purpose, at) - {one.consent for one in spoke} if known else set()
    explanation = Explanation(
        purpose=purpose,
        labels=asked,
        resource=resource,
        account=account,
        at=at,
        decision=decision,
        reasons=_reasons(spoke, decision),
        silent=tuple(sorted(silent)),
        otherwise=tuple(changes(spoke, asked or (ANY_LABEL,), purpose)) if known else (),
    )
    _record(patient, explanation)
    return explanation


def document(explanation: Explanation) -> dict[str, Any]:
    """Give the same for machines: what json.dumps takes."""
    decision = explanation.decision
    return {
        "purpose": explanation.purpose,
        "labels": list(explanation.labels),
        "resource": explanation.resource,
        "account": explanation.account,
        "at": explanation.at.isoformat(),
        "permits": decision.permits,
        "basis": decision.basis.value,
        "why": decision.why,
        "citation": decision.citation,
        "reasons": [{name: getattr(one, name) for name in Reason.__slots__} for one in explanation.reasons],
        "silent": list(explanation.silent),
        "otherwise": list(explanation.otherwise),
    }


def _now() -> datetime:
    """Give the time on PostgreSQL's clock, by which consents begin and end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _reasons(voices: Collection[Voice], decision: Decision) -> tuple[Reason, ...]:
    consents = ConsentRecord.objects.in_bulk({one.consent for one in voices if one.consent is not None})
    return tuple(
        Reason(
            about=one.asked,
            weight=one.weight,
            permits=one.permits,
            what=_what(one),
            why=_why(one, consents),
            citation=one.citation or _citation(one, consents),
            decided=one.place == 1 and _is_it(one, decision),
            consent=one.consent,
            provision=one.provision,
            rule=one.rule,
        )
        for one in voices
    )


def _is_it(voice: Voice, decision: Decision) -> bool:
    said = (decision.permits, decision.label, decision.consent, decision.provision, decision.basis == Basis.EMERGENCY)
    return said == (voice.permits, voice.label, voice.consent, voice.provision, voice.emergency)


def _what(voice: Voice) -> str:
    if voice.emergency:
        return "emergency"
    if voice.consent is None:
        return "rule"
    exception = "" if voice.provision is None else f"exception {voice.number or 'of a number that is not shown'} to "
    return f"{exception}consent {voice.consent}"


def _citation(voice: Voice, consents: Mapping[int, ConsentRecord]) -> str:
    """Say where such a consent is written of, to who may see what kind it is."""
    consent = None if voice.consent is None else consents.get(voice.consent)
    return "" if consent is None else CITATIONS[ConsentType(consent.consent_type)]


def _why(voice: Voice, consents: Mapping[int, ConsentRecord]) -> str:
    if voice.emergency:
        return "An emergency is open, which goes before a refusal here."
    if voice.consent is None:
        return voice.reason
    if (consent := consents.get(voice.consent)) is None:
        return "Whoever asks may not see this consent."
    until = f", until {written(consent.ends_at)}" if consent.ends_at else ""
    kind = consent.get_consent_type_display()
    return f"{kind}: version {consent.version_no}, recorded on {written(consent.recorded_at)}{until}."


def written(at: datetime) -> str:
    """Write a moment for people, in UTC and saying so: an hour that a time zone has twice is told apart."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _record(patient: Model, explanation: Explanation) -> None:
    decision = explanation.decision
    permitted = ConsentSaid.NOT_REQUIRED if decision.consent is None else ConsentSaid.PERMIT
    consents = sorted({one.consent for one in explanation.reasons if one.consent is not None})
    with recording.or_refused():
        kind = ContentType.objects.get_for_model(ConsentRecord)
    recording.record(
        EventType.QUERY,
        content_type=kind,
        table_name=ConsentRecord._meta.db_table,  # noqa: SLF001 - Django's API
        object_repr="explanation of a decision about consent",
        patient_ids=[patient.pk],
        result_count=len(consents),
        consent_decision=permitted if decision.permits else ConsentSaid.DENY,
        consent_id=decision.consent,
        consent_ids=consents or None,
        additional_data={
            "explained": {
                "account": explanation.account,
                "purpose": explanation.purpose,
                "labels": list(explanation.labels),
                "resource": explanation.resource,
                "at": explanation.at.isoformat(),
            }
        },
    )
