"""The ways in which rows are written. Each says what it does to how many rows, and which methods it goes through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.compliance.audit.matrix.subject import Subject

Write = "Callable[[Subject], object]"


class Who(StrEnum):
    """Whom the entries of a path name."""

    SAID = "said"  # whoever acts, when the application says so; nobody when it does not
    NOBODY = "nobody"  # the application takes no part
    REQUEST = "request"  # who is logged in


@dataclass(frozen=True, slots=True)
class Path:
    """A way to write. `creates`, `updates` and `deletes` count the rows; `refused` says that none may be written."""

    name: str
    write: Callable[[Subject], object]
    via: Collection[str] = ()
    creates: int = 0
    updates: int = 0
    deletes: int = 0
    refused: bool = False
    who: Who = Who.SAID
    given: Callable[[Subject], object] | None = None
    when: Callable[[Subject], bool] | None = None
    more: Callable[[Subject], Counter[str]] | None = None
    needs_commits: bool = False
    own: bool = False  # only this project's tables can be written so: the page has it without a measure of others

    def expected(self, subject: Subject) -> Counter[str]:
        """Count the rows that are written, by event."""
        counted = Counter(create=self.creates, update=self.updates, delete=self.deletes)
        return +(counted + (self.more(subject) if self.more else Counter()))

    def applies(self, subject: Subject) -> bool:
        """Whether a table can be written in this way."""
        return self.when is None or self.when(subject)


PATHS: dict[str, Path] = {}


def path(name: str, *via: str, **said: object) -> Callable[[Write], Write]:
    """Register a write path."""

    def register(write: Write) -> Write:
        assert name not in PATHS, name
        PATHS[name] = Path(name, write, via, **said)  # type: ignore[arg-type]
        return write

    return register


def load() -> dict[str, Path]:
    """Return every path, in the order in which the modules list them."""
    from tests.compliance.audit.matrix import (  # noqa: F401, PLC0415 - they register themselves here
        through_admin,
        through_orm,
        through_relations,
        through_rules,
        through_sql,
        through_tools,
    )

    return PATHS
