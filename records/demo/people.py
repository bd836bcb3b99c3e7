"""The patients: households of one or more people who share a name, an address and, often, an insurance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from patients.models import Patient
from records.demo import words
from records.demo.plan import AUTHORITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.demo.clinic import Clinician, Team
    from records.demo.plan import Plan
    from records.demo.tables import Row, Tables

ADULT, SENIOR, OLDEST = 18, 65, 97
YEAR = timedelta(days=365, hours=6)
# Who lives together: ages from and to. The first is the one who holds the insurance; the first of a team are two
# parents with two children, then an old couple.
HOUSEHOLDS = (
    ((30, 48), (30, 48), (5, 6), (0, 15)),
    ((70, OLDEST), (66, 90)),
    ((18, 64),),
    ((24, 64), (24, 64)),
    ((27, 46), (1, 17)),
    ((30, 50), (30, 50), (1, 17)),
    ((SENIOR, OLDEST),),
    ((32, 50), (32, 50), (2, 17), (2, 17), (0, 10)),
)
# Of all people, who is registered twice; of those over 64, who has died. In each team the fifth and the eighth person
# are registered twice, and the sixth has died: so a small demo has them too.
DUPLICATES, DECEASED = 0.003, 0.1
DOUBLED, DIED = {5, 9}, 6
# Numbers that the Social Security Administration voided after they had been printed in advertisements. Everybody else
# has none: any other number that passes for one may be somebody's.
VOID_SSNS = ("078-05-1120", "219-09-9999")
RACES = ("2106-3", "2106-3", "2106-3", "2054-5", "2054-5", "2028-9", "1002-5", "2076-8", "UNK", "ASKU")
LANGUAGES = ("en", "en", "en", "en", "en", "en", "es", "es", "zh-Hant", "vi")


@dataclass(slots=True)
class Person:
    """A patient as the rest of the history sees them."""

    row: Row
    sex: str
    clinician: Clinician
    holder: Person | None
    # The person's other record, when this is a second one.
    double_of: Person | None = None
    # The insurance that they hold, for those who are insured through them.
    policy: Row | None = None
    # RxNorm codes that they do not tolerate.
    avoids: set[str] = field(default_factory=set)
    saw_psychologist: bool = False
    # Days on which they have an appointment.
    busy: set[date] = field(default_factory=set)

    @property
    def key(self) -> int:
        return int(self.row["id"])

    @property
    def born(self) -> date:
        """The date of birth."""
        day: date = self.row["birth_date"]
        return day

    @property
    def name(self) -> str:
        return f"{self.row['given_name']} {self.row['family_name']}"

    @property
    def died(self) -> datetime | None:
        """The moment of death."""
        moment: datetime | None = self.row.get("deceased_at")
        return moment

    def age(self, day: date) -> int:
        """Tell the age in years on a day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def is_minor(self, day: date) -> bool:
        return self.age(day) < ADULT


def register(plan: Plan, tables: Tables, team: Team, numbers: range) -> list[Person]:
    """Make the patients of a team, with the record numbers given."""
    return _Registry(plan, tables, team, numbers).people


