"""The documents of a visit: what was said, measured, seen, done and given, signed, and sometimes amended."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.codes import CodeSystem
from records.demo.visits import DAY, Visit, labels
from records.models import MedicalRecord
from records.signing import digest

if TYPE_CHECKING:
    from datetime import datetime

    from records.demo.conditions import Condition
    from records.demo.medications import Medication
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Row, Tables

ICD, LOINC, SNOMED, CVX = (
    system.value for system in (CodeSystem.ICD_10_CM, CodeSystem.LOINC, CodeSystem.SNOMED_CT, CodeSystem.CVX)
)
AMENDED, UNSIGNED, MISTAKEN = 0.02, 0.01, 0.005


class Coded(NamedTuple):
    """What a document is about, as a code."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


NOT_CODED = Coded()
VITAL_SIGNS = Coded(
    LOINC, "85353-1", "Vital signs, weight, height, head circumference, oxygen saturation and BMI panel"
)


class Chart:
    """The documents of one team's patients."""

    def __init__(self, plan: Plan, tables: Tables, dice: Dice) -> None:
        self.plan, self.tables, self.dice = plan, tables, dice
        # Person and code: the problems that are listed.
        self.listed: set[tuple[int, str]] = set()

    def write(self, visit: Visit, medication: Medication | None) -> Row:
        """Write all documents of a visit. Returns the note."""
        if visit.is_therapy:
            return self._talk(visit)
        note = self._note(visit, medication)
        if self.dice.chance(0.7):
            self._vital_signs(visit)
        self._findings(visit)
        self._problem(visit)
        if visit.condition.stay and not visit.is_open:
            text = f"Kept for one day with {visit.condition.complaint}. Course without incident. Sent home."
            self._document(visit, "discharge_summary", "Discharge summary", text, _diagnosis(visit.condition))
        return note

    def _note(self, visit: Visit, medication: Medication | None) -> Row:
        condition = visit.condition
        given = f"{medication.name} {medication.strength} {medication.form}" if medication else "nothing"
        text = (
            f"Complaint: {condition.complaint}.\nFindings: {condition.finding}.\n"
            f"Assessment: {condition.display} ({condition.code}).\nPlan: {condition.plan}.\nPrescribed: {given}."
        )
        note = self._document(visit, "progress_note", f"Visit: {condition.display}", text, _diagnosis(condition))
        if note["status"] == "final" and self.dice.chance(AMENDED):
            self._amend(visit, note)
        return note

    def _amend(self, visit: Visit, note: Row) -> None:
        """Write an amended note in a note's place, a few days later, if that is not still to come."""
        later = visit.signed + DAY * (1 + self.dice.below(5))
        if later > self.plan.now:
            return
        kept = {name: value for name, value in note.items() if name not in {"id", "uid"}}
        kept["body"] = f"{note['body']}\nAmendment: the complaint began two days earlier than noted."
        amended = self.tables.add(MedicalRecord, self.dice, **kept, amends_id=note["id"])
        _sign(amended, visit, later, amends=note)

    def _talk(self, visit: Visit) -> Row:
        """Write the psychologist's note."""
        if (visit.person.key, "talk") not in self.listed:
            self.listed.add((visit.person.key, "talk"))
            text = f"Seen at the request of the physician for {visit.condition.display}. Willing to come again."
            return self._document(visit, "consult", "Psychological consultation", text, _diagnosis(visit.condition))
        if visit.condition.sensitivity == "SUD":
            text = "Counseling session: reasons to stay sober, situations to avoid."
            return self._document(visit, "sud_counseling_note", "Counseling session", text)
        text = "Session: the week in between, one thought written down and questioned."
        note = self._document(visit, "psychotherapy_note", "Psychotherapy session", text)
        note["sensitivity"] = "{PSYTHPN}"
        return note

    def _vital_signs(self, visit: Visit) -> None:
        signs = _measure(self.dice, visit.person, visit)
        text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in signs.items())
        record = self._document(visit, "vital_signs", "Vital signs", text.capitalize(), VITAL_SIGNS, found=signs)
        if record["status"] == "final" and self.dice.chance(MISTAKEN):
            record["status"] = "entered-in-error"

    def _findings(self, visit: Visit) -> None:
        condition = visit.condition
        if (test := condition.laboratory) and self.dice.chance(0.7):
            value = round(test.low + self.dice.random() * (test.high - test.low), 1)
            title, coded = test.name.capitalize(), Coded(LOINC, test.loinc, test.display)
            found = {test.name: value, "unit": test.unit}
            self._document(visit, "lab_result", title, f"{title}: {value} {test.unit}.", coded, found=found)
        if image := condition.image:
            text = "Read by the clinician. See the note."
            self._document(visit, "imaging", image[1], text, Coded(SNOMED, *image))
        if (procedure := condition.procedure) and self.dice.chance(0.5):
            self._document(visit, "procedure", procedure[1], "Done without incident.", Coded(SNOMED, *procedure))
        if condition.vaccines and self.dice.chance(0.6):
            vaccine = condition.vaccines[self.dice.below(len(condition.vaccines))]
            text = "Given in the upper arm."
            self._document(visit, "immunization", f"Vaccine: {vaccine[1]}", text, Coded(CVX, *vaccine))

    def _problem(self, visit: Visit) -> None:
        key = (visit.person.key, visit.condition.code)
        if visit.condition.chronic and key not in self.listed:
            self.listed.add(key)
            text = f"On the problem list since {visit.day}."
            self._document(visit, "problem", visit.condition.display, text, _diagnosis(visit.condition))

    def _document(
        self,
        visit: Visit,
        kind: str,
        title: str,
        text: str,
        coded: Coded = NOT_CODED,
        *,
        found: dict[str, Any] | None = None,
    ) -> Row:
        record = self.tables.add(
            MedicalRecord,
            self.dice,
            patient_id=visit.person.key,
            author_id=visit.clinician.provider,
            encounter_id=visit.encounter["id"],
            record_type=kind,
            status="preliminary",
            title=title,
            body=text,
            structured=json.dumps(found) if found else None,
            code_system=coded.system,
            code=coded.code,
            code_display=coded.display,
            effective_at=visit.starts,
            is_part2="SUD" in visit.condition.sensitivity,
            **labels(visit.condition),
        )
        if not visit.is_open and not self.dice.chance(UNSIGNED):
            _sign(record, visit, visit.signed, found=found)
        return record


