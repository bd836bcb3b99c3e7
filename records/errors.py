"""What charting and prescribing refuse. Each error is a sentence for the clinician; none says whom it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patients.models import Allergy
    from records.value_sets import MedicationRequestStatus


class RecordError(ComplianceError):
    """A record or a prescription cannot be made or changed so."""


class NotAProvider(RecordError):
    """The account belongs to nobody who gives care here today."""

    def __init__(self) -> None:
        super().__init__(
            "This account belongs to no provider who gives care here today. Link it to one, or name the author."
        )


class NotTheAuthor(RecordError):
    """Somebody signs what another wrote."""

    def __init__(self) -> None:
        super().__init__("A record is signed by its author. Ask them to, or write one of your own.")


class NothingToSign(RecordError):
    """The record says nothing."""

    def __init__(self) -> None:
        super().__init__("The record has neither text nor measurements. Write some before it is signed.")


class AlreadySigned(RecordError):
    """The record is no draft any more."""

    def __init__(self) -> None:
        super().__init__("The record has been signed and stands as it is. Amend it with a new one.")


class NotSigned(RecordError):
    """The record is a draft."""

    def __init__(self) -> None:
        super().__init__("The record has not been signed: change the draft itself, and sign it.")


class AlreadyAmended(RecordError):
    """Another record stands in the place of this one, or is being written for it."""

    def __init__(self, *, signed: bool) -> None:
        super().__init__(
            "The record has been amended already: amend the amendment."
            if signed
            else "An amendment of the record is being written already: finish that draft, or enter it in error."
        )
        self.signed = signed


class InError(RecordError):
    """The record was a mistake as a whole, and nothing more becomes of it."""

    def __init__(self) -> None:
        super().__init__("The record was entered in error. Write a new one.")


class LicenceNotInForce(RecordError):
    """The prescriber's licence does not cover this day."""

    def __init__(self) -> None:
        super().__init__(
            "The prescriber has no state licence on file that is in force today. Enter its last day first."
        )


class PatientDeceased(RecordError):
    """The patient has died."""

    def __init__(self) -> None:
        super().__init__("Nothing is prescribed for a patient who has died. If this is wrong, correct the patient.")


class AllergyConflict(RecordError):
    """The patient is allergic to what is prescribed. `allergies` are the rows that say so."""

    def __init__(self, allergies: Sequence[Allergy]) -> None:
        super().__init__(
            "The chart has an active allergy or intolerance to this very medication. Prescribe another, or say that it "
            "is to be prescribed despite the allergy."
        )
        self.allergies = tuple(allergies)


class WrongStatus(RecordError):
    """A prescription cannot go from the status that it has to another. `old` and `new` are the two."""

    def __init__(self, old: MedicationRequestStatus, new: MedicationRequestStatus) -> None:
        was, will_be = old.label.lower(), new.label.lower()
        super().__init__(
            f"The prescription is already in the status: {was}."
            if old == new
            else f"The prescription cannot go from the status “{was}” to “{will_be}”."
        )
        self.old, self.new = old, new


class NotRenewable(RecordError):
    """The prescription is neither active nor completed."""

    def __init__(self, status: MedicationRequestStatus) -> None:
        super().__init__(
            f"A prescription in the status “{status.label.lower()}” is not renewed, only an active or completed one. "
            "Prescribe anew."
        )
        self.status = status


class AlreadyRenewed(RecordError):
    """Another prescription renews this one, and is in force."""

    def __init__(self) -> None:
        super().__init__("The prescription has been renewed already, by one that is in force: renew that one.")


class ScheduleTwoNotRenewed(RecordError):
    """Schedule II allows no refill, under whatever name."""

    def __init__(self) -> None:
        super().__init__(
            "A prescription of schedule II may not be refilled (21 CFR 1306.12(a)), so it is not renewed. "
            "Prescribe anew."
        )
