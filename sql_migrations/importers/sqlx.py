"""sqlx: 20240115143000_name.sql, or the same with .up.sql and .down.sql; `-- no-transaction` as the first line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers.listing import pair

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "sqlx"
_NAME = re.compile(r"(?P<name>(?P<number>\d+)_.*?)(?:\.(?P<way>up|down))?\.sql", re.IGNORECASE)
_NO_TRANSACTION = "-- no-transaction"


def claims(listing: Listing) -> bool:
    """Claim a folder only for sqlx's own comment: its names alone are also Supabase's and golang-migrate's."""
    named = 2 * len(listing.matching(_NAME)) >= len(listing.sql)
    return named and any(text.startswith(_NO_TRANSACTION) for text in listing.texts())


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by number."""
    found = listing.matching(_NAME)
    for name in listing.sql:
        if name not in found:
            listing.leave_out(name, "sqlx takes only names like 20240115143000_name.sql")
    return [
        listing.sql_file(
            up,
            name,
            down_path=down,
            transaction="none" if (listing.text(up) or "").startswith(_NO_TRANSACTION) else "auto",
        )
        for name, up, down in pair(listing, found)
    ]
