"""What the consent room refuses. No sentence says anything about a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError, OutsideCare
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from datetime import datetime


class ConsentMissing(OutsideCare):
    """The account may do this with this patient's data, but no consent lets it, or one refuses it."""

    def __init__(self, permission: str, purpose: str) -> None:
        super().__init__(permission)
        known = Purpose(purpose).label.lower() if purpose in Purpose.values else purpose
        self.args = (
            f"This account may do this ({permission}), but the patient's consent does not let it for {known}.",
        )
        self.purpose = purpose


class ConsentRefused(ComplianceError):
    """A consent is not recorded so."""


class ConsentChanged(ConsentRefused):
    """There is a newer version than the one that was to be changed."""

    def __init__(self) -> None:
        super().__init__("Somebody else has changed this consent meanwhile. Look at it as it is now.")


class ConsentOver(ConsentRefused):
    """What has been withdrawn, declined or entered in error does not change any more."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This consent is {status}, and stays so. Record a new one.")
        self.status = status


class NotADraft(ConsentRefused):
    """Only a draft is signed or declined."""

    def __init__(self) -> None:
        super().__init__("This consent is no draft any more.")


class RepresentativeNeeded(ConsentRefused):
    """The patient cannot give this alone."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Record who gave it for the patient, and by what authority.")


class RepresentativeRefused(ConsentRefused):
    """The representative may not give this for the patient."""


class VerifiedAlready(ConsentRefused):
    """A version is verified once."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"This consent was verified on {at:%Y-%m-%d %H:%M} UTC.")
        self.at = at


class DocumentDiffers(ConsentRefused):
    """The document is not the one whose digest was recorded."""

    def __init__(self) -> None:
        super().__init__("This is not the document that was recorded: its SHA-256 differs. Record a new version.")


class NotConfirmed(ConsentRefused):
    """What would be recorded was not yet shown to who records it. `shown` is what the page shows; no sentence of it
    stands in the message, which goes to logs.
    """

    def __init__(self, shown: object) -> None:
        super().__init__("Nothing is recorded yet. Read above what it comes to, confirm it, and save again.")
        self.shown = shown


class UnfitPatient(ConsentRefused):
    """There is no such patient, or the record is not there for whoever asks."""

    def __init__(self) -> None:
        super().__init__("There is no such patient, or your role does not show them to you.")
