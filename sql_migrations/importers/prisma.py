"""Prisma: a folder for each migration, with a migration.sql, in order of folder names, without a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "prisma"
OWN = ("migration_lock.toml",)


def claims(listing: Listing) -> bool:
    """Claim a folder with more sub-folders that hold a migration.sql than SQL files of its own."""
    found = [folder for folder in listing.folders if (listing.path / folder / "migration.sql").is_file()]
    return bool(found) and len(found) >= len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read the sub-folders by name. A down.sql, which Prisma's guide has people keep by hand, is the way back."""
    for name in listing.sql:
        listing.leave_out(name, "Prisma takes only folders with a migration.sql")
    files = []
    for folder in listing.folders:
        up, down = listing.path / folder / "migration.sql", listing.path / folder / "down.sql"
        if not up.is_file():
            continue
        files.append(listing.sql_file(up, folder, down_path=down if down.is_file() else None))
        for entry in sorted(up.parent.iterdir()):
            if entry not in {up, down}:
                listing.leave_out(listing.shown(entry), "Prisma reads migration.sql")
    return files
