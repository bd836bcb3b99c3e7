"""dbmate: one file for both directions, `-- migrate:up` and `-- migrate:down`, in order of file names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers import marked

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker

NAME = "dbmate"
_NAME = re.compile(r"\d.*\.sql", re.IGNORECASE)
_MARKER = re.compile(r"--\s*migrate:(up|down)(?:\s+(.*))?")
_SIGN = re.compile(r"^--\s*migrate:up\b", re.MULTILINE)


def claims(listing: Listing) -> bool:
    """Claim a folder in which a file has dbmate's marker."""
    return any(_SIGN.search(text) for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read the files that begin with a number; dbmate takes no others."""
    names = marked.numbered(listing, _NAME, "dbmate takes only names that begin with a number")
    return [marked.file(listing, name, _marker, "-- migrate:up", _no_transaction) for name in names]


def _marker(line: str) -> Marker | None:
    match = _MARKER.fullmatch(line)
    if match is None:
        return None
    return ("up", match[2] or "") if match[1] == "up" else ("down", f"down {match[2] or ''}")


def _no_transaction(options: tuple[str, ...]) -> bool:
    return any("transaction:false" in option for option in options if not option.startswith("down"))
