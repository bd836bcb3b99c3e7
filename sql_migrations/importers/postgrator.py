"""Postgrator: 001.do.name.sql and 001.undo.name.sql, in order of the numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "postgrator"
_NAME = re.compile(r"(?P<number>\d+)\.(?P<way>do|undo)(?:\..*)?\.sql", re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder whose files are mostly Postgrator's by name."""
    found = listing.matching(_NAME)
    return any(match["way"].lower() == "do" for match in found.values()) and 2 * len(found) >= len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read `do` files by number, each with the `undo` file of that number."""
    ways: dict[str, dict[int, str]] = {"do": {}, "undo": {}}
    found = listing.matching(_NAME)
    for name in listing.sql:
        match = found.get(name)
        if match is None:
            listing.leave_out(name, "not named as Postgrator names migrations")
        elif ways[match["way"].lower()].setdefault(int(match["number"]), name) != name:
            listing.leave_out(name, "another file has its number, which Postgrator refuses")
    for number in ways["undo"].keys() - ways["do"].keys():
        listing.leave_out(ways["undo"][number], "there is no migration that it would roll back")
    downs = {number: listing.path / name for number, name in ways["undo"].items()}
    return [
        listing.sql_file(listing.path / name, name[: -len(".sql")], down_path=downs.get(number))
        for number, name in sorted(ways["do"].items())
    ]
