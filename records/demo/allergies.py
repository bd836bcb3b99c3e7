"""What people do not tolerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compliance.codes import CodeSystem
from patients.models import Allergy

if TYPE_CHECKING:
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Tables


class Substance(NamedTuple):
    """A substance and what it does to those who do not tolerate it."""

    name: str
    category: str
    system: str
    code: str
    reaction: str
    criticality: str = "low"


_RXNORM, _SNOMED = CodeSystem.RXNORM.value, CodeSystem.SNOMED_CT.value
SUBSTANCES = (
    Substance("Amoxicillin", "medication", _RXNORM, "723", "Rash on the second day", "high"),
    Substance("Sulfamethoxazole", "medication", _RXNORM, "10180", "Hives"),
    Substance("Ibuprofen", "medication", _RXNORM, "5640", "Wheezing", "high"),
    Substance("Lisinopril", "medication", _RXNORM, "29046", "Dry cough"),
    Substance("Codeine", "medication", _RXNORM, "2670", "Vomiting"),
    Substance("Peanut", "food", _SNOMED, "762952008", "Swelling of the lips", "high"),
    Substance("Egg", "food", _SNOMED, "102263004", "Hives"),
    Substance("Cow's milk", "food", _SNOMED, "3718001", "Eczema"),
    Substance("House dust mite", "environment", _SNOMED, "260147004", "Sneezing"),
    Substance("Grass pollen", "environment", _SNOMED, "256277009", "Itching eyes"),
    Substance("Latex", "environment", _SNOMED, "111088007", "Contact dermatitis"),
)
ALLERGIC = 0.35
VERIFIED = ("confirmed", "confirmed", "confirmed", "unconfirmed", "presumed", "refuted", "entered-in-error")
SEVERITIES = ("mild", "moderate", "severe")


def record_allergies(plan: Plan, tables: Tables, dice: Dice, person: Person) -> None:
    """Write one or two allergies of every third person, and note what must not be prescribed."""
    count = 1 + dice.chance(0.3) if dice.chance(ALLERGIC) else 0
    for substance in dice.sample(SUBSTANCES, count):
        verified = VERIFIED[dice.below(len(VERIFIED))]
        if substance.system == _RXNORM and verified not in {"refuted", "entered-in-error"}:
            person.avoids.add(substance.code)
        last_day = person.died.date() if person.died else plan.as_of
        tables.add(
            Allergy,
            dice,
            patient_id=person.key,
            recorder_id=person.clinician.provider,
            substance=substance.name,
            code_system=substance.system,
            code=substance.code,
            allergy_type="intolerance" if substance.reaction in {"Dry cough", "Vomiting"} else "allergy",
            category=substance.category,
            criticality=substance.criticality,
            clinical_status=None if verified == "entered-in-error" else _clinical_status(dice, verified),
            verification_status=verified,
            onset_on=dice.day(person.born, last_day) if dice.chance(0.7) else None,
            reaction=substance.reaction,
            severity=SEVERITIES[dice.below(len(SEVERITIES))],
        )


def _clinical_status(dice: Dice, verified: str) -> str:
    return "resolved" if verified == "refuted" or dice.chance(0.1) else "active"
