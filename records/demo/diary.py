"""A clinician's office hours, and what is taken of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from records.demo.plan import SATURDAY, ZONE, Dice

SLOT = timedelta(minutes=30)
# Local time; the availability of every demo provider says the same.
HOURS = ((time(9), time(12)), (time(13), time(17)))
SLOTS = tuple(
    timedelta(hours=opens.hour, minutes=30 * number)
    for opens, closes in HOURS
    for number in range((closes.hour - opens.hour) * 2)
)
NOON = timedelta(hours=12)
# Days that are tried for a visit before it is given up.
_PATIENCE = 30


class Diary:
    """The free slots of one clinician, day by day, on weekdays."""

    def __init__(self) -> None:
        self._free: dict[date, list[timedelta]] = {}
        self._midnights: dict[date, datetime] = {}

    def take(self, dice: Dice, day: date, *, morning: bool | None = None) -> datetime | None:
        """Take a free slot of a day, of its morning or afternoon if that is said. None when there is none left."""
        if day.weekday() >= SATURDAY:
            return None
        free = self._free.setdefault(day, list(SLOTS))
        fitting = [slot for slot in free if morning is None or (slot < NOON) == morning]
        if not fitting:
            return None
        slot = fitting[dice.below(len(fitting))]
        free.remove(slot)
        return self.at(day, slot)

    def at(self, day: date, slot: timedelta) -> datetime:
        """Tell the moment, in UTC. No clock is put forward or back between midnight and noon of a weekday."""
        if day not in self._midnights:
            self._midnights[day] = datetime.combine(day, time(), ZONE).astimezone(UTC)
        return self._midnights[day] + slot

    def take_between(self, dice: Dice, first: date, last: date, busy: set[date]) -> datetime | None:
        """Take a free slot of some day from the first to the last on which the patient is not busy."""
        for _ in range(_PATIENCE if first <= last else 0):
            day = dice.day(first, last)
            if day not in busy and (moment := self.take(dice, day)) is not None:
                busy.add(day)
                return moment
        return None
