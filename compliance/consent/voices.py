"""What speaks about a patient's data: consents, exceptions, rules and an emergency, each with its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_QUESTION = """
SELECT v.asked, v.place, v.weight, v.permits, v.label, v.emergency, v.consent_id, v.provision_id, p.number,
       v.rule_id, coalesce(r.in_emergency = 'permit', false), coalesce(r.unless_author, false),
       coalesce(r.citation, ''), coalesce(r.reason, '')
  FROM consent_reasons(%s, %s, %s, %s, %s, %s) AS v
  LEFT JOIN consent_rules AS r ON r.id = v.rule_id
  LEFT JOIN consent_provisions AS p ON p.id = v.provision_id
 ORDER BY v.asked, v.place
"""
# What the function consent_voices says of it. Of two of one weight, the one that denies goes first.
WEIGHTS = {
    6: "an emergency, where the rule lets it go before a refusal",
    5: "a consent that names the label",
    4: "a rule that denies the label",
    3: "a consent for any information",
    2: "a rule that permits the label",
    1: "a rule for any information",
}


class Voice(NamedTuple):
    """One that spoke about the label `asked`. The one in `place` 1 decides about that label.

    `label` is what it names itself, * for any. `consent` and `provision` are keys, `number` counts the exceptions of a
    version; `in_emergency` and `unless_author` are the rule's.
    """

    asked: str
    place: int
    weight: int
    permits: bool
    label: str
    emergency: bool
    consent: int | None
    provision: int | None
    number: int | None
    rule: int | None
    in_emergency: bool
    unless_author: bool
    citation: str
    reason: str


def heard(
    patient: int, account: int | None, purpose: str, labels: Collection[str], *, at: datetime, resource: str | None
) -> list[Voice]:
    """Ask PostgreSQL for all of them, by label and then the weightiest first."""
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION, [patient, account, purpose, sorted(set(labels)), resource, at])
        return [Voice(*row) for row in cursor.fetchall()]


def in_force(patient: int, purpose: str, at: datetime) -> set[int]:
    """Give the keys of the consents that hold for a purpose, those that did not speak among them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consents_in_force(%s, %s, %s)", [patient, purpose, at])
        return set(cursor.fetchone()[0])
