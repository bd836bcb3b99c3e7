"""The facts that the dictionary tells, in the order in which it tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from compliance.phi import Classification

Where = Literal["both", "only in the database", "only in the model"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type and default as SQL, its comment without the class, the names of the rules that look at it."""

    name: str
    type: str
    nullable: bool
    default: str
    comment: str
    classification: Classification | None
    rules: tuple[str, ...]
    kept_by_field: tuple[str, ...]  # sentences: what PostgreSQL cannot look at once the column is encrypted
    where: Where


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its sentence; `definition` is the SQL that holds it; without any, `triggers` hold it."""

    name: str
    message: str
    definition: str
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or a UNIQUE that no model gives a sentence."""

    name: str
    columns: tuple[str, ...]
    primary: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """What columns refer to. `unique`: at most one row refers to each. `restricts`: what is referred to stays."""

    name: str
    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]
    restricts: bool
    deferred: bool
    unique: bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index that holds no rule; `columns` are those of the table that it looks at."""

    name: str
    definition: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger: when it fires, what it calls and what for, and the names of the rules that it holds."""

    name: str
    definition: str
    function: str
    comment: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that hangs on it. `model` is `app.Model`."""

    name: str
    model: str
    comment: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    keys: tuple[Key, ...]
    foreign_keys: tuple[ForeignKey, ...]
    indexes: tuple[Index, ...]
    triggers: tuple[Trigger, ...]

    @property
    def app(self) -> str:
        """The app that declares it."""
        return self.model.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `signature` as one calls it, `traits` such as immutable."""

    name: str
    signature: str
    returns: str
    traits: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Everything, by name."""

    tables: tuple[Table, ...]
    functions: tuple[Function, ...]
