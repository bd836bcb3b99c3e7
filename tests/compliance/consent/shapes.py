"""What consents may say: each type with what it can be about, drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from compliance.consent.value_sets import AUTHORIZATIONS, Statement
from tests.compliance.consent.oracle import DENY, PERMIT, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNED: dict[str, Any] = {
    "information_description": "What the chart holds",
    "disclosers": ["Example Clinic"],
    "recipients": ["Example Institute"],
    "statements_shown": Statement.values,
    "signed_at": datetime(2024, 7, 1, tzinfo=UTC),
    "signature_method": "ink",
    "expires_event": "The end of the study",
}
RESOURCES = ("DocumentReference", "MedicationRequest", "AllergyIntolerance", "Encounter", "Appointment", "Coverage")
DAYS = (date(2024, 1, 10), date(2024, 3, 1), date(2024, 6, 10))
ROLES = ("physician", "nurse", "billing", "researcher")
ORDINARY, APART = ("HIV", "STD"), ("PSYTHPN", "42CFRPart2")
# Each type with its decision, its purposes, and the labels that it may name; of those in brackets it names them all.
TYPES: dict[tuple[str, str], tuple[tuple[str, ...], Sequence[str]]] = {
    ("restriction", DENY): (("TREAT", "HPAYMT", "HRESCH"), (*ORDINARY, *APART)),
    ("treatment", DENY): (("TREAT",), (*ORDINARY, *APART)),
    ("treatment", PERMIT): (("TREAT",), ORDINARY),
    ("tpo", PERMIT): (("TREAT", "HPAYMT"), ORDINARY),
    ("tpo", DENY): (("TREAT", "HPAYMT"), ORDINARY),
    ("research", PERMIT): (("HRESCH",), ORDINARY),
    ("hipaa_authorization", PERMIT): (("HRESCH", "HPAYMT", "TREAT"), ORDINARY),
    ("psychotherapy_notes", PERMIT): (("TREAT", "HRESCH", "HPAYMT"), ["PSYTHPN"]),
    ("part2_tpo", PERMIT): (("TREAT", "HPAYMT"), ["42CFRPart2"]),
}


@dataclass(frozen=True)
class Shape:
    """A consent as it is typed in. `account` of an exception is the place of one in the list of accounts."""

    of_type: str
    decision: str
    scope: Scope
    exceptions: tuple[Scope, ...]

    def facts(self) -> dict[str, Any]:
        signed = SIGNED if self.of_type in AUTHORIZATIONS else {}
        return {**signed, **typed_in(self.scope)}


def typed_in(scope: Scope) -> dict[str, Any]:
    return {
        "purposes": sorted(scope.purposes),
        "sensitivity_labels": sorted(scope.labels),
        "resource_types": sorted(scope.resources),
        "data_from": scope.data_from,
        "data_until": scope.data_until,
    }


def _some(draw: st.DrawFn, values: Sequence[str], *, least: int = 0) -> frozenset[str]:
    if isinstance(values, list) and least == 0:
        return frozenset(values)
    return frozenset(draw(st.lists(st.sampled_from(sorted(values)), min_size=least, max_size=2, unique=True)))


def _scope(draw: st.DrawFn, purposes: frozenset[str], labels: frozenset[str], **more: Any) -> Scope:
    resources = _some(draw, RESOURCES) if draw(st.integers(0, 4)) == 0 else frozenset()
    days = sorted(draw(st.lists(st.sampled_from(DAYS), max_size=2))) if draw(st.integers(0, 5)) == 0 else []
    since, until = (days[0] if days else None), (days[1] if len(days) > 1 else None)
    return Scope(purposes, labels, resources, since, until, **more)


@st.composite
def shapes(draw: st.DrawFn, of_type: str | None = None, decision: str | None = None) -> Shape:
    """Draw a consent, of a type if one is given, with at most two exceptions."""
    known = [one for one in TYPES if (of_type, decision) in {(None, None), one}]
    of_type, decision = draw(st.sampled_from(known))
    purposes, labels = TYPES[of_type, decision]
    scope = _scope(draw, _some(draw, purposes, least=1), _some(draw, labels))
    exceptions = [_exception(draw, scope, decision) for _ in range(draw(st.integers(0, 2)))]
    return Shape(of_type, decision, scope, tuple(one for one in exceptions if one is not None))


def _exception(draw: st.DrawFn, whole: Scope, decision: str) -> Scope | None:
    """Draw one within the whole. What takes an authorization is permitted by none."""
    purposes, labels = whole.purposes, whole.labels or frozenset((*ORDINARY, *APART))
    if decision == DENY:
        purposes, labels = purposes - {"HRESCH"}, labels - set(APART)
        if not purposes or not labels:
            return None
    narrower = draw(st.booleans()) or purposes != whole.purposes
    chosen = _some(draw, tuple(purposes), least=1) if narrower else frozenset()
    named = draw(st.booleans()) or bool(whole.labels - labels)
    who = draw(st.integers(0, 2))
    drawn = _scope(
        draw,
        chosen,
        _some(draw, tuple(labels), least=1) if named else frozenset(),
        roles=_some(draw, ROLES, least=1) if who == 1 else frozenset(),
        user=draw(st.integers(0, 6)) if who == 2 else None,
    )
    resources = drawn.resources & whole.resources if whole.resources else drawn.resources
    return Scope(drawn.purposes, drawn.labels, resources, drawn.data_from, drawn.data_until, drawn.roles, drawn.user)
