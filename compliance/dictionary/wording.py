"""SQL as people read it: without the casts that PostgreSQL adds, which also differ once a dump was restored."""

from __future__ import annotations

import re

_STRING = r"'(?:[^']|'')*'"
_LITERALS = re.compile(f"({_STRING})")
_CAST = re.compile(r"::(?:character varying|varchar|text|bpchar|numeric)(?:\(\d+(?:,\d+)?\))?(?:\[\])?")
_LONE = re.compile(rf"(?<=[\[ ])\(({_STRING})\)(?=[,\]])")
_LIST = re.compile(rf"= ANY \((\()?ARRAY\[({_STRING}(?:, {_STRING})*)\](?(1)\))\)")
_TYPES = {"character varying": "varchar", "timestamp with time zone": "timestamptz"}


def plain(sql: str) -> str:
    """Take out casts to text and numeric types, and write `= ANY (ARRAY[…])` of literals as `IN (…)`."""
    parts = _LITERALS.split(sql)
    parts[::2] = [type_name(_CAST.sub("", code)) for code in parts[::2]]
    return _LIST.sub(r"IN (\2)", _LONE.sub(r"\1", "".join(parts)))


def names(sql: str) -> set[str]:
    """List the words of a definition that may be columns of its own table: not literals, nor what REFERENCES names."""
    own = sql.partition(" REFERENCES ")[0]
    return set(re.findall(r"\w+", _LITERALS.sub(" ", own)))


def type_name(formatted: str) -> str:
    """Shorten the names of types as format_type prints them."""
    for long, short in _TYPES.items():
        formatted = formatted.replace(long, short)
    return formatted
