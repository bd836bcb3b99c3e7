"""What can go wrong with an export or an import. No message carries what was typed or stored: they end up in logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExportError(RecordError):
    """A chart cannot be exported."""


class NoSuchPatient(ExportError):
    """No patient has the uid."""

    def __init__(self) -> None:
        super().__init__("No patient has this uid. It stands in the column uid of patients and in the admin.")


class NotFhir(ExportError):
    """A resource came out wrong, at the elements of `places`: a fault of the export, or a row past the rules."""

    def __init__(self, resource: str, uid: str, places: Sequence[str]) -> None:
        super().__init__(
            f"{resource} {uid} is not valid FHIR at {', '.join(places)}, so nothing was exported. "
            "Look at that row; when it is right, report this as a fault of the export."
        )
        self.resource, self.uid, self.places = resource, uid, places


class Unreadable(ExportError):
    """A row has a value that PostgreSQL can hold and Python cannot, such as the date infinity."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"{table} has a row of this patient with a value that cannot be read, such as the date infinity or one "
            "before Christ. Correct it in SQL and export again."
        )
        self.table = table


class ImportRefused(RecordError):
    """A resource says what this schema does not hold, or not as R4 has it.

    `problems` are pairs of a FHIR path and a sentence. Neither repeats a value.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{path}: {sentence}" for path, sentence in problems))
        self.problems = problems


class NotJson(RecordError):
    """The text is not the JSON of one resource."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"This is not a FHIR resource in JSON: {problem}. Nothing was recorded.")
