"""The ways in which rows are looked at. Each is a door through which health information leaves.

A read path is added here with the name of its event, and tests/compliance/audit/matrix/test_found.py asks for it: every
screen of the admin that shows an audited model must stand in this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.compliance.audit.matrix.subject import Subject


@dataclass(frozen=True, slots=True)
class Read:
    """A way to look at rows, and the event_type of the one entry that it leaves."""

    name: str
    look: Callable[[Subject], object]
    event: str


READS: dict[str, Read] = {}
