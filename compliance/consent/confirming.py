"""From what was typed in to the capability, and back to whoever typed it: what it would come to, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance.consent.consent_forms import Step, digest
from compliance.consent.errors import NotConfirmed
from compliance.consent.giving import activate, draft, give, revise
from compliance.consent.glance import changes, now_of
from compliance.consent.restricting import restrict
from compliance.consent.value_sets import ConsentDecision, ConsentStatus, ConsentType
from compliance.consent.wording import exceptions_in_words, grantor_in_words, how_it_stands, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.accounts.models import User
    from compliance.consent.consent_record import ConsentRecord

_FIXED = ("patient", "consent_type", "decision")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a version would say, and what would hold differently, as sentences before and after."""

    words: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    digest: str


def record(
    before: ConsentRecord | None,
    facts: dict[str, Any],
    exceptions: Sequence[dict[str, Any]],
    *,
    step: Step,
    confirmed: str,
    by: User,
) -> ConsentRecord:
    """Write what was typed in, as a first version or as the one that follows `before`, once it is confirmed.

    It is written to see what it comes to. What was not confirmed so is taken back by NotConfirmed, which the caller's
    transaction does not survive. Raises also as `give` does.
    """
    patient = facts["patient"].pk if before is None else before.patient_id
    seen = digest(str(before and before.pk), str(step), facts, *exceptions)
    held = now_of(patient)
    written = _first(facts, exceptions, step, by) if before is None else _following(before, facts, exceptions, step, by)
    if confirmed != seen:
        words = (in_words(written), *exceptions_in_words(written))
        given_by = f"Given by {grantor_in_words(written)}. It {_becomes(written)}."
        raise NotConfirmed(Outcome((*words, given_by), tuple(changes(held, now_of(patient))), seen))
    return written


def _becomes(written: ConsentRecord) -> str:
    stands = how_it_stands(written)
    return f"is {stands}" if written.status == ConsentStatus.DRAFT else stands


def _first(facts: dict[str, Any], exceptions: Sequence[dict[str, Any]], step: Step, by: User) -> ConsentRecord:
    patient, kind = facts["patient"], ConsentType(facts["consent_type"])
    decision = ConsentDecision(facts["decision"])
    said = {name: value for name, value in facts.items() if name not in _FIXED}
    opposite = [{**one, "decision": decision.opposite} for one in exceptions]
    if step == Step.GIVE and kind == ConsentType.RESTRICTION:
        against = [{**one, "decision": ConsentDecision.PERMIT} for one in exceptions]
        return restrict(patient, by=by, exceptions=against, **said)
    verb = give if step == Step.GIVE else draft
    return verb(patient, by=by, consent_type=kind, decision=decision, exceptions=opposite, **said)


def _following(
    before: ConsentRecord, facts: dict[str, Any], exceptions: Sequence[dict[str, Any]], step: Step, by: User
) -> ConsentRecord:
    opposite = [{**one, "decision": ConsentDecision(before.decision).opposite} for one in exceptions]
    verb = activate if before.status == ConsentStatus.DRAFT and step == Step.GIVE else revise
    return verb(before, by=by, exceptions=opposite, **facts)
