"""Who cares for whom: the general practitioner and the nurse of the team, and a psychologist where one was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from compliance.models import CareRelationship
from records.demo.plan import HISTORY

if TYPE_CHECKING:
    from records.demo.clinic import Team
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Tables


def relate(plan: Plan, tables: Tables, dice: Dice, team: Team, person: Person) -> None:
    """Write who cares for a person, from registration until now or until death."""
    registered = plan.now - min(HISTORY, plan.as_of - person.born) - timedelta(hours=dice.below(4))
    carers = [(person.clinician.user, "treating"), (team.nurse, "nursing")]
    if person.saw_psychologist:
        carers.append((team.psychology.user, "consulting"))
    for user, role in carers:
        tables.add(
            CareRelationship,
            dice,
            patient_id=person.key,
            user_id=user,
            role=role,
            starts_at=registered,
            ends_at=person.died,
        )
