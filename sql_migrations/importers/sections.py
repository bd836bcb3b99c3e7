"""Files that hold both directions: cut by marker lines, with line numbers kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Part = Literal["up", "down", "drop"]
# A marker says which part begins with the next line; None: an ordinary line. "drop" is a line of the tool's own.
Marker = tuple[Part, str]


@dataclass(frozen=True, slots=True)
class Sections:
    """The two directions of one file. Each text has as many lines as the file: what is not its own is blank.

    `options` holds what stood behind the marker words; `stray` the first line with SQL that belongs to neither.
    """

    up: str
    down: str | None
    marked: bool
    options: tuple[str, ...]
    stray: int | None


def cut(text: str, marker: Callable[[str], Marker | None], *, start: Part = "drop") -> Sections:
    """Cut a text at its marker lines. Comments above the first marker stay with the way up: they say why."""
    ups: list[str] = []
    downs: list[str] = []
    options: list[str] = []
    part: Part = start
    marked, stray = False, None
    for number, line in enumerate(text.split("\n"), 1):
        blank = "\r" if line.endswith("\r") else ""
        found = marker(line.strip())
        if found is not None:
            marked = marked or found[0] != "drop"
            part = part if found[0] == "drop" else found[0]
            options.append(found[1])
            ups.append(blank)
            downs.append(blank)
            continue
        preamble = part == "drop" and (not line.strip() or line.startswith("--"))
        if part == "drop" and not preamble:
            stray = stray or number
        ups.append(line if part == "up" or preamble else blank)
        downs.append(line if part == "down" else blank)
    down = "\n".join(downs)
    return Sections("\n".join(ups), down if down.strip() else None, marked, tuple(options), stray)
