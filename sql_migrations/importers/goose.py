"""goose: one file for both directions, `-- +goose Up` and `-- +goose Down`, in order of the leading numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers import marked

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker

NAME = "goose"
_NAME = re.compile(r"(\d+)_.*\.sql", re.IGNORECASE)
_MARKER = re.compile(r"--\s*\+goose\s+(.*)", re.IGNORECASE)
_SIGN = re.compile(r"^[ \t]*--[ \t]*\+goose[ \t]+Up\b", re.MULTILINE | re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder in which a file has goose's marker."""
    return any(_SIGN.search(text) for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by number. Its statement marks are not needed here: the parser finds where a statement ends."""
    names = marked.numbered(listing, _NAME, "goose takes only names like 00001_name.sql")
    names.sort(key=lambda name: (int(name.split("_", 1)[0]), name))
    for name in names:
        if "+goose envsub on" in (listing.text(listing.path / name) or "").lower():
            listing.warn(f"{name} asks goose to fill in environment variables: here the text is taken as it stands.")
    return [marked.file(listing, name, _marker, "-- +goose Up", _no_transaction) for name in names]


def _marker(line: str) -> Marker | None:
    match = _MARKER.fullmatch(line)
    if match is None:
        return None
    word = match[1].strip().lower()
    return ("up", word) if word == "up" else ("down", word) if word == "down" else ("drop", word)


def _no_transaction(options: tuple[str, ...]) -> bool:
    return "no transaction" in options
