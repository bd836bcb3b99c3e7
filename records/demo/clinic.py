"""The clinic: its places, its staff with their accounts, licences and office hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from appointments.models import Location
from compliance.models import User
from providers.models import Provider, ProviderAvailability
from providers.value_sets import Weekday
from records.demo import words
from records.demo.diary import HOURS, Diary
from records.demo.plan import HISTORY, SATURDAY, ZONE_NAME

if TYPE_CHECKING:
    from datetime import date

    from records.demo.plan import Plan
    from records.demo.tables import Row, Tables

NAME = "WebQx Demo Clinic"
TEAMS_OF_A_FLOOR = 10
# Accounts without patients of their own, one of each.
OFFICES = ("front_desk", "billing", "pharmacist", "compliance_officer", "auditor")


@dataclass(frozen=True)
class Profession:
    """What a clinician is: the words of the licence, and the DEA schedules of the registration, if there is one."""

    specialty: str
    taxonomy: str
    credentials: str
    department: str
    schedules: tuple[str, ...] = ()


FAMILY = Profession("Family Medicine", "207Q00000X", "MD", "Primary Care", ("II", "III", "IV", "V"))
PEDIATRICS = Profession("Pediatrics", "208000000X", "MD", "Primary Care", ("II", "III", "IV", "V"))
PSYCHOLOGY = Profession("Psychology, Clinical", "103TC0700X", "PhD", "Behavioral Health")
PROFESSIONS = (FAMILY, PEDIATRICS, PSYCHOLOGY)


@dataclass(frozen=True)
class Clinician:
    """Somebody who sees patients: the keys of the provider, the account and the room, and the hours."""

    provider: int
    uid: str
    user: int
    room: int
    profession: Profession
    diary: Diary = field(default_factory=Diary)


@dataclass(frozen=True)
class Team:
    """Those who care for one panel of patients; of the nurse, the key of the account."""

    number: int
    family: Clinician
    pediatrics: Clinician
    psychology: Clinician
    nurse: int


def open_clinic(plan: Plan, tables: Tables) -> list[Team]:
    """Make the places and the staff, team by team."""
    staff = _Staff(plan, tables)
    building = staff.building()
    for office in OFFICES:
        staff.account(office, f"{office.replace('_', '-')}.demo@example.org")
    teams = []
    floor = building
    for number in range(plan.teams):
        if number % TEAMS_OF_A_FLOOR == 0:
            floor = staff.place("lvl", f"Floor {number // TEAMS_OF_A_FLOOR + 1}", building)
        family, pediatrics, psychology = (
            staff.clinician(number * len(PROFESSIONS) + place, profession, floor)
            for place, profession in enumerate(PROFESSIONS)
        )
        nurse = staff.account("nurse", f"nurse.{number + 1}.demo@example.org")
        teams.append(Team(number, family, pediatrics, psychology, nurse))
    return teams


class _Staff:
    """Makes one member of staff after the other."""

    def __init__(self, plan: Plan, tables: Tables) -> None:
        self.plan, self.tables, self.dice = plan, tables, plan.dice("clinic")

    def building(self) -> int:
        """Make the site, and the building on it."""
        where = {"phone": words.telephone(self.dice), **words.address(self.dice)}
        site = self.tables.add(Location, self.dice, name=NAME, kind="si", **where)
        return self.place("bu", "Building A", int(site["id"]))

    def place(self, kind: str, name: str, part_of: int) -> int:
        """Make a place within another."""
        return int(self.tables.add(Location, self.dice, name=name, kind=kind, part_of_id=part_of)["id"])

    def account(self, role: str, email: str) -> int:
        """Make an account to which nobody can log in: its password is one that Django knows to be none."""
        account = self.tables.add(
            User,
            self.dice,
            email=email,
            password=f"!{self.dice.uid()}",
            role=role,
            first_name=words.given_name(self.dice, "FM"[self.dice.below(2)]),
            last_name=words.family_name(self.dice),
            phone=words.telephone(self.dice),
        )
        return int(account["id"])

    def clinician(self, number: int, profession: Profession, floor: int) -> Clinician:
        """Make somebody who sees patients, with an account, a room and hours."""
        user = self.account("physician", f"clinician.{number + 1}.demo@example.org")
        room = self.place("ro", f"Room {number + 101}", floor)
        joined = self.plan.as_of - HISTORY - timedelta(days=30 + self.dice.below(3000))
        provider = self.tables.add(
            Provider,
            self.dice,
            **self._licences(number, profession),
            user_id=user,
            family_name=words.family_name(self.dice),
            given_name=words.given_name(self.dice, "FM"[self.dice.below(2)]),
            credentials=profession.credentials,
            taxonomy_code=profession.taxonomy,
            specialty=profession.specialty,
            department=profession.department,
            phone=words.telephone(self.dice),
            email=f"clinician.{number + 1}@example.org",
            accepting_patients=self.dice.chance(0.8),
            active_from=joined,
        )
        self._open_hours(int(provider["id"]), joined)
        return Clinician(int(provider["id"]), provider["uid"], user, room, profession)

    def _licences(self, number: int, profession: Profession) -> Row:
        """Give the identifiers, the licence and, to a profession that prescribes, the DEA registration."""
        licences: Row = {
            "npi": npi(number),
            "license_number": f"DEMO{number + 1:06d}",
            "license_state": words.STATE,
            "license_expires_on": self.plan.as_of + timedelta(days=30 + self.dice.below(700)),
        }
        if profession.schedules:
            licences |= {
                "dea_number": dea(number),
                "dea_expires_on": self.plan.as_of + timedelta(days=30 + self.dice.below(1000)),
                "dea_schedules": f"{{{','.join(profession.schedules)}}}",
            }
        return licences

    def _open_hours(self, provider: int, since: date) -> None:
        for weekday in Weekday.values[:SATURDAY]:
            for opens, closes in HOURS:
                self.tables.add(
                    ProviderAvailability,
                    self.dice,
                    provider_id=provider,
                    weekday=weekday,
                    starts_at=opens,
                    ends_at=closes,
                    time_zone=ZONE_NAME,
                    valid_from=since,
                )


def npi(number: int) -> str:
    """Make an NPI that is right in form and nobody's: it begins with 2, and those given out so far begin with 1."""
    digits = f"2{number:08d}"
    # Luhn; 24 stands for the prefix 80840. Doubled are the digits next to the check digit, and every other one.
    total = 24 + sum(_doubled(int(digit)) if place % 2 == 0 else int(digit) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _doubled(digit: int) -> int:
    return digit * 2 - 9 * (digit > 4)  # noqa: PLR2004 - the sum of the two digits of a number above 9


def dea(number: int) -> str:
    """Make a DEA number that is right in form and nobody's: X was for persons, 9 is for those who are none."""
    digits = [int(digit) for digit in f"{number:06d}"]
    check = (sum(digits[0::2]) + 2 * sum(digits[1::2])) % 10
    return f"X9{number:06d}{check}"
