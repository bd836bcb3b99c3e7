"""The defaults, as rules.toml says them: what holds without a consent, and what minors decide for themselves."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from compliance.consent.value_sets import ANY_LABEL, ConsentDecision, ConsentLabel
from compliance.purposes import Purpose

FILE = Path(__file__).with_name("rules.toml")
ANY_PURPOSE = "*"
_RULE = {"purpose", "label", "decision", "in_emergency", "citation", "reason"}
_MINORS = {"labels", "from_age", "citation"}
# What the columns of consent_rules hold, in characters.
_ROOM = {"citation": 200, "reason": 300}


class RulesError(ImproperlyConfigured):
    """rules.toml cannot be understood. The sentence says where."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{FILE.name}: {where}: {problem}")


class Default(NamedTuple):
    """One rule, as the columns of consent_rules have it."""

    purpose: str
    label: str
    decision: str
    in_emergency: str
    unless_author: bool
    citation: str
    reason: str


class OfMinors(NamedTuple):
    """What a minor decides alone, from an age in whole years on."""

    labels: tuple[str, ...]
    from_age: int
    citation: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """All of it. `majority` is an age in whole years."""

    rules: tuple[Default, ...]
    minors: tuple[OfMinors, ...]
    majority: int

    def decides_alone(self, label: str, age: int) -> OfMinors | None:
        """Give the rule by which a minor of an age decides about a label without a parent; None where there is none."""
        if age >= self.majority:
            return None
        return next((one for one in self.minors if label in one.labels and age >= one.from_age), None)


@cache
def defaults() -> Defaults:
    """Read rules.toml, once. Raises RulesError."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Defaults:
    """Read defaults. Raises RulesError for what is not known, missing or said twice."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError("not TOML", str(error)) from error
    _only(said, {"rules", "minors", "majority"}, "at the top")
    majority = _age(said.get("majority"), "majority", "at the top")
    rules = tuple(_rule(facts, f"rule {number}") for number, facts in enumerate(_tables(said, "rules"), 1))
    seen: set[tuple[str, str]] = set()
    for number, rule in enumerate(rules, 1):
        if (rule.purpose, rule.label) in seen:
            raise RulesError(f"rule {number}", f"there is one for {rule.purpose} and {rule.label} already.")
        seen.add((rule.purpose, rule.label))
    minors = tuple(_minors(facts, f"minors {number}") for number, facts in enumerate(_tables(said, "minors"), 1))
    return Defaults(rules, minors, majority)


def _tables(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise RulesError("at the top", f"{name} are tables: write [[{name}]] before each.")
    return found


def _rule(facts: dict[str, Any], where: str) -> Default:
    _only(facts, _RULE | {"unless_author"}, where)
    _all(facts, _RULE, where)
    _one_of(facts["purpose"], {ANY_PURPOSE, *Purpose.values}, "purpose", where)
    _one_of(facts["label"], {ANY_LABEL, *ConsentLabel.values}, "label", where)
    _one_of(facts["decision"], set(ConsentDecision.values), "decision", where)
    _one_of(facts["in_emergency"], set(ConsentDecision.values), "in_emergency", where)
    _text(facts, "citation", where)
    _text(facts, "reason", where)
    if not isinstance(facts.get("unless_author", False), bool):
        raise RulesError(where, "unless_author is true or false.")
    return Default(**{"unless_author": False, **facts})


def _minors(facts: dict[str, Any], where: str) -> OfMinors:
    _only(facts, _MINORS, where)
    _all(facts, _MINORS, where)
    if not isinstance(facts["labels"], list) or not facts["labels"]:
        raise RulesError(where, "labels is a list of labels.")
    for label in facts["labels"]:
        _one_of(label, set(ConsentLabel.values), "label", where)
    _text(facts, "citation", where)
    return OfMinors(tuple(facts["labels"]), _age(facts["from_age"], "from_age", where), facts["citation"])


def _text(facts: dict[str, Any], what: str, where: str) -> None:
    value = facts[what]
    if not isinstance(value, str) or not value.strip() or len(value) > _ROOM[what]:
        raise RulesError(where, f"{what} is a text of at most {_ROOM[what]} characters.")


def _age(value: Any, what: str, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RulesError(where, f"{what} is an age in whole years.")
    return value


def _only(said: dict[str, Any], known: set[str], where: str) -> None:
    if strange := said.keys() - known:
        raise RulesError(where, f"{', '.join(sorted(strange))} is not known; there are {', '.join(sorted(known))}.")


def _all(said: dict[str, Any], needed: set[str], where: str) -> None:
    if missing := needed - said.keys():
        raise RulesError(where, f"says nothing of {', '.join(sorted(missing))}.")


def _one_of(value: Any, known: set[str], what: str, where: str) -> None:
    if not isinstance(value, str) or value not in known:
        raise RulesError(where, f"{what} is one of {', '.join(sorted(known))}, not {value}.")
