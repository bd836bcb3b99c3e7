"""Supabase: 20240115143000_name.sql, in order of file names, without a way back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers.listing import stem

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "supabase"
_STAMPED = re.compile(r"\d{14}_(?!.*[._]down\.sql).*(?<!\.up)\.sql", re.IGNORECASE)
_NAME = re.compile(r"\d+_.*\.sql", re.IGNORECASE)


def claims(listing: Listing) -> bool:
    """Claim a folder in which every name begins with fourteen digits."""
    return bool(listing.sql) and len(listing.matching(_STAMPED)) == len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read the files by name, as the Supabase CLI lists them."""
    found = listing.matching(_NAME)
    for name in listing.sql:
        if name not in found:
            listing.leave_out(name, "Supabase takes only names like 20240115143000_name.sql")
    return [listing.sql_file(listing.path / name, stem(name)) for name in found]
