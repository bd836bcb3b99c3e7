"""What keeps the dictionary from being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.errors import ComplianceError

if TYPE_CHECKING:
    from collections.abc import Iterable


class TablesMissing(ComplianceError):
    """The database lacks tables that models declare."""

    def __init__(self, tables: Iterable[str]) -> None:
        self.tables = sorted(tables)
        super().__init__(
            f"These tables are not in the database: {', '.join(self.tables)}. Apply the migrations first: "
            "./deploy.sh migrate"
        )
