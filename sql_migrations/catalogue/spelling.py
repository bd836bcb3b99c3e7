"""One spelling for what PostgreSQL prints in several ways: by its version, or by whether a dump was restored. Pure."""

from __future__ import annotations

import re
from typing import TypeAlias

Parts: TypeAlias = "list[str | Parts]"  # text, and in it what stands between parentheses

_STRING = r"'(?:[^']|'')*'"
_PART = re.compile(rf"""{_STRING}|"[^"]*"|[()]| AND | OR |[^'"() ]+|.""")
_VIEW = re.compile(r"(?:materialized )?view ")
_ONLY_TABLE = re.compile(
    r"""\\n {3}FROM (?:\w+|"[^"]+")\.(?P<name>\w+|"[^"]+")(?: (?P<alias>\w+|"[^"]+"))?(?:;|\\n {2}\w)"""
)
_SEVERAL = re.compile(r"( AND | OR ).*\1")


def spelled(line: str) -> str:
    """Return a line of the description in the one spelling."""
    line = _without_prefix(line) if _VIEW.match(line) else line
    return _plain_list(_flat(line))


def _without_prefix(view: str) -> str:
    """Take a view's only table off its columns: PostgreSQL 15 prints `t.id` where later versions print `id`."""
    table = _ONLY_TABLE.search(view)
    if table is None:
        return view
    name = table["alias"] or table["name"]
    return re.sub(rf'(?<![\w".]){re.escape(name)}\.', "", view)


def _plain_list(line: str) -> str:
    """Print `column IN (…)` of a varchar column one way: a dump that was restored prints its casts elsewhere.

    As made: `ANY ((ARRAY['a'::character varying])::text[])`; restored: `ANY (ARRAY[('a'::character varying)::text])`.
    """
    if "::character varying" not in line:
        return line
    line = re.sub(rf"\(({_STRING})::character varying\)::text", r"\1::text", line)
    line = re.sub(rf"({_STRING})::character varying(?=[,\]])", r"\1::text", line)
    return re.sub(rf"ANY \(\((ARRAY\[{_STRING}::text(?:, {_STRING}::text)*\])\)::text\[\]\)", r"ANY (\1)", line)


def _flat(line: str) -> str:
    """Write nested ANDs, and nested ORs, as one list: read again, a dump has fewer parentheses than what was dumped.

    `a BETWEEN 1 AND 2 AND b BETWEEN 3 AND 4` as made: `((a >= 1) AND (a <= 2)) AND ((b >= 3) AND (b <= 4))`; restored,
    the first pair of parentheses is gone.
    """
    if not _SEVERAL.search(line):
        return line
    open_: list[Parts] = [[]]
    for part in _PART.findall(line):
        if part == "(":
            open_.append([])
        elif part == ")" and len(open_) > 1:
            closed = _spliced(open_.pop())
            open_[-1].append(closed)
        else:
            open_[-1].append(part)
    return "(".join(_text(_spliced(parts)) for parts in open_)


def _spliced(parts: Parts) -> Parts:
    """Take the parentheses off each operand of a list of ANDs that is such a list itself; of ORs likewise."""
    word = next((word for word in (" AND ", " OR ") if word in parts), None)
    if word is None:
        return parts
    spliced: Parts = []
    for before, part, after in zip([word, *parts], parts, [*parts[1:], word], strict=False):
        whole = before == word == after
        spliced += part if whole and isinstance(part, list) and word in part else [part]
    return spliced


def _text(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else f"({_text(part)})" for part in parts)
