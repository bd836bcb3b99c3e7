"""What consents come to, read from the written rules one by one, in Python: it shares nothing with the SQL but those.

The rules are those of compliance/consent/rules.toml and of docs/consent.md: of all that speaks of one kind of
information, the narrowest goes first, and no before yes.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import compliance.consent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

PERMIT, DENY = "permit", "deny"
# What goes before what, from the last to the first.
RULE_FOR_ANY, RULE_PERMITS, CONSENT_FOR_ANY, RULE_DENIES, CONSENT_NAMES, EMERGENCY = range(1, 7)
RULES = tomllib.loads((Path(compliance.consent.__path__[0]) / "rules.toml").read_text(encoding="utf-8"))["rules"]


@dataclass(frozen=True)
class Scope:
    """What a consent, or an exception to one, is about; what is empty is about all."""

    purposes: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    data_from: date | None = None
    data_until: date | None = None
    roles: frozenset[str] = frozenset()
    user: int | None = None

    def is_about(self, asked: Asked, label: str) -> bool:
        return (
            (not self.purposes or bool(self.purposes & asked.purposes()))
            and (not self.labels or label in self.labels)
            and (not self.resources or asked.resource in self.resources)
            and (self.data_from is None or (asked.dated is not None and asked.dated >= self.data_from))
            and (self.data_until is None or (asked.dated is not None and asked.dated <= self.data_until))
            and (not self.roles or bool(self.roles & asked.roles))
            and (self.user is None or self.user == asked.account)
        )


@dataclass
class Consent:
    """One version of a consent, and while it holds."""

    key: int
    patient: int
    decision: str
    scope: Scope
    encounter: int | None
    exceptions: tuple[Scope, ...]
    starts: datetime
    ends: datetime | None
    kind: tuple[object, ...]

    def holds(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)

    def overlaps(self, other: Consent) -> bool:
        return (self.ends is None or other.starts < self.ends) and (other.ends is None or self.starts < other.ends)

    def says(self, asked: Asked, label: str) -> tuple[str, bool] | None:
        """Give the decision and whether it names the label; None where it says nothing."""
        if not self.scope.is_about(asked, label) or (self.encounter is not None and self.encounter != asked.encounter):
            return None
        labels = [one.labels or self.scope.labels for one in self.exceptions if one.is_about(asked, label)]
        if labels:
            return PERMIT if self.decision == DENY else DENY, any(labels)
        return self.decision, bool(self.scope.labels)


@dataclass
class Emergency:
    """A chart that was opened, and while it was open."""

    key: int
    patient: int
    account: int
    opened: datetime
    ends: datetime

    def holds(self, at: datetime) -> bool:
        return self.opened <= at < self.ends


@dataclass(frozen=True)
class Asked:
    """One question. `author` is the account of who wrote the row; `roles` are all that the account has."""

    patient: int
    account: int
    roles: frozenset[str]
    purpose: str
    labels: tuple[str, ...]
    at: datetime
    resource: str | None = None
    author: int | None = None
    dated: date | None = None
    encounter: int | None = None

    def purposes(self) -> frozenset[str]:
        """Give the purposes that are meant: an emergency's treatment is treatment."""
        return frozenset({self.purpose, "TREAT"}) if self.purpose == "ETREAT" else frozenset({self.purpose})


class Answer(NamedTuple):
    """Yes or no, and the consents any of which may be said to have decided; None where a rule did."""

    permits: bool
    consents: frozenset[int | None]


@dataclass
class Oracle:
    """What was said, and who was one person with whom, since when."""

    consents: list[Consent] = field(default_factory=list)
    emergencies: list[Emergency] = field(default_factory=list)
    merges: list[tuple[datetime, dict[int, int]]] = field(default_factory=list)

    def merged(self, at: datetime | None = None) -> dict[int, int]:
        """Give which record had gone on in whose place at a moment; now, when none is given."""
        return [known for since, known in self.merges if at is None or since <= at][-1]

    def goes_on(self, patient: int, at: datetime | None = None) -> int:
        merged = self.merged(at)
        while patient in merged:
            patient = merged[patient]
        return patient

    def decide(self, asked: Asked) -> Answer:
        found = [self._on(label, asked) for label in asked.labels or ("*",)]
        if refused := [one for one in found if not one.permits]:
            return Answer(permits=False, consents=frozenset().union(*(one.consents for one in refused)))
        return Answer(permits=True, consents=frozenset().union(*(one.consents for one in found)))

    def _on(self, label: str, asked: Asked) -> Answer:
        said = [*self._rules(label, asked), *self._said(label, asked)]
        if not said:
            return Answer(permits=False, consents=frozenset({None}))
        first = max(weight for weight, _, _ in said)
        decisions = {decision for weight, decision, _ in said if weight == first}
        permits = DENY not in decisions
        by = {by for weight, decision, by in said if weight == first and (decision == PERMIT) == permits}
        return Answer(permits, frozenset(by))

    def _said(self, label: str, asked: Asked) -> Iterator[tuple[int, str, int]]:
        person = self.goes_on(asked.patient, asked.at)
        for consent in self.consents:
            if consent.holds(asked.at) and self.goes_on(consent.patient, asked.at) == person:
                said = consent.says(asked, label)
                if said is not None:
                    yield CONSENT_NAMES if said[1] else CONSENT_FOR_ANY, said[0], consent.key

    def _rules(self, label: str, asked: Asked) -> Iterator[tuple[int, str, None]]:
        treats = asked.purpose in {"TREAT", "ETREAT"}
        wrote = asked.author is not None and asked.author == asked.account
        for_any, for_label = _rule("*", asked), _rule(label, asked) if label != "*" else None
        for one in filter(None, (for_any, for_label)):
            if not (one.get("unless_author") and treats and wrote):
                weight = (
                    RULE_FOR_ANY if one["label"] == "*" else RULE_PERMITS if one["decision"] == PERMIT else RULE_DENIES
                )
                yield weight, one["decision"], None
        narrowest = for_label or for_any
        if narrowest and narrowest["in_emergency"] == PERMIT and self._is_emergency(asked):
            yield EMERGENCY, PERMIT, None

    def _is_emergency(self, asked: Asked) -> bool:
        """Records that have been merged since an emergency count as one: when merges were, the tables do not tell."""
        person = self.goes_on(asked.patient)
        return asked.purpose == "ETREAT" or (
            asked.purpose == "TREAT"
            and any(
                one.account == asked.account and one.holds(asked.at) and self.goes_on(one.patient) == person
                for one in self.emergencies
            )
        )


def _rule(label: str, asked: Asked) -> dict[str, str] | None:
    purpose = "TREAT" if asked.purpose == "ETREAT" else asked.purpose
    found = {one["purpose"]: one for one in RULES if one["label"] == label}
    return found.get(purpose) or found.get("*")
