"""node-pg-migrate's SQL files: `-- Up Migration` and `-- Down Migration` in one file, in order of file names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers import marked

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker

NAME = "node_pg_migrate"
_MARKER = re.compile(r"-[-\s]*(up|down)\s+migration.*", re.IGNORECASE)
_SIGN = re.compile(r"^-[-\s]*(?:up|down)\s+migration", re.MULTILINE | re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder in which a file has node-pg-migrate's marker."""
    return any(_SIGN.search(text) for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read every SQL file. Text above the first marker is the way up, as node-pg-migrate has it."""
    return [
        marked.file(listing, name, _marker, "-- Up Migration", lambda _options: False, start="up")
        for name in listing.sql
    ]


def _marker(line: str) -> Marker | None:
    match = _MARKER.fullmatch(line)
    if match is None:
        return None
    return ("up", "") if match[1].lower() == "up" else ("down", "")
