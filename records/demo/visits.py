"""One appointment, and the encounter that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from appointments.models import Appointment, Encounter
from compliance.codes import CodeSystem
from records.demo.diary import SLOT
from records.demo.plan import ZONE

if TYPE_CHECKING:
    from records.demo.clinic import Clinician
    from records.demo.conditions import Condition
    from records.demo.people import Person
    from records.demo.plan import Dice
    from records.demo.tables import Row, Tables

DAY = timedelta(days=1)


class Meeting(NamedTuple):
    """Who is to be seen by whom, and why."""

    person: Person
    clinician: Clinician
    condition: Condition


@dataclass(slots=True)
class Visit:
    """A meeting that took place. `is_open`: it goes on, and nothing is signed yet."""

    meeting: Meeting
    encounter: Row
    is_therapy: bool = False
    is_open: bool = False

    @property
    def person(self) -> Person:
        return self.meeting.person

    @property
    def clinician(self) -> Clinician:
        return self.meeting.clinician

    @property
    def condition(self) -> Condition:
        return self.meeting.condition

    @property
    def starts(self) -> datetime:
        """The moment at which it began."""
        moment: datetime = self.encounter["starts_at"]
        return moment

    @property
    def signed(self) -> datetime:
        """The moment at which its documents are signed: a quarter of an hour after its end."""
        moment: datetime = self.encounter["ends_at"]
        return moment + timedelta(minutes=15)

    @property
    def day(self) -> date:
        """The day on the clinic's wall."""
        return self.starts.astimezone(ZONE).date()


def labels(condition: Condition) -> Row:
    """Label what is about a condition that policies treat apart."""
    if not condition.sensitivity:
        return {}
    return {"sensitivity": f"{{{condition.sensitivity}}}", "confidentiality": "R"}


class Desk:
    """Writes down appointments and encounters."""

    def __init__(self, tables: Tables, dice: Dice) -> None:
        self.tables, self.dice = tables, dice

    def book(self, meeting: Meeting, status: str, starts: datetime | None, replaces: int | None = None) -> Row:
        """Write an appointment: one in ten on line, the others in the clinician's room."""
        person, clinician, condition = meeting
        is_remote = self.dice.chance(0.1) and not condition.stay
        is_checkup = condition.code.startswith("Z00")
        appointment = self.tables.add(
            Appointment,
            self.dice,
            patient_id=person.key,
            provider_id=clinician.provider,
            room_id=None if is_remote else clinician.room,
            status=status,
            appointment_type="CHECKUP" if is_checkup else "FOLLOWUP" if condition.chronic else "ROUTINE",
            service_type=clinician.profession.specialty,
            reason_system=CodeSystem.ICD_10_CM.value,
            reason_code=condition.code,
            reason_text=condition.complaint.capitalize(),
            starts_at=starts,
            ends_at=starts and starts + SLOT,
            rescheduled_from_id=replaces,
            **labels(condition),
        )
        if is_remote:
            appointment["telehealth_url"] = f"https://visits.example.org/{appointment['uid']}"
        return appointment

    def see(self, meeting: Meeting, appointment: Row, status: str, ends: datetime | None = None) -> Row:
        """Write the encounter that an appointment led to."""
        person, clinician, condition = meeting
        copied = ("reason_system", "reason_code", "reason_text", "starts_at")
        return self.tables.add(
            Encounter,
            self.dice,
            patient_id=person.key,
            provider_id=clinician.provider,
            appointment_id=appointment["id"],
            location_id=appointment["room_id"],
            status=status,
            encounter_class="IMP" if condition.stay else "AMB" if appointment["room_id"] else "VR",
            **{name: appointment[name] for name in copied},
            ends_at=ends,
            discharge_disposition="home" if condition.stay and ends else None,
            **labels(condition),
        )
