"""golang-migrate: 000001_name.up.sql and 000001_name.down.sql, in order of the numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers.listing import pair

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "golang_migrate"
_NAME = re.compile(r"(?P<name>(?P<number>\d+)_.*)\.(?P<way>up|down)\.sql", re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder whose files are mostly `.up.sql` and `.down.sql` behind a number."""
    found = listing.matching(_NAME)
    return any(match["way"].lower() == "up" for match in found.values()) and 2 * len(found) >= len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by number."""
    found = listing.matching(_NAME)
    for name in listing.sql:
        if name not in found:
            listing.leave_out(name, "golang-migrate takes only names like 1_name.up.sql")
    pairs = pair(listing, found)
    return [listing.sql_file(up, name, down_path=down) for name, up, down in pairs]