def _sign(
    record: Row,
    visit: Visit,
    moment: datetime,
    *,
    found: dict[str, Any] | None = None,
    amends: Row | None = None,
) -> None:
    """Sign as records/signing.py does, which asks for no more than these attributes."""
    record |= {
        "status": "amended" if amends else "final",
        "signed_at": moment,
        "signed_by_id": visit.clinician.provider,
        "attestation_mode": "professional",
    }
    clinician = SimpleNamespace(uid=visit.clinician.uid)
    content: Any = SimpleNamespace(
        **record | {"structured": found},
        patient=SimpleNamespace(uid=visit.person.row["uid"]),
        author=clinician,
        encounter=SimpleNamespace(uid=visit.encounter["uid"]),
        amends=SimpleNamespace(uid=amends["uid"]) if amends else None,
        signed_by=clinician,
    )
    record["content_digest"] = digest(content)


def _diagnosis(condition: Condition) -> Coded:
    return Coded(ICD, condition.code, condition.display)


def _measure(dice: Dice, person: Person, visit: Visit) -> dict[str, Any]:
    """Measure what is usual at that age: a child gains about 6 cm and 3 kg a year."""
    age = min(person.age(visit.day), 18)
    raised = 20 if visit.condition.code == "I10" else 0
    return {
        "systolic_mmhg": 85 + 2 * age + dice.below(12) + raised,
        "diastolic_mmhg": 55 + age + dice.below(10) + raised // 2,
        "pulse_per_minute": 130 - 3 * age - dice.below(15),
        "temperature_celsius": round(36.4 + dice.below(9) / 10, 1),
        "height_cm": 52 + 6 * age + dice.below(12),
        "weight_kg": 4 + 3 * age + dice.below(4 + age),
    }
