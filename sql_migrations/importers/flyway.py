"""Flyway: V1.2__name.sql in version order, U1.2__name.sql back, R__name.sql after all, B1.2__name.sql a baseline."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sql_migrations.files import SqlFile
    from sql_migrations.header import Transaction
    from sql_migrations.importers.listing import Listing

NAME = "flyway"
_NAME = re.compile(r"(?P<kind>[VUBR])(?P<version>\d+(?:[._]\d+)*)?__(?P<words>.+)\.sql", re.IGNORECASE)
_NO_TRANSACTION = re.compile(rb"^\s*executeInTransaction\s*=\s*false", re.MULTILINE | re.IGNORECASE)

Version = tuple[int, ...]


def claims(listing: Listing) -> bool:
    """Claim a folder whose files are mostly Flyway's by name."""
    found = [name for name, match in listing.matching(_NAME).items() if _sound(match)]
    return bool(found) and 2 * len(found) >= len(listing.sql)


def read(listing: Listing) -> list[SqlFile]:
    """Read versioned files by number, then the repeatable ones by name, as Flyway runs them on an empty database."""
    kinds: dict[str, list[tuple[Version, str]]] = {"V": [], "U": [], "B": [], "R": []}
    matches = listing.matching(_NAME)
    for name in listing.sql:
        match = matches.get(name)
        if match is None or not _sound(match):
            listing.leave_out(name, "not named as Flyway names migrations")
        else:
            kinds[match["kind"].upper()].append((_version(match), name))
    downs = {version: listing.path / name for version, name in sorted(kinds["U"], reverse=True)}
    ups = sorted(kinds["V"] + _baseline(listing, kinds["B"], kinds["V"]))
    _warn_of_versions(listing, ups, kinds["U"])
    files = [_file(listing, name, downs.get(version)) for version, name in ups]
    for _, name in sorted(kinds["R"]):
        listing.warn(
            f"{name} is repeatable for Flyway: here it runs once, after all versions; a change needs a new file."
        )
        files.append(_file(listing, name, None))
    return files


def _sound(match: re.Match[str]) -> bool:
    """Say whether kind and version go together: only R has no version."""
    return (match["kind"].upper() == "R") == (match["version"] is None)


def _version(match: re.Match[str]) -> Version:
    """Read 1_2 and 1.2 as (1, 2), and 1.0 as 1: trailing zeros say nothing to Flyway."""
    numbers = [int(part) for part in re.split(r"[._]", match["version"] or "0")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _baseline(
    listing: Listing, baselines: list[tuple[Version, str]], versions: list[tuple[Version, str]]
) -> list[tuple[Version, str]]:
    """Use the newest baseline only where the versions that it sums up are gone."""
    if not baselines:
        return []
    newest = max(baselines)
    for version, name in baselines:
        if (version, name) != newest or any(one <= version for one, _ in versions):
            listing.leave_out(name, "a baseline sums up versions that are here themselves or in a newer baseline")
    return [] if any(one <= newest[0] for one, _ in versions) else [newest]


def _warn_of_versions(listing: Listing, ups: list[tuple[Version, str]], downs: list[tuple[Version, str]]) -> None:
    for (version, name), (after, later) in pairwise(ups):
        if version == after:
            listing.warn(f"{name} and {later} have the same version, which Flyway refuses: they run in this order.")
    known = {version for version, _ in ups}
    for version, name in downs:
        if version not in known:
            listing.leave_out(name, "there is no migration that it would roll back")


def _file(listing: Listing, name: str, down: Path | None) -> SqlFile:
    settings = listing.path / f"{name}.conf"
    transaction: Transaction = "auto"
    if settings.name in listing.names and _NO_TRANSACTION.search(listing.raw(settings)):
        transaction = "none"
    return listing.sql_file(listing.path / name, name[: -len(".sql")], down_path=down, transaction=transaction)
