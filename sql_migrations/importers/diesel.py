"""Diesel: a folder for each migration, with up.sql, down.sql and perhaps metadata.toml."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from sql_migrations.errors import SqlMigrationsError

if TYPE_CHECKING:
    from pathlib import Path

    from sql_migrations.files import SqlFile
    from sql_migrations.header import Transaction
    from sql_migrations.importers.listing import Listing

NAME = "diesel"


def claims(listing: Listing) -> bool:
    """Claim a folder with more sub-folders that hold an up.sql than SQL files of its own."""
    found = [folder for folder in listing.folders if (listing.path / folder / "up.sql").is_file()]
    return bool(found) and len(found) >= len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read the sub-folders by version: what stands before the first underscore, dashes aside, as text."""
    for name in listing.sql:
        listing.leave_out(name, "Diesel takes only folders with an up.sql")
    files = []
    for folder in sorted(listing.folders, key=lambda name: (name.split("_", 1)[0].replace("-", ""), name)):
        up, down = listing.path / folder / "up.sql", listing.path / folder / "down.sql"
        if not up.is_file():
            continue
        files.append(
            listing.sql_file(
                up, folder, down_path=down if down.is_file() else None, transaction=_transaction(up.parent)
            )
        )
        _warn_of_others(listing, up.parent)
    return files


def _transaction(folder: Path) -> Transaction:
    metadata = folder / "metadata.toml"
    if not metadata.is_file():
        return "auto"
    try:
        settings = tomllib.loads(metadata.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SqlMigrationsError(f"{metadata} is not TOML: {problem}. Diesel would refuse it too.") from None
    return "none" if settings.get("run_in_transaction") is False else "auto"


def _warn_of_others(listing: Listing, folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.name not in {"up.sql", "down.sql", "metadata.toml"}:
            listing.leave_out(listing.shown(entry), "Diesel reads up.sql, down.sql and metadata.toml")
