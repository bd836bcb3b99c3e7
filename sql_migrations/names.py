"""The naming convention of SQL files, and the nearest valid name for a file that misses it."""

from __future__ import annotations

import calendar
import re
from datetime import datetime

from sql_migrations.errors import BadName

PATTERN = "YYYYMMDD_HHMMSS_description.sql"
FORMAT = "%Y%m%d_%H%M%S"
STAMP = len("YYYYMMDD_HHMMSS")
_PARTS = (slice(0, 4), slice(4, 6), slice(6, 8), slice(9, 11), slice(11, 13), slice(13, 15))
DOWN = ".down.sql"
_NAME = re.compile(r"(?P<stamp>\d{8}_\d{6})_[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*\.sql", re.ASCII)


def check_name(name: str) -> None:
    """Raise BadName, with the nearest valid name, unless the name follows the convention."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadName(f"the name does not follow {PATTERN}. {_suggestion(name)}", file=name)
    stamp = match["stamp"]
    try:
        # Not strptime, which takes ten times as long: every command looks at every name.
        datetime(*(int(stamp[part]) for part in _PARTS))  # type: ignore[arg-type]  # noqa: DTZ001 -- an order, no moment
    except ValueError:
        problem = f"{stamp} is not a date and time ({PATTERN}): there is no such day or hour. {_suggestion(name)}"
        raise BadName(problem, file=name) from None


def nearest_name(stem: str) -> str | None:
    """Return the name by the convention that a misnamed file most likely meant, None without a date in it."""
    digits = re.match(r"\D*?((?:\d[-_. :T]?){8,14})", stem)
    if digits is None:
        return None
    number = re.sub(r"\D", "", digits[1]).ljust(14, "0")
    words = slug(stem[digits.end() :]) or "migration"
    return f"{_nearest_moment(number):{FORMAT}}_{words}.sql"


def _nearest_moment(number: str) -> datetime:
    """Read fourteen digits as a date and time, each part moved into its range."""
    year, month = max(int(number[:4]), 1970), min(max(int(number[4:6]), 1), 12)
    day = min(max(int(number[6:8]), 1), calendar.monthrange(year, month)[1])
    hour, minute, second = min(int(number[8:10]), 23), min(int(number[10:12]), 59), min(int(number[12:14]), 59)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- a name's order, not a moment


def slug(text: str) -> str:
    """Turn free words into the description part of a file name: lower case, digits, single underscores."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def _suggestion(name: str) -> str:
    nearest = nearest_name(re.sub(r"\.sql.*$", "", name, flags=re.IGNORECASE))
    if nearest is None:
        return 'Make one with: manage.py sql_migrations new "description"'
    return f"Rename it: git mv {name} {nearest}"
