"""What adults said: research, the exchange with other clinics, restrictions, and treatment by a Part 2 program."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from compliance.consent.value_sets import PART_2, Statement
from compliance.models import ConsentRecord

if TYPE_CHECKING:
    from records.demo.clinic import Team
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Tables

ADULT = 18
# In how many of a hundred charts there is one.
RESEARCH, EXCHANGE, RESTRICTED, PROGRAM = 0.15, 0.3, 0.05, 0.7
CLINIC = "Demoville Clinic"


def consent(plan: Plan, tables: Tables, dice: Dice, team: Team, person: Person) -> None:
    """Write what a living adult allowed or refused, in the month before the history is told."""
    if person.died or person.age(plan.as_of) < ADULT:
        return
    for facts in _said(dice, person):
        at = plan.now - timedelta(days=1 + dice.below(30))
        signed = {"signed_at": at, "signature_method": "ink"} if facts["decision"] == "permit" else {}
        tables.add(
            ConsentRecord,
            dice,
            consent_uid=dice.uid(),
            patient_id=person.key,
            recorded_by_id=team.nurse,
            status="active",
            starts_at=at,
            **facts,
            **signed,
        )


def _said(dice: Dice, person: Person) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    if dice.chance(RESEARCH):
        said.append(_authorization("research", ["HRESCH"], "Demoville University", "All but notes", "end of the study"))
    if dice.chance(EXCHANGE):
        said.append({"consent_type": "hie_optin", "decision": "permit", "purposes": ["TREAT"]})
    if dice.chance(RESTRICTED):
        label = dice.choice(["HIV", "SEX", "PSY"])
        said.append(
            {"consent_type": "restriction", "decision": "deny", "purposes": ["HPAYMT"], "sensitivity_labels": [label]}
        )
    if person.saw_psychologist and dice.chance(PROGRAM):
        purposes = ["TREAT", "HPAYMT", "HOPERAT"]
        part_2 = _authorization(
            "part2_tpo", purposes, "My treating providers", "Records of the program", "my revocation"
        )
        said.append(part_2 | {"sensitivity_labels": [PART_2]})
    return said


def _authorization(kind: str, purposes: list[str], to: str, what: str, until: str) -> dict[str, Any]:
    """Give one with all elements of 45 CFR 164.508(c)."""
    return {
        "consent_type": kind,
        "decision": "permit",
        "purposes": purposes,
        "recipients": [to],
        "disclosers": [CLINIC],
        "information_description": what,
        "expires_event": until,
        "statements_shown": Statement.values,
        "form_version": f"{kind} 1",
    }
