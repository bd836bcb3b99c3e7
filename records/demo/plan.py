"""What is asked for: how many people, with how much history, as of which day, from which seed."""

from __future__ import annotations

import math
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils import timezone

from records.demo.errors import ImpossiblePlan

ZONE_NAME = "America/New_York"
ZONE = ZoneInfo(ZONE_NAME)
AUTHORITY = "WebQx Demo"
HISTORY = timedelta(days=3 * 365)
# A physician has 14 slots on each of about 780 working days in three years. At 6,000 visits, some of them to the
# team's other clinicians, a free slot is found at the second try.
VISITS_OF_A_TEAM = 6000
MOST_VISITS = 40
MOST_PATIENTS = 10_000_000  # some hours, and 300 GB
EARLIEST = date(2000, 1, 1)  # the oldest are born a century before, in years that a date of birth can have
SATURDAY = 5


class Dice(random.Random):
    """Chance that repeats."""

    def chance(self, share: float) -> bool:
        """Be true so often, 0 to 1."""
        return self.random() < share

    def uid(self) -> str:
        """Make a UUID of version 4."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def below(self, limit: int) -> int:
        """Pick 0 to limit - 1; faster than randrange, which matters some millions of times."""
        return int(self.random() * limit)

    def day(self, first: date, last: date) -> date:
        """Pick a day from the first to the last, both included."""
        return first + timedelta(days=self.below((last - first).days + 1))

    def digits(self, count: int) -> str:
        """Pick a number of so many digits."""
        return f"{self.below(10**count):0{count}d}"


@dataclass(frozen=True)
class Plan:
    """How many patients, of how many visits each on average in three years, cared for by how many teams.

    A weekend counts as the Friday before it: the clinic is closed, and today shall have visits.
    """

    patients: int
    seed: int = 1
    as_of: date = field(default_factory=timezone.localdate)
    visits: int = 6
    teams: int = 0

    def __post_init__(self) -> None:
        if self.patients > MOST_PATIENTS:
            raise ImpossiblePlan(f"At most {MOST_PATIENTS:,} patients can be made.")
        if self.patients < 1 or not 1 <= self.visits <= MOST_VISITS or self.teams < 0:
            raise ImpossiblePlan(f"At least one patient and one team, and 1 to {MOST_VISITS} visits each, are needed.")
        if self.as_of > timezone.localdate():
            raise ImpossiblePlan("The day of --as-of has not come yet: nobody was born or seen on it.")
        if self.as_of < EARLIEST:
            raise ImpossiblePlan(f"The day of --as-of lies before {EARLIEST}: the oldest would have no birth date.")
        fewest = math.ceil(self.patients * self.visits / VISITS_OF_A_TEAM)
        if self.teams and self.teams < fewest:
            raise ImpossiblePlan(f"So many visits need {fewest} teams at least.")
        if self.teams > self.patients:
            raise ImpossiblePlan("There would be teams without a patient.")
        weekend = max(self.as_of.weekday() - SATURDAY + 1, 0)
        object.__setattr__(self, "teams", self.teams or fewest)
        object.__setattr__(self, "as_of", self.as_of - timedelta(days=weekend))

    @property
    def now(self) -> datetime:
        """The moment as of which the history is told: noon at the clinic."""
        return datetime.combine(self.as_of, time(12), ZONE).astimezone(UTC)

    def dice(self, part: str) -> Dice:
        """Give a part of the history chance of its own, so that another part can change without changing this one."""
        return Dice(f"{self.seed}/{self.patients}/{self.visits}/{self.as_of}/{part}")

    def panels(self) -> list[range]:
        """Tell for each team the record numbers of its patients, from 1."""
        bounds = [1 + self.patients * team // self.teams for team in range(self.teams + 1)]
        return [range(*pair) for pair in pairwise(bounds)]
