"""When people come: past appointments in every end that they can have, today's and future ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from records.demo.conditions import CONDITIONS, Condition
from records.demo.plan import HISTORY
from records.demo.visits import DAY, Desk, Meeting, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.demo.clinic import Team
    from records.demo.people import Person
    from records.demo.plan import Plan
    from records.demo.tables import Tables

# Of a hundred past appointments. The rest took place.
CANCELLED, MISSED, MISTAKEN, MOVED = 7, 6, 1, 4
REASONS = ("pat", "pat-fb", "pat-lt", "prov", "prov-pers", "maint", "other")
# What becomes of the first patients of a team, so that a small demo shows every status: today's, as of noon, and what
# is not agreed yet.
TODAY = {0: "booked", 1: "arrived", 3: "checked-in", 8: "booked"}
UNSETTLED = {6: "proposed", 7: "pending", 10: "waitlist", 11: "cancelled"}


@cache
def acute(age: int, sex: str) -> tuple[Condition, ...]:
    """List what somebody may come for on one occasion, each as often as it is usual."""
    fitting = (one for one in CONDITIONS if one.fits(age, sex) and not one.chronic)
    return tuple(one for one in fitting for _ in range(one.weight))


class Schedule:
    """The appointments of one team's patients."""

    def __init__(self, plan: Plan, tables: Tables, team: Team) -> None:
        self.plan, self.team = plan, team
        self.dice = plan.dice(f"visits of {team.number}")
        self.desk = Desk(tables, self.dice)

    def visits(self, person: Person, position: int) -> Iterator[Visit]:
        """Make a person's appointments, and yield the visits among them, oldest first."""
        first = max(self.plan.as_of - HISTORY, person.born + DAY * 7)
        last = min(self.plan.as_of, person.died.date() if person.died else date.max) - DAY
        chronic = self._chronic(person, last)
        for day in self._days(person, first, last):
            yield from self._past(self._meeting(person, chronic, day), day, last)
        if person.died:
            if self.dice.chance(0.3):
                self._ahead(person, "cancelled", reason="pat-dec")
        elif person.double_of is None:
            yield from self._to_come(person, chronic, position)

    def _days(self, person: Person, first: date, last: date) -> list[date]:
        """Pick the days: as many as the plan says on average, fewer of those who are younger than the history."""
        if first > last:
            return []
        most = 2 * self.plan.visits * (last - first) // HISTORY
        count = 1 if person.double_of else self.dice.below(most + 1)
        return sorted(self.dice.day(first, last) for _ in range(count))

    def _to_come(self, person: Person, chronic: list[Condition], position: int) -> Iterator[Visit]:
        if position in TODAY:
            yield from self._today(self._meeting(person, chronic, self.plan.as_of), TODAY[position])
        if position in UNSETTLED or self.dice.chance(0.03):
            self._ahead(person, UNSETTLED.get(position, "proposed"), reason="pat")
        if self.dice.chance(0.35):
            self._ahead(person, "booked")

    def _chronic(self, person: Person, last: date) -> list[Condition]:
        age = person.age(last)
        return [
            one for one in CONDITIONS if one.chronic and one.fits(age, person.sex) and self.dice.below(100) < one.weight
        ]

    def _meeting(self, person: Person, chronic: list[Condition], day: date) -> Meeting:
        """Decide who sees a person on a day, and for what: something chronic, or something that fits the age."""
        clinician = self.team.pediatrics if person.is_minor(day) else self.team.family
        age = person.age(day)
        if chronic and self.dice.chance(0.6):
            condition = chronic[self.dice.below(len(chronic))]
            if condition.fits(age, person.sex):
                return Meeting(person, clinician, condition)
        fitting = acute(age, person.sex)
        return Meeting(person, clinician, fitting[self.dice.below(len(fitting))])

    def _past(self, meeting: Meeting, day: date, last: date) -> Iterator[Visit]:
        starts = self._slot(meeting, day, min(day + DAY * 6, last))
        if starts is None:
            return
        lot = self.dice.below(100)
        if lot < CANCELLED + MOVED:
            cancelled = self.desk.book(meeting, "cancelled", starts)
            cancelled["cancellation_reason"] = REASONS[self.dice.below(len(REASONS))]
            moved = self._slot(meeting, day + DAY * 7, min(day + DAY * 14, last)) if lot < MOVED else None
            if moved is not None:
                yield self._visit(meeting, moved, replaces=cancelled["id"])
        elif lot < CANCELLED + MOVED + MISSED:
            self.desk.book(meeting, "noshow", starts)
        elif lot < CANCELLED + MOVED + MISSED + MISTAKEN:
            self.desk.book(meeting, "entered-in-error", starts)
        else:
            yield self._visit(meeting, starts)
            if meeting.condition.therapy and self.dice.chance(0.6):
                yield from self._therapy(meeting, day, last)

    def _therapy(self, meeting: Meeting, day: date, last: date) -> Iterator[Visit]:
        meeting = meeting._replace(clinician=self.team.psychology)
        starts = self._slot(meeting, day + DAY * 7, min(day + DAY * 21, last))
        if starts is not None:
            meeting.person.saw_psychologist = True
            visit = self._visit(meeting, starts)
            visit.is_therapy = True
            yield visit

    def _visit(self, meeting: Meeting, starts: datetime, replaces: int | None = None) -> Visit:
        appointment = self.desk.book(meeting, "fulfilled", starts, replaces)
        appointment["checked_in_at"] = starts - timedelta(minutes=self.dice.below(15))
        ends = starts + timedelta(minutes=15 + self.dice.below(15))
        if meeting.condition.stay:
            ends += DAY
            meeting.person.busy.add(starts.date() + DAY)
        return Visit(meeting, self.desk.see(meeting, appointment, "finished", ends))

    def _today(self, meeting: Meeting, status: str) -> Iterator[Visit]:
        starts = meeting.clinician.diary.take(self.dice, self.plan.as_of, morning=status != "booked")
        if starts is None:
            return
        meeting.person.busy.add(self.plan.as_of)
        appointment = self.desk.book(meeting, status, starts)
        if status == "arrived":
            self.desk.see(meeting, appointment, "arrived")
        elif status == "checked-in":
            appointment["checked_in_at"] = starts - timedelta(minutes=5)
            yield Visit(meeting, self.desk.see(meeting, appointment, "in-progress"), is_open=True)

    def _ahead(self, person: Person, status: str, reason: str | None = None) -> None:
        """Make an appointment in the next three months, or one whose time is not agreed."""
        meeting = self._meeting(person, [], self.plan.as_of)
        starts = None
        if status not in {"proposed", "waitlist"}:
            starts = self._slot(meeting, self.plan.as_of + DAY, self.plan.as_of + DAY * 90)
            if starts is None:
                return
        appointment = self.desk.book(meeting, status, starts)
        if status == "cancelled":
            appointment["cancellation_reason"] = reason

    def _slot(self, meeting: Meeting, first: date, last: date) -> datetime | None:
        return meeting.clinician.diary.take_between(self.dice, first, last, meeting.person.busy)
