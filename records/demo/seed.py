"""Write the demo data: all of them in one transaction, or nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from compliance.rules import explained
from patients.models import Patient
from records.demo import clinic, people
from records.demo.allergies import record_allergies
from records.demo.chart import Chart
from records.demo.consents import consent
from records.demo.errors import InProduction, OthersPresent, SeededAlready
from records.demo.insurance import insure
from records.demo.plan import AUTHORITY
from records.demo.prescriptions import Prescriptions
from records.demo.relationships import relate
from records.demo.schedule import Schedule
from records.demo.tables import MODELS, Tables
from sql_migrations.progress import counted

if TYPE_CHECKING:
    from records.demo.clinic import Team
    from records.demo.people import Person
    from records.demo.plan import Plan
    from sql_migrations.progress import Step

# About so many batches are reported at most; a batch is one team or more.
LINES = 100


@dataclass(frozen=True)
class Seeded:
    """What was written."""

    patients: int
    rows: int


def steps(plan: Plan) -> int:
    """Tell how many pieces of work `seed` will report."""
    return len(range(0, plan.teams, _teams_a_step(plan))) + 1


def seed(plan: Plan, *, progress: Step, beside_others: bool = False) -> Seeded:
    """Write a plan's clinic, people and history, with every rule of the database in force.

    Nothing is there until all of it is: whatever interrupts it, the database is as before. Others can read meanwhile;
    who wants to write to these tables waits. Raises SeedRefused, and RuleBroken when a row is not what a rule asks.
    """
    if settings.PRODUCTION:
        raise InProduction
    with explained(), transaction.atomic(), connection.cursor() as cursor:
        _alone(cursor)
        _refuse_others(beside_others=beside_others)
        tables = Tables(cursor)
        # Each goes once its history is told, and its diaries with it.
        teams = deque(clinic.open_clinic(plan, tables))
        panels = plan.panels()
        for start in range(0, plan.teams, _teams_a_step(plan)):
            batch = panels[start : start + _teams_a_step(plan)]
            progress.start(f"patients {batch[0].start:,} to {batch[-1].stop - 1:,}")
            before = tables.written
            for numbers in batch:
                _tell_history(plan, tables, cursor, teams.popleft(), numbers)
            progress.done([counted(tables.written - before, "row")])
        tables.leave_keys()
    progress.start("statistics for the planner")
    _analyze()
    progress.done()
    return Seeded(plan.patients, tables.written)


def _teams_a_step(plan: Plan) -> int:
    return -(-plan.teams // LINES)


def _alone(cursor: Any) -> None:
    """Keep other writers out, so that keys can be given here and a second seed waits, and then sees the first.

    Foreign keys are looked at after each COPY: to the end, millions of rows would be kept in memory for that.
    """
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in MODELS)  # noqa: SLF001
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _refuse_others(*, beside_others: bool) -> None:
    if Patient.objects.filter(assigning_authority=AUTHORITY).exists():
        raise SeededAlready
    if not beside_others and Patient.objects.exists():
        raise OthersPresent


def _tell_history(plan: Plan, tables: Tables, cursor: Any, team: Team, numbers: range) -> None:
    panel = people.register(plan, tables, team, numbers)
    dice, asked = plan.dice(f"charts of {team.number}"), plan.dice(f"consents of {team.number}")
    schedule = Schedule(plan, tables, team)
    chart, prescriptions = Chart(plan, tables, dice), Prescriptions(plan, tables, dice)
    for position, person in enumerate(panel):
        if person.double_of is None:
            insure(plan, tables, dice, person)
            record_allergies(plan, tables, dice, person)
        for visit in schedule.visits(person, position):
            medication = prescriptions.choose(visit)
            note = chart.write(visit, medication)
            if medication:
                prescriptions.prescribe(visit, medication, note)
        prescriptions.settle(person)
        if person.double_of is None:
            relate(plan, tables, dice, team, person)
            consent(plan, tables, asked, team, person)
    tables.copy()
    _merge(plan, cursor, panel)


def _merge(plan: Plan, cursor: Any, panel: list[Person]) -> None:
    """Merge every second of the double registrations; the others wait for somebody to find them."""
    doubles = [person for person in panel if person.double_of]
    cursor.executemany(
        "UPDATE patients SET merged_into_id = %s, merged_at = %s WHERE id = %s",
        [
            (person.double_of.key, plan.now - timedelta(hours=1), person.key)
            for person in doubles[::2]
            if person.double_of
        ],
    )


def _analyze() -> None:
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in MODELS)  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(names))
