"""The defaults as tables that a privacy officer reads: docs/consent.md has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.consent.value_sets import ANY_LABEL, ConsentLabel
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.consent.defaults import Default, Defaults


def tables(known: Defaults) -> str:
    """Write the rules and what minors decide alone as two tables of Markdown, with a line break at the end."""
    rules = _grid(["for", "of", "without a consent", "in an emergency", "why", "citation"], map(_rule, known.rules))
    minors = _grid(
        ["about", "from the age of", "citation"],
        ([", ".join(one.labels), str(one.from_age), one.citation] for one in known.minors),
    )
    return f"{rules}\nA minor, who is not yet {known.majority}, decides alone, and not a parent:\n\n{minors}"


def _rule(rule: Default) -> list[str]:
    purpose = "anything" if rule.purpose == "*" else f"{Purpose(rule.purpose).label} (`{rule.purpose}`)"
    label = "anything" if rule.label == ANY_LABEL else f"{ConsentLabel(rule.label).label} (`{rule.label}`)"
    emergency = "permit" if rule.in_emergency == "permit" else "the same"
    decision = f"{rule.decision}, but to its author who treats" if rule.unless_author else rule.decision
    return [purpose, label, decision, emergency, rule.reason, rule.citation]


def _grid(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)
