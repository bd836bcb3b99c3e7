"""What the patients app refuses. No sentence says anything about a person; keys stand in attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from patients.registration import Candidate


class PatientError(ComplianceError):
    """Something about a patient's record cannot be done."""


class LikelyDuplicates(PatientError):
    """Records that may be of the same person: `candidates`, likeliest first. Nothing was written."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        many = len(candidates) > 1
        super().__init__(
            f"{len(candidates)} {'records' if many else 'record'} may be of the same person. Look at "
            f"{'them' if many else 'it'}, and go on with {'one of them' if many else 'it'}, or say that the person is "
            "another."
        )
        self.candidates = tuple(candidates)


class NotEnoughToGoOn(PatientError):
    """Too many people would be found so, most of whom nobody asked for."""

    def __init__(self) -> None:
        super().__init__(
            "Give a record number, or the beginning of the family name together with the birth date: a name or a day "
            "alone is not enough."
        )


class MergeRefused(PatientError):
    """Two records cannot be merged, or not be taken apart."""


class MergedIntoItself(MergeRefused):
    """Both are the same record."""

    def __init__(self) -> None:
        super().__init__("A record cannot be merged into itself: name the two records of the person.")


class AlreadyMerged(MergeRefused):
    """The duplicate has been merged before. `survivor` is the public identifier of the record that goes on."""

    def __init__(self, survivor: UUID) -> None:
        super().__init__("This record has been merged already: unmerge it first, or merge the one that goes on.")
        self.survivor = survivor


class NotASurvivor(MergeRefused):
    """The record to merge into has been merged itself. `survivor` is the public identifier of the one that goes on."""

    def __init__(self, survivor: UUID) -> None:
        super().__init__("That record has itself been merged into another: merge into the one that goes on.")
        self.survivor = survivor


class NotMerged(MergeRefused):
    """Nobody merged it, or it has been unmerged already."""

    def __init__(self) -> None:
        super().__init__("This record is not merged into another, so there is nothing to take apart.")


class CoverageError(PatientError):
    """A coverage is not in a state for this."""


class NotInForce(CoverageError):
    """Only an active coverage is confirmed or ended. `status` is the one it has."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This coverage is {status}: only an active one is confirmed or ended.")
        self.status = status


class ConfirmedLater(CoverageError):
    """The moment of a confirmation lies in the future, or before the one that is known."""

    def __init__(self) -> None:
        super().__init__("A confirmation lies in the past, and after the one that is known: look at the time.")


class EndedEarlier(CoverageError):
    """To end a coverage shortens it."""

    def __init__(self) -> None:
        super().__init__("This coverage ends before that day already: attach a new one if there is cover again.")
