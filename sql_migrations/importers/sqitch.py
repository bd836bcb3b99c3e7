"""Sqitch: the order stands in sqitch.plan, the files in deploy/, revert/ and verify/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_migrations.errors import SqlFileError, SqlMigrationsError

if TYPE_CHECKING:
    from pathlib import Path

    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "sqitch"
PLAN = "sqitch.plan"
OWN = (PLAN, "sqitch.conf")
_CHANGE = re.compile(r"\+?\s*(?P<name>\w[^\s@#\[:]*)(?:\s|$)")
_TAG = re.compile(r"@(?P<name>\S+)")


@dataclass
class _Change:
    name: str
    line: int
    # The tag that follows, if the change is reworked later: its old script is kept as name@tag.sql.
    tag: str | None = None
    reworked: bool = False

    @property
    def script(self) -> str:
        return f"{self.name}@{self.tag}" if self.reworked else self.name


def claims(listing: Listing) -> bool:
    """Claim a folder with a plan."""
    return PLAN in listing.names


def read(listing: Listing) -> list[SqlFile]:
    """Read deploy/ in the plan's order, each with its script in revert/. Raises for a change without its script."""
    changes = _plan(listing)
    missing = [change for change in changes if not (listing.path / "deploy" / f"{change.script}.sql").is_file()]
    if missing:
        scripts = ", ".join(f"deploy/{change.script}.sql (line {change.line})" for change in missing)
        raise SqlMigrationsError(f"{PLAN} names changes whose scripts are missing: {scripts}.")
    for name in listing.sql:
        listing.leave_out(name, "Sqitch takes only what its plan names")
    if any((listing.path / "verify").glob("**/*.sql")):
        listing.leave_out("verify/", "this engine has no verify scripts; its own `verify` compares the whole catalogue")
    planned = {f"{change.script}.sql" for change in changes}
    _warn_of_unplanned(listing, planned)
    return [_file(listing, change) for change in changes]


def _file(listing: Listing, change: _Change) -> SqlFile:
    revert = listing.path / "revert" / f"{change.script}.sql"
    deploy = listing.path / "deploy" / f"{change.script}.sql"
    return listing.sql_file(deploy, change.script, down_path=revert if revert.is_file() else None)


def _plan(listing: Listing) -> list[_Change]:
    path: Path = listing.path / PLAN
    if not path.is_file():
        raise SqlMigrationsError(f"{listing.path} holds no {PLAN}, which says the order of Sqitch's changes.")
    changes: list[_Change] = []
    latest: dict[str, _Change] = {}
    untagged: list[_Change] = []
    for number, line in enumerate((listing.text(path) or "").split("\n"), 1):
        words = line.strip()
        if not words or words.startswith(("%", "#")):
            continue
        if tag := _TAG.match(words):
            for change in untagged:
                change.tag = tag["name"]
            untagged = []
            continue
        match = _CHANGE.match(words)
        if match is None:
            raise SqlFileError(f"this is not a change of a Sqitch plan: {words}", file=PLAN, line=number)
        change = _Change(match["name"], number)
        if change.name in latest:
            latest[change.name].reworked = True
        latest[change.name] = change
        changes.append(change)
        untagged.append(change)
    return changes


def _warn_of_unplanned(listing: Listing, planned: set[str]) -> None:
    deploy = listing.path / "deploy"
    for path in sorted(deploy.glob("**/*.sql")):
        if path.relative_to(deploy).as_posix() not in planned:
            listing.leave_out(listing.shown(path), "the plan does not name it")
