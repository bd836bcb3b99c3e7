"""A deploy acts too: what migrations write is attributed to the migration that writes it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from compliance.audit.context import SETTING, acting

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def carrying_out(migration: str) -> Iterator[dict[str, str]]:
    """Say that a migration acts while it is carried out. Yields the settings of the session in which a SQL file runs.

    Who deployed, from where and as which role, stands in the history of migrations.
    """
    with acting(source=f"migrate {migration}") as said:
        yield {SETTING: said.text}
