"""What the access room refuses. No sentence says anything about a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from datetime import datetime


class BreakGlassRefused(ComplianceError):
    """A chart is not opened, closed or reviewed so."""


class NoEmergencyAccess(BreakGlassRefused):
    """No role of the account may break the glass, or it is no person's account."""

    def __init__(self) -> None:
        super().__init__("This account cannot open charts in an emergency: ask somebody whose own account can.")


class ProofNeeded(BreakGlassRefused):
    """The proof is of somebody else, or too old."""

    def __init__(self) -> None:
        super().__init__("Show again that it is you: type your password, and the token if you are asked for one.")


class ReasonNeeded(BreakGlassRefused):
    """Whoever reviews it later could not tell from this why."""

    def __init__(self) -> None:
        super().__init__(
            "Say in a few words, at least three different ones, why this chart has to be opened now: whoever reviews "
            "it reads them."
        )


class TooLong(BreakGlassRefused):
    """`minutes` is no time for which a chart is opened."""

    def __init__(self, longest: int) -> None:
        super().__init__(f"A chart is opened in an emergency for 1 to {longest} minutes.")
        self.longest = longest


class NoSuchPatient(BreakGlassRefused):
    """There is no record with this key."""

    def __init__(self) -> None:
        super().__init__("There is no such record: find the patient again.")


class InCareAlready(BreakGlassRefused):
    """There is no glass to break."""

    def __init__(self) -> None:
        super().__init__("This patient is in your care already: open the chart as you always do.")


class OpenAlready(BreakGlassRefused):
    """The account has an open grant for this person, until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"You have opened this chart already, until {_said(until)}: go on, or close it first.")
        self.until = until


class OverAlready(BreakGlassRefused):
    """Somebody closed the chart, or its time is over, since `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"This chart has been closed since {_said(at)}.")
        self.at = at


class StillOpen(BreakGlassRefused):
    """What goes on cannot be judged yet."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"The chart is open until {_said(until)}: close it first, or review it afterwards.")
        self.until = until


class ReviewedAlready(BreakGlassRefused):
    """Somebody else was quicker."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"Somebody has reviewed this already, on {_said(at)}. Look at what they found.")
        self.at = at


class ReviewOfOneself(BreakGlassRefused):
    """Who broke the glass does not judge it."""

    def __init__(self) -> None:
        super().__init__("Nobody reviews what they opened themselves: leave it to somebody else.")


class NotYours(BreakGlassRefused):
    """Somebody else's grant or notice."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is somebody else's.")


class AcknowledgedAlready(BreakGlassRefused):
    """A notice is acknowledged once."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"You acknowledged this on {_said(at)}.")
        self.at = at


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


class ReviewedMeanwhile(ComplianceError):
    """Who holds what is not as it was shown to whoever signs."""

    def __init__(self) -> None:
        super().__init__("Who holds what has changed since this page was shown. Look at it as it is now, then sign.")


class CareEnded(ComplianceError):
    """A care relationship that is over does not end again."""

    def __init__(self) -> None:
        super().__init__("This care relationship has ended already. Begin a new one if care goes on.")
