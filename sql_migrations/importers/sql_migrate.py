"""sql-migrate: one file for both directions, `-- +migrate Up` and `-- +migrate Down`, in order of its numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers import marked

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker

NAME = "sql_migrate"
_NAME = re.compile(r"(\d*).*\.sql", re.IGNORECASE)
_MARKER = re.compile(r"--\s*\+migrate\s+(\w+)(.*)", re.IGNORECASE)
_SIGN = re.compile(r"^--[ \t]*\+migrate[ \t]+Up\b", re.MULTILINE | re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder in which a file has sql-migrate's marker."""
    return any(_SIGN.search(text) for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by their leading number, then by name; names without one come last, as sql-migrate has it."""
    order = sorted(listing.matching(_NAME).items(), key=lambda item: (not item[1][1], int(item[1][1] or 0), item[0]))
    return [marked.file(listing, name, _marker, "-- +migrate Up", _no_transaction) for name, _ in order]


def _marker(line: str) -> Marker | None:
    match = _MARKER.fullmatch(line)
    if match is None:
        return None
    word, options = match[1].lower(), match[2].lower()
    return ("up", options) if word == "up" else ("down", f"down {options}") if word == "down" else ("drop", "")


def _no_transaction(options: tuple[str, ...]) -> bool:
    return any("notransaction" in option for option in options if not option.startswith("down"))
