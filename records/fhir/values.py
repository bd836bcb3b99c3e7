"""Values of FHIR's data types, read from a place: a moment, a day, a digest, whom or what a reference names."""

from __future__ import annotations

import re
import uuid
from base64 import b64decode
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.fhir.places import Place

Value = TypeVar("Value")

# Microseconds are what PostgreSQL keeps; more digits would be cut off.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SHA256_BYTES = 32


def moment(place: Place, name: str) -> datetime | None:
    """Read a time of a day with its zone; None if there is none."""
    return _read(place, name, _moment, "Give a day and a time with its zone, to the microsecond at most.")


def day(place: Place, name: str) -> date | None:
    """Read a day; None if there is none."""
    return _read(place, name, _day, "Give a day, such as 2024-05-06.")


def start(place: Place, name: str) -> datetime | None:
    """Read when a period begins: a moment, or a day, which begins at midnight in this installation's time zone."""
    return _read(place, name, lambda text: _moment_or_day(text, 0), _EITHER)


def end(place: Place, name: str) -> datetime | None:
    """Read when a period ends, as the first moment outside: a moment, or a day, which FHIR counts in as a whole."""
    return _read(place, name, lambda text: _moment_or_day(text, 1), _EITHER)


def sha256(place: Place, name: str) -> str | None:
    """Read a SHA-256 in base64; give it as hexadecimal digits."""
    return _read(place, name, _digest, "A SHA-256 in base64 has 44 characters.")


def uid(place: Place, name: str, kind: str) -> uuid.UUID | None:
    """Read a reference to a resource of a kind, as this project's exports write it or as `Kind/uid`."""

    def uid_of(text: str) -> uuid.UUID:
        found = uuid.UUID(text.removeprefix("urn:uuid:").removeprefix(f"{kind}/"))
        if text not in (f"urn:uuid:{found}", f"{kind}/{found}"):
            raise ValueError
        return found

    return _read(place, name, uid_of, f"It does not refer to a row here, as urn:uuid:… or {kind}/… does.")


_EITHER = "Give a day, or a day and a time with its zone, to the microsecond at most."


def _read(place: Place, name: str, convert: Callable[[str], Value], why: str) -> Value | None:
    text = place.text(name)
    if text is None:
        return None
    try:
        return convert(text)
    except (ValueError, OverflowError):
        place.lacks(name, why)
        return None


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text).astimezone(UTC)


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _moment_or_day(text: str, days: int) -> datetime:
    if not _DAY.fullmatch(text):
        return _moment(text)
    midnight = datetime.combine(_day(text) + timedelta(days=days), time())
    return timezone.make_aware(midnight, timezone.get_default_timezone()).astimezone(UTC)


def _digest(text: str) -> str:
    found = b64decode(text, validate=True)
    if len(found) != _SHA256_BYTES:
        raise ValueError
    return found.hex()
