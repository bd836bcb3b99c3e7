"""Where an entry of the trail is found: by its number and its time.

The trail is partitioned by time. A number alone would be looked for in every month there is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.audit.models import AuditLog

_ADDRESS = re.compile(r"(\d{1,18})-(\d{1,17})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def address(entry: AuditLog) -> str:
    """Give number and time, in microseconds since 1970: `17-1732460400000000`."""
    return f"{entry.pk}-{(entry.timestamp - _EPOCH) // timedelta(microseconds=1)}"


def number_and_time(text: str) -> tuple[int, datetime] | None:
    """Read an address; None when it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > _LAST:
        return None
    return int(found[1]), _EPOCH + timedelta(microseconds=int(found[2]))
