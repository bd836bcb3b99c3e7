"""What booking refuses. Each error is a sentence for the person at the desk; none says anything about a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appointments.slots import Slot
    from appointments.value_sets import AppointmentStatus, EncounterStatus


class AppointmentError(ComplianceError):
    """An appointment or an encounter cannot be made or changed so."""


class SlotTaken(AppointmentError, RuleBroken):
    """The provider, the room or the patient has another appointment at this time.

    `rule` is the name of the constraint that says so, and `free` the provider's next free slots, in order.
    """

    def __init__(self, rule: str, message: str, *, free: Sequence[Slot] = ()) -> None:
        offer = f" Free next: {', '.join(f'{slot.starts_at:%Y-%m-%d %H:%M} UTC' for slot in free)}." if free else ""
        super().__init__(rule, message + offer)
        self.free = tuple(free)


class InThePast(AppointmentError):
    """A new appointment begins at a time that has passed."""

    def __init__(self) -> None:
        super().__init__("This time has passed. Book a later one, or an encounter for what has happened.")


class ProviderAway(AppointmentError):
    """The provider does not give care here on that day."""

    def __init__(self) -> None:
        super().__init__("The provider does not see patients here on that day. Choose another day or provider.")


class NotAccepting(AppointmentError):
    """The provider takes no new patients, and this one is new to them."""

    def __init__(self) -> None:
        super().__init__("The provider takes no new patients, and has not seen this one. Choose another provider.")


class NotARoom(AppointmentError):
    """The place is not a room or a bed, or is not in use."""

    def __init__(self) -> None:
        super().__init__("Only an active room or bed can be had for an appointment. Choose another, or none.")


class OutsideHours(AppointmentError):
    """The time does not lie within the provider's hours."""

    def __init__(self) -> None:
        super().__init__(
            "This lies outside the provider's hours. Choose a free slot, or book outside hours on purpose."
        )


class PatientDeceased(AppointmentError):
    """The patient has died."""

    def __init__(self) -> None:
        super().__init__("No appointment is made for a patient who has died. If this is wrong, correct the patient.")


class TooEarly(AppointmentError):
    """A patient does not miss an appointment before it begins."""

    def __init__(self) -> None:
        super().__init__("The appointment has not begun yet: only then can a patient have missed it. Or cancel it.")


class WrongStatus(AppointmentError):
    """Something cannot go from the status that it has to another. `old` and `new` are the two."""

    def __init__(self, what: str, old: AppointmentStatus | EncounterStatus, new: AppointmentStatus | EncounterStatus):
        was, will_be = old.label.lower(), new.label.lower()
        super().__init__(
            f"The {what} is already in the status: {was}."
            if old == new
            else f"The {what} cannot go from the status “{was}” to “{will_be}”."
        )
        self.old, self.new = old, new
