"""What the layouts with both directions in one file have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations.importers.listing import stem
from sql_migrations.importers.sections import cut

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing
    from sql_migrations.importers.sections import Marker, Part


def numbered(listing: Listing, pattern: re.Pattern[str], reason: str) -> list[str]:
    """Return the names that the tool would take, in order of names; the others are left out for `reason`."""
    found = listing.matching(pattern)
    for name in listing.sql:
        if name not in found:
            listing.leave_out(name, reason)
    return list(found)


def file(
    listing: Listing,
    name: str,
    marker: Callable[[str], Marker | None],
    sign: str,
    no_transaction: Callable[[tuple[str, ...]], bool],
    *,
    start: Part = "drop",
) -> SqlFile:
    """Cut one file. Without any marker the whole file is the way up, with a warning."""
    path = listing.path / name
    text = listing.text(path)
    if text is None:
        return listing.sql_file(path, stem(name))
    sections = cut(text, marker, start=start)
    transaction = "none" if no_transaction(sections.options) else "auto"
    if not sections.marked and start == "drop":
        listing.warn(f"{name} has no line '{sign}': the whole file is read as the way up.")
        return listing.sql_file(path, stem(name))
    if sections.stray is not None:
        listing.warn(f"{name}:{sections.stray}: SQL above '{sign}' belongs to no direction and is not run.")
    return listing.sql_file(
        path,
        stem(name),
        up=sections.up,
        down=sections.down,
        transaction="none" if transaction == "none" else "auto",
    )
