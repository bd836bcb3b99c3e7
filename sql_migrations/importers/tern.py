"""tern: 001_name.sql, way up and way down parted by the line `---- create above / drop below ----`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers import marked

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker

NAME = "tern"
OWN = ("tern.conf",)
_NAME = re.compile(r"(\d+)_.*\.sql", re.IGNORECASE)
_SEPARATOR = "---- create above / drop below ----"
_NO_TRANSACTION = "---- tern: disable-tx ----"


def claims(listing: Listing) -> bool:
    """Claim a folder in which a file has tern's separator."""
    return any(_SEPARATOR in text for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by number. What stands above the separator is the way up."""
    names = marked.numbered(listing, _NAME, "tern takes only names like 001_name.sql")
    names.sort(key=lambda name: (int(name.split("_", 1)[0]), name))
    return [marked.file(listing, name, _marker, _SEPARATOR, _no_transaction, start="up") for name in names]


def _marker(line: str) -> Marker | None:
    if line == _SEPARATOR:
        return "down", ""
    return ("drop", line) if line == _NO_TRANSACTION else None


def _no_transaction(options: tuple[str, ...]) -> bool:
    return _NO_TRANSACTION in options
