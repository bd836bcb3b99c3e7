"""This project's own layout: YYYYMMDD_HHMMSS_description.sql with its `.down.sql` beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations.errors import BadHeader, BadName, SqlMigrationsError
from sql_migrations.files import scan
from sql_migrations.names import DOWN, STAMP, check_name

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "convention"


def claims(listing: Listing) -> bool:
    """Claim a folder only if every name is right: one that merely looks like it is read as plain files."""
    ups = [name for name in listing.sql if not name.endswith(DOWN)]
    if not ups or len({name[:STAMP] for name in ups}) < len(ups):
        return False
    try:
        for name in ups:
            check_name(name)
    except BadName:
        return False
    present = set(ups)
    return all(f"{name.removesuffix(DOWN)}.sql" in present for name in listing.sql if name.endswith(DOWN))


def read(listing: Listing) -> list[SqlFile]:
    """Read it as the engine reads its own folder, headers and all. Raises for what that would refuse."""
    folder = scan(listing.path)
    # A header is judged when the file is used; the other problems are of the folder, and its order would be a guess.
    problems = [problem for problem in folder.problems if not isinstance(problem, BadHeader)]
    if problems:
        raise SqlMigrationsError("\n".join(str(problem) for problem in problems))
    for problem in folder.problems:
        listing.warn(str(problem))
    return [file for file in folder.files if file.path.name in listing.names]