class _Registry:
    """Makes household after household until the record numbers are used up."""

    def __init__(self, plan: Plan, tables: Tables, team: Team, numbers: range) -> None:
        self.plan, self.tables, self.team, self.numbers = plan, tables, team, iter(numbers)
        self.dice = plan.dice(f"people of {team.number}")
        self.people: list[Person] = []
        self.wanted = len(numbers)
        # At first one of each kind, then by chance.
        kinds = list(reversed(HOUSEHOLDS))
        while len(self.people) < self.wanted:
            self._household(kinds.pop() if kinds else HOUSEHOLDS[self.dice.below(len(HOUSEHOLDS))])

    def _household(self, ages: Sequence[tuple[int, int]]) -> None:
        shared = {
            "family_name": words.family_name(self.dice),
            "phone": words.telephone(self.dice),
            **words.address(self.dice),
        }
        holder: Person | None = None
        for youngest, oldest in ages:
            if len(self.people) == self.wanted:
                return
            person = self._person(shared, youngest, oldest, holder)
            holder = holder or person
            if len(self.people) in DOUBLED or self.dice.chance(DUPLICATES):
                self._double(person)

    def _person(self, shared: dict[str, str], youngest: int, oldest: int, holder: Person | None) -> Person:
        if holder and youngest < ADULT:
            oldest = min(oldest, holder.age(self.plan.as_of) - ADULT)
        # At least a week old, and a week short of the next age.
        days = timedelta(days=self.dice.below(int(YEAR.days * (oldest - youngest + 1)) - 14) + 7)
        born = self.plan.as_of - YEAR * youngest - days
        sex = "FM"[self.dice.below(2)] if holder is None or youngest < ADULT else "FM"[holder.sex == "F"]
        row = self.tables.add(Patient, self.dice, **shared, **self._facts(born, sex, holder, shared["family_name"]))
        person = Person(row, sex, self.team.family, holder)
        if youngest < ADULT:
            person.clinician = self.team.pediatrics
        elif youngest >= SENIOR and (len(self.people) == DIED or self.dice.chance(DECEASED)):
            self._die(person)
        row["general_practitioner_id"] = person.clinician.provider
        self.people.append(person)
        return person

    def _facts(self, born: date, sex: str, holder: Person | None, family: str) -> Row:
        dice, number = self.dice, next(self.numbers)
        given = words.given_name(dice, sex)
        language = holder.row["language"] if holder else LANGUAGES[dice.below(len(LANGUAGES))]
        facts: Row = {
            "mrn": f"DEMO-{number:07d}",
            "assigning_authority": AUTHORITY,
            "given_name": given,
            "middle_name": words.given_name(dice, sex) if dice.chance(0.5) else None,
            "birth_date": born,
            "administrative_gender": "other" if dice.chance(0.01) else {"F": "female", "M": "male"}[sex],
            "birth_sex": sex,
            "race_codes": f"{{{holder.row['race_codes'][1:-1] if holder else RACES[dice.below(len(RACES))]}}}",
            "ethnicity_code": "2135-2" if language == "es" else "2186-5",
            "language": language,
            "interpreter_needed": language != "en" and dice.chance(0.3),
            "ssn": VOID_SSNS[number - 1] if number <= len(VOID_SSNS) else None,
            "is_vip": dice.chance(0.005),
        }
        if self.plan.as_of - born < YEAR * ADULT:
            if holder:
                facts |= {
                    "contact_name": holder.name,
                    "contact_phone": holder.row["phone"],
                    "contact_relationship": "N",
                }
            return facts | {"marital_status": "S"}
        return facts | {
            "marital_status": "SMMDW"[dice.below(5)] if holder is None else "M",
            "mobile_phone": words.telephone(dice),
            "email": words.email(dice, given, family) if dice.chance(0.7) else None,
        }

    def _die(self, person: Person) -> None:
        """Let a person have died some time in the last two years."""
        moment = self.plan.now - timedelta(days=5 + self.dice.below(2 * YEAR.days), minutes=self.dice.below(24 * 60))
        person.row |= {"is_deceased": True, "deceased_at": moment}

    def _double(self, person: Person) -> None:
        """Register a person again by mistake, under the next record number, with the given name cut short."""
        if len(self.people) == self.wanted or person.died:
            return
        taken = ("family_name", "birth_date", "administrative_gender", "birth_sex", "phone", "city", "state")
        row = self.tables.add(
            Patient,
            self.dice,
            **{name: person.row[name] for name in taken},
            mrn=f"DEMO-{next(self.numbers):07d}",
            assigning_authority=AUTHORITY,
            given_name=person.row["given_name"][:4],
        )
        self.people.append(Person(row, person.sex, person.clinician, None, double_of=person))
