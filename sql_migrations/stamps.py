"""Timestamps of file names: what a foreign name tells, what is taken already, and what comes next. All in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sql_migrations.names import FORMAT, STAMP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

SECOND = timedelta(seconds=1)
# Where files without any date begin: before every system that has one, and plainly made up.
BASE = datetime(2000, 1, 1, tzinfo=UTC)
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
_STAMPED = re.compile(r"\d{8}_\d{6}_.*\.sql", re.ASCII)
_LEADING_DIGITS = re.compile(r"[A-Za-z]?(?P<digits>\d(?:[-_.]?\d)*)", re.ASCII)
# Digits of a date, and of a date with a time, in the order in which they are tried.
_FORMATS = ((14, "%Y%m%d%H%M%S"), (12, "%Y%m%d%H%M"), (8, "%Y%m%d"))


def stamp(moment: datetime) -> str:
    """Write a moment as the front of a file name."""
    return f"{moment:{FORMAT}}"


def newest(folder: Path) -> datetime | None:
    """Return the moment in the newest name of a folder, None if no name has one. Files that cannot run count too."""
    found = (_parsed(entry.name[:STAMP], FORMAT) for entry in folder.iterdir() if _STAMPED.fullmatch(entry.name))
    return max((moment for moment in found if moment), default=None)


def told_by(name: str, *, now: datetime) -> datetime | None:
    """Read the moment that a foreign name begins with, None without one: a date, a date and time, or Unix time."""
    match = _LEADING_DIGITS.match(name)
    if match is None:
        return None
    plain = re.match(r"\d+", match["digits"])
    if plain is not None and (moment := _unix_time(plain[0])) and _OLDEST < moment <= now:
        return moment
    digits = re.sub(r"\D", "", match["digits"])
    candidates = (_parsed(digits[:length], form) for length, form in _FORMATS if len(digits) >= length)
    return next((moment for moment in candidates if moment and moment > _OLDEST), None)


def assign(told: Sequence[datetime | None], *, floor: datetime | None, now: datetime) -> list[datetime]:
    """Give each file a moment: its own where that keeps the order, else the next free second.

    The moments rise strictly and lie above `floor`. None lies ahead of `now`, unless `floor` leaves no room.
    """
    chosen: list[datetime] = []
    last = floor
    for number, own in enumerate(told):
        # Room for those that follow, a second each.
        latest = now.replace(microsecond=0) - SECOND * (len(told) - 1 - number)
        moment = (BASE if last is None else last + SECOND) if own is None else min(own, latest)
        last = moment if last is None else max(moment, last + SECOND)
        chosen.append(last)
    return chosen


def ahead(chosen: Iterable[datetime], now: datetime) -> bool:
    """Say whether a moment lies in the future."""
    return any(moment > now for moment in chosen)


def _unix_time(digits: str) -> datetime | None:
    """Read ten digits as seconds and thirteen as milliseconds since 1970."""
    if len(digits) not in {10, 13}:
        return None
    return _OLDEST + timedelta(seconds=int(digits[:10]))


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
