"""The header of a SQL file: the directives in the comment lines before its first statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from sql_migrations.errors import BadHeader

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER_LINE = re.compile(r"^[ \t]*--[ \t]*(?P<key>[A-Za-z][A-Za-z _-]{0,30}?)[ \t]*:[ \t]*(?P<value>.*?)[ \t\r]*$")
_BLOCK_COMMENT = re.compile(r"/\*|\*/")
_NODE = re.compile(r"(?P<app>[A-Za-z_]\w*)\.(?P<name>\w+)")
# Words that people and other tools write for the three directives. Read as prose they would change the order silently.
_DIRECTIVES = {"depends": "Depends", "before": "Before", "transaction": "Transaction"}
_ALIASES = {
    "dependson": "Depends",
    "dependencies": "Depends",
    "dependency": "Depends",
    "requires": "Depends",
    "after": "Depends",
    "runbefore": "Before",
    "runsbefore": "Before",
    "transactional": "Transaction",
    "notransaction": "Transaction",
}

Transaction = Literal["auto", "none"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A declared edge to another migration, with the line that declares it."""

    app: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        """The node's key in Django's migration graph."""
        return self.app, self.name


@dataclass(frozen=True, slots=True)
class Header:
    """What the comment lines before the first statement declare."""

    depends: tuple[Edge, ...] = ()
    before: tuple[Edge, ...] = ()
    transaction: Transaction = "auto"


NO_HEADER = Header()


def parse_header(text: str, *, file: str) -> Header:
    """Read the directives in the comment lines before the first statement.

    Prose is free (`-- Migration:`, `-- Date:`, anything else), but a misspelt directive is an error: read as
    prose it would silently change the order or the transaction.
    """
    depends: list[Edge] = []
    before: list[Edge] = []
    transaction: Transaction = "auto"
    for number, line in _leading_comments(text):
        match = _HEADER_LINE.match(line)
        directive = match and _directive(match["key"], file=file, line=number, source=line)
        if match is None or directive is None:
            continue
        value = match["value"]
        if directive == "Transaction":
            transaction = _transaction(value, file=file, line=number, source=line)
        else:
            edge = _edge(directive, value, file=file, line=number, source=line)
            (depends if directive == "Depends" else before).append(edge)
    return Header(tuple(depends), tuple(before), transaction)


def refuse_misplaced(text: str, *, file: str) -> None:
    """Raise BadHeader for a directive below the header: there it is a comment, though its author meant it."""
    header = {number for number, _ in _leading_comments(text)}
    for number, line in enumerate(_lines(text), start=1):
        match = _HEADER_LINE.match(line) if number not in header else None
        if match and _would_direct(match["key"], match["value"]):
            raise BadHeader(
                f"'{match['key']}:' stands below the header and would be a mere comment. "
                "Move the line above the first statement.",
                file=file,
                line=number,
            )


def _would_direct(key: str, value: str) -> bool:
    if key == "Transaction":
        return value == "none"
    return key in _DIRECTIVES.values() and _NODE.fullmatch(value) is not None


def _leading_comments(text: str) -> list[tuple[int, str]]:
    """Give the numbered `--` lines before the first statement. A licence in /* … */ may stand before or among them."""
    lines: list[tuple[int, str]] = []
    depth = 0
    # Not splitlines(), which would count a form feed as the end of a line.
    for number, line in enumerate(_lines(text), start=1):
        rest = line
        if depth or rest.lstrip().startswith("/*"):
            depth, rest = _past_block_comments(line, depth)
            rest = rest.rjust(len(line))  # columns stay what they are
        if rest.lstrip().startswith("--"):
            lines.append((number, rest))
        elif rest.strip():
            break
    return lines


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def _past_block_comments(line: str, depth: int) -> tuple[int, str]:
    """Give how deep in block comments the line ends, which nest in PostgreSQL, and what of it stands after them."""
    end = 0
    for mark in _BLOCK_COMMENT.finditer(line):
        if depth == 0 and line[end : mark.start()].strip():
            break  # past the comments: whatever follows belongs to a statement or a line comment
        depth = max(depth + (1 if mark[0] == "/*" else -1), 0)
        end = mark.end()
    return depth, "" if depth else line[end:]


def _directive(key: str, *, file: str, line: int, source: str) -> str | None:
    meant = _meant(key)
    if meant is None or meant == key:
        return meant
    raise BadHeader(
        f"unknown header '{key}:'. Did you mean '{meant}:'? If it is prose, leave out the colon.",
        file=file,
        line=line,
        column=source.index(key) + 1,
        source=source,
    )


@lru_cache(maxsize=256)
def _meant(key: str) -> str | None:
    """Give the directive that a key is, or was surely meant to be. A folder repeats a few keys in every file."""
    word = re.sub(r"[^a-z]", "", key.lower())
    exact = _DIRECTIVES.get(key.lower())
    return exact or _ALIASES.get(word) or next((d for w, d in _DIRECTIVES.items() if _misspelt(word, w)), None)


def _misspelt(word: str, directive: str) -> bool:
    """Say whether `word` is `directive` with one letter too many, missing, wrong or swapped."""
    if abs(len(word) - len(directive)) > 1 or word == directive:
        return False
    head = next(
        (i for i, (a, b) in enumerate(zip(word, directive, strict=False)) if a != b),
        min(len(word), len(directive)),
    )
    rest, want = word[head:], directive[head:]
    return rest[1:] == want[1:] or rest == want[1:] or rest[1:] == want or (rest[1:2] + rest[:1] + rest[2:] == want)


def _edge(directive: str, value: str, *, file: str, line: int, source: str) -> Edge:
    match = _NODE.fullmatch(value.removesuffix(".sql"))
    if match is None:
        example = f"-- {directive}: patients.0001_initial"
        raise BadHeader(
            f"'{value}' is not one migration. Write app.name, a line for each: {example}",
            file=file,
            line=line,
            column=source.index(":") + 2,
            source=source,
        )
    return Edge(match["app"], match["name"], line)


def _transaction(value: str, *, file: str, line: int, source: str) -> Transaction:
    if value != "none":
        raise BadHeader(
            f"'{value}' is not a transaction mode. 'none' runs statement by statement; for one transaction, "
            "leave the line out.",
            file=file,
            line=line,
            column=source.index(":") + 2,
            source=source,
        )
    return "none"
