"""What the providers app refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from datetime import date


class ProviderError(ComplianceError):
    """Something about a provider cannot be done."""


class Expired(ProviderError):
    """What has ended does not entitle to anything. `what` it is, and `on` its last day."""

    def __init__(self, what: str, on: date) -> None:
        super().__init__(f"This {what} ended on {on:%Y-%m-%d}: enter the one that is in force.")
        self.what, self.on = what, on


class SlotTooLong(ProviderError):
    """No slot of so many `minutes` fits into the hours."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"A slot of {minutes} minutes is longer than the hours: nothing could be booked in them.")
        self.minutes = minutes


class HeldAlready(ProviderError):
    """Hours cannot end before they began to hold, on `since`, when somebody may have been booked in them."""

    def __init__(self, since: date) -> None:
        super().__init__(f"These hours have held since {since:%Y-%m-%d}: let them end on that day or later.")
        self.since = since
