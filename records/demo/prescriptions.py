"""Prescriptions that follow from visits, renewed at the next ones, ended when they are used up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from compliance.codes import CodeSystem
from records.demo.medications import MEDICATIONS
from records.demo.visits import Visit, labels
from records.models import Prescription

if TYPE_CHECKING:
    from records.demo.medications import Medication
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Row, Tables

# Days for which a prescription is good. Six months, the most for III and IV, are never fewer than 181 days.
VALID_DAYS = {"II": 30, "III": 180, "IV": 180}
YEAR_DAYS = 365
# Of a thousand signed ones.
STOPPED, HELD, CANCELLED, MISTAKEN, DRAFTS = 30, 10, 10, 5, 10


class Prescriptions:
    """The prescriptions of one team's patients."""

    def __init__(self, plan: Plan, tables: Tables, dice: Dice) -> None:
        self.plan, self.tables, self.dice = plan, tables, dice
        # Of the person at hand, by medication: the prescription that is in effect.
        self.current: dict[str, Row] = {}

    def choose(self, visit: Visit) -> Medication | None:
        """Choose what fits the condition, is tolerated, and may be prescribed by the clinician."""
        if visit.is_therapy:
            return None
        fitting = (MEDICATIONS[name] for name in visit.condition.medications)
        for one in fitting:
            covered = one.schedule is None or one.schedule in visit.clinician.profession.schedules
            if covered and one.rxcui not in visit.person.avoids:
                return one
        return None

    def prescribe(self, visit: Visit, medication: Medication, note: Row) -> None:
        """Write a prescription, which takes the place of an earlier one of the same medication."""
        last_day = visit.day + timedelta(days=VALID_DAYS.get(medication.schedule or "", YEAR_DAYS))
        prior = self.current.get(medication.rxcui)
        row = self.tables.add(
            Prescription,
            self.dice,
            patient_id=visit.person.key,
            prescriber_id=visit.clinician.provider,
            encounter_id=visit.encounter["id"],
            medical_record_id=note["id"],
            rxcui=medication.rxcui,
            drug_name=medication.name,
            strength=medication.strength,
            dose_form=medication.form,
            route=medication.route,
            sig=medication.sig,
            quantity=medication.quantity,
            quantity_unit=medication.unit,
            days_supply=medication.days,
            refills_allowed=medication.refills,
            dea_schedule=medication.schedule,
            indication_system=CodeSystem.ICD_10_CM.value,
            indication_code=visit.condition.code,
            authored_on=visit.day,
            earliest_fill_on=visit.day if medication.schedule == "II" else None,
            valid_until=last_day,
            **labels(visit.condition),
        )
        if visit.is_open or self.dice.below(1000) < DRAFTS:
            return  # it stays a draft
        row |= {"status": "active", "signed_at": visit.signed}
        if prior:
            row["prior_prescription_id"] = prior["id"]
            prior |= {"status": "completed", "ended_at": visit.signed}
        self.current[medication.rxcui] = row
        self._mishap(row, medication)

    def settle(self, person: Person) -> None:
        """Say how the person's last prescriptions stand now, and begin with the next person."""
        for row in self.current.values():
            supply = row["days_supply"] * (1 + row["refills_allowed"])
            used_up = min(row["authored_on"] + timedelta(days=supply), row["valid_until"])
            if person.died and person.died.date() <= used_up:
                row |= {"status": "stopped", "ended_at": person.died}
            elif used_up < self.plan.as_of:
                row |= {"status": "completed", "ended_at": _noon(used_up)}
            elif self.dice.below(1000) < HELD:
                row |= {"status": "on-hold", "status_reason": "clarif"}
        self.current.clear()

    def _mishap(self, row: Row, medication: Medication) -> None:
        """Let a few end badly: the next visit begins anew."""
        lot = self.dice.below(1000)
        soon: datetime = row["signed_at"] + timedelta(days=2)
        if lot >= STOPPED + CANCELLED + MISTAKEN or soon > self.plan.now:
            return
        if lot < STOPPED:
            row |= {"status": "stopped", "status_reason": "sintol", "ended_at": soon}
        elif lot < STOPPED + CANCELLED:
            row |= {"status": "cancelled", "status_reason": "altchoice", "ended_at": soon}
        else:
            row["status"] = "entered-in-error"
        del self.current[medication.rxcui]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
