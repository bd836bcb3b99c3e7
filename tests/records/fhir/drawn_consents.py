"""Consents of every type, with whatever they may say, drawn by Hypothesis as `give` and `draft` take them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from compliance.consent.value_sets import (
    AUTHORIZATIONS,
    BY_AUTHORIZATION,
    OF_PART_2,
    PART_2,
    REFUSALS,
    ConsentLabel,
    ConsentType,
    ResourceType,
    SignatureMethod,
    Statement,
)
from compliance.models import User
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from appointments.models import Encounter

# FHIR's texts have no control characters, and what is typed in loses outer spaces.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text == text.strip()
)
PAST = st.datetimes(datetime(2000, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
COMING = st.datetimes(datetime(2900, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.dates(date(1990, 1, 1), date(2990, 1, 1))
# An adult who is alive has no parent and no executor to speak for them.
AUTHORITIES = st.sampled_from(["guardian", "power_of_attorney", "court_order"])


def names(*, least: int = 0) -> SearchStrategy[list[str]]:
    return st.lists(TEXT, min_size=least, max_size=2)


def some(values: Sequence[str], *, least: int = 0) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(values)), min_size=least, max_size=3, unique=True)


@st.composite
def consents(draw: DrawFn, *, holds: bool, visit: Encounter, accounts: Sequence[User]) -> dict[str, Any]:
    """Draw the words of `give`, or, of what does not hold, of `draft`."""
    kind = draw(st.sampled_from(ConsentType))
    permits = kind in AUTHORIZATIONS or (kind not in REFUSALS and draw(st.booleans()))
    whole = kind in AUTHORIZATIONS and holds
    purposes = draw(some(_purposes(kind, permits=permits), least=1))
    facts = {
        **_said(draw, whole=whole),
        "purposes": purposes,
        "sensitivity_labels": _labels(draw, kind, permits=permits),
        "resource_types": draw(some(ResourceType.values)),
        "encounter": draw(st.sampled_from([None, visit])),
        "self_paid": kind == ConsentType.RESTRICTION and "HPAYMT" in purposes and draw(st.booleans()),
    }
    allowed = st.lists(_exceptions(facts, accounts), max_size=3, unique_by=_scope)
    decisions = ("permit", "deny") if permits else ("deny", "permit")
    exceptions = [
        {**one, "decision": decisions[1]} for one in draw(allowed) if _may_be_said(facts, one, permits=permits)
    ]
    return {"consent_type": kind, "decision": decisions[0], **facts, "exceptions": exceptions}


def _purposes(kind: ConsentType, *, permits: bool) -> list[str]:
    """Some are permitted by authorizations only, and some are not refused."""
    never = {"PATRQT", "HOPERAT"} if not permits else set() if kind in AUTHORIZATIONS else {*BY_AUTHORIZATION}
    return sorted({*Purpose.values} - never)


def _may_be_said(facts: dict[str, Any], exception: dict[str, Any], *, permits: bool) -> bool:
    """Whether a consent might say it too: an exception is no way around what holds of consents."""
    purposes, labels, parts = (
        set(exception[name] or facts[name]) for name in ("purposes", "sensitivity_labels", "resource_types")
    )
    if not permits:
        return not purposes & {*BY_AUTHORIZATION} and not labels & {PART_2, "PSYTHPN"}
    narrow = (
        labels or (parts and "Patient" not in parts) or facts["encounter"] or exception["roles"] or exception["user"]
    )
    return "PATRQT" not in purposes and ("HOPERAT" not in purposes or bool(narrow))


def _said(draw: DrawFn, *, whole: bool) -> dict[str, Any]:
    """Draw what every type may say; of an authorization that holds, all that has to be said."""
    signed = whole or draw(st.booleans())
    methods = ["ink", "electronic"] if whole else SignatureMethod.values
    of_other = draw(st.booleans())
    return {
        "starts_at": draw(PAST),
        "ends_at": draw(COMING if whole else st.none() | COMING),
        "expires_event": draw(st.none() | TEXT),
        "information_description": draw(TEXT if whole else st.none() | TEXT),
        "disclosers": draw(names(least=int(whole))),
        "recipients": draw(names(least=int(whole))),
        "intermediaries": draw(names()),
        "grantor_kind": "representative" if of_other else "patient",
        "grantor_name": draw(TEXT) if of_other else None,
        "representative_authority": draw(AUTHORITIES) if of_other else None,
        "statements_shown": Statement.values if whole else draw(some(Statement.values)),
        "signed_at": draw(PAST) if signed else None,
        "signature_method": draw(st.sampled_from(methods)) if signed else None,
        "witness": draw(st.none() | TEXT) if signed else None,
        "form_version": draw(st.none() | TEXT),
        "document_digest": draw(st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)),
        "document_reference": draw(st.none() | TEXT),
        **draw(_days()),
    }


def _days() -> SearchStrategy[dict[str, date | None]]:
    between = st.tuples(st.none() | DAYS, st.none() | DAYS).filter(lambda one: None in one or one[0] <= one[1])
    return between.map(lambda one: {"data_from": one[0], "data_until": one[1]})


def _labels(draw: DrawFn, kind: ConsentType, *, permits: bool) -> list[str]:
    """Draw labels: psychotherapy notes and Part 2 records are permitted by consents of their own."""
    ordinary = [one for one in ConsentLabel.values if one not in (PART_2, "PSYTHPN")]
    if kind == ConsentType.PSYCHOTHERAPY:
        return ["PSYTHPN"]
    if kind in OF_PART_2:
        return [*draw(some(ordinary)), PART_2]
    return draw(some(ordinary if permits else ConsentLabel.values))


def _exceptions(facts: dict[str, Any], accounts: Sequence[User]) -> SearchStrategy[dict[str, Any]]:
    def within(name: str, values: Sequence[str]) -> SearchStrategy[list[str]]:
        return some(facts[name] or values)

    return st.builds(
        lambda days, **others: {**days, **others},
        _days(),
        purposes=within("purposes", Purpose.values),
        sensitivity_labels=within("sensitivity_labels", ConsentLabel.values),
        resource_types=within("resource_types", ResourceType.values),
        roles=some(User.Role.values),
        user=st.sampled_from([None, *accounts]),
    )


def _scope(facts: dict[str, Any]) -> tuple[Any, ...]:
    """Give what two exceptions of one consent may not have in common."""
    lists = (tuple(sorted(facts[name])) for name in ("resource_types", "roles"))
    return (*lists, facts["data_from"], facts["data_until"], facts["user"])
