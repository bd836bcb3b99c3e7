"""Plain SQL files in the order of their names, with or without a way back beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql_migrations.importers.listing import stem

if TYPE_CHECKING:
    from sql_migrations.files import SqlFile
    from sql_migrations.importers.listing import Listing

NAME = "plain"
# `x.down.sql` is a way back whatever stands beside it; `scale_down.sql` only beside `scale.sql` or `scale_up.sql`.
_DOWN = re.compile(r"(?P<base>.+)(?P<mark>[._-](?:down|rollback|undo|revert))", re.IGNORECASE)
_UP = re.compile(r"(?P<base>.+)[._-](?:up|do|apply)", re.IGNORECASE)
_NUMBER = re.compile(r"(?P<prefix>\D*?)(?P<number>\d+(?:\.\d+)*)(?P<rest>.*)", re.DOTALL)
_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d*")


def claims(_listing: Listing) -> bool:
    """Take whatever no other layout claims."""
    return True


def read(listing: Listing) -> list[SqlFile]:
    """Read every SQL file, alphabetically unless the numbers in front have different widths."""
    present: dict[str, str] = {}
    for name in listing.sql:
        if present.setdefault(stem(name), name) != name:
            listing.leave_out(name, f"{present[stem(name)]} is the same name")
    ups = {_base(_UP, one): one for one in present if _UP.fullmatch(one)}
    downs: dict[str, str] = {}
    for one in sorted(present):
        match = _DOWN.fullmatch(one)
        if match is None:
            continue
        partner = match["base"] if match["base"] in present else ups.get(match["base"])
        if partner is not None:
            downs.setdefault(partner, one)
        elif match["mark"].startswith("."):
            downs[one] = one
            listing.leave_out(present[one], "there is no migration that it would roll back")
        else:
            listing.warn(f"{present[one]} is named like a way back, but nothing stands beside it: it is run forwards.")
    backwards = set(downs.values())
    return [
        listing.sql_file(
            listing.path / present[one],
            one,
            down_path=listing.path / present[downs[one]] if one in downs else None,
        )
        for one in _ordered(listing, [one for one in present if one not in backwards])
    ]


def _base(pattern: re.Pattern[str], one: str) -> str:
    match = pattern.fullmatch(one)
    return match["base"] if match else one


def _ordered(listing: Listing, stems: list[str]) -> list[str]:
    """Sort names: `2_b` before `10_a` if all have a number in the same place, else as text, byte by byte."""
    alphabetical = sorted(stems)
    matches = [match for one in alphabetical if (match := _NUMBER.fullmatch(one))]
    if len(matches) < len(alphabetical) or len({match["prefix"] for match in matches}) > 1:
        return alphabetical
    if all(_DATE.fullmatch(match["number"]) for match in matches):  # a day among seconds is no small number
        return alphabetical
    numeric = sorted(matches, key=lambda match: ([int(part) for part in match["number"].split(".")], match["rest"]))
    order = [match.string for match in numeric]
    if order != alphabetical:
        listing.warn(f"the numbers in the names have different widths: {order[0]} to {order[-1]} run in numeric order.")
    return order
