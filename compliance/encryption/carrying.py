"""Values that remember the cell they were read from, so that what was not changed is written back byte for byte.

They are text, dates, whole numbers, objects and lists like any other; only the field looks for what they carry.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.encryption.cells import Cell


class Unopened:
    """A cell in a row that was loaded, until somebody looks at its value."""

    __slots__ = ("sealed",)

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed

    def __repr__(self) -> str:
        return "<unopened>"


class _Carrier:
    cell: Cell | None = None


class _Text(_Carrier, str):
    pass


class _Date(_Carrier, date):
    pass


class _Integer(_Carrier, int):
    pass


class _Object(_Carrier, dict[str, Any]):
    pass


class _List(_Carrier, list[Any]):
    pass


def carry(value: Any, cell: Cell) -> Any:
    """Return an equal value that carries the cell."""
    made: Any
    match value:
        case str():
            made = _Text(value)
        case date():
            made = _Date(value.year, value.month, value.day)
        case int():
            made = _Integer(value)
        case dict():
            made = _Object(value)
        case list():
            made = _List(value)
        case _:
            raise TypeError(type(value).__name__)
    made.cell = cell
    return made


def carried(value: object) -> Cell | None:
    """Return the cell that a value was read from, or None."""
    return value.cell if isinstance(value, _Carrier) else None
