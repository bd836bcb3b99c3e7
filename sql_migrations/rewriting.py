"""Turn a migration of another tool into one of this project: name, header, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_migrations.errors import BadHeader
from sql_migrations.header import parse_header
from sql_migrations.names import DOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sql_migrations.files import SqlFile

_OWN_LINE = re.compile(r"^-- (?:Depends|Before|Transaction): .*\n?", re.MULTILINE)
_EDGE_TO_FILE = re.compile(r"^(--[ \t]*(?:Depends|Before)[ \t]*:[ \t]*sql_migrations\.)(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """One migration: where it came from, and the files that it became."""

    source: Path
    name: str
    text: str
    down_name: str | None
    down_text: str | None

    @property
    def texts(self) -> dict[str, str]:
        """Return file name -> text."""
        texts = {self.name: self.text}
        if self.down_name is not None and self.down_text is not None:
            texts[self.down_name] = self.down_text
        return texts


def rewrite(
    file: SqlFile, name: str, lines: Sequence[str], *, names: Mapping[str, str], foreign: bool, warnings: list[str]
) -> Written:
    """Give a file its new name and header `lines`. `names` maps old stems to new ones, for edges between the files.

    A foreign file's comments that look like a header become prose; of our own files they are the header.
    """
    text, changed = as_prose(_cut(file.text(), file.given), file=file.label, keep_edges=not foreign)
    if changed:
        warnings.append(
            f"{file.name}: {len(changed)} comment lines that would be read as a header here lost their colon."
        )
    if not foreign:
        text = _EDGE_TO_FILE.sub(lambda match: match[1] + names.get(match[2], match[2]), text)
    if file.header.transaction == "none" and parse_header(text, file=file.label).transaction != "none":
        lines = ["-- Transaction: none", *lines]
    down = file.down_text()
    return Written(
        file.path,
        f"{name}.sql",
        add_header(text, lines),
        None if down is None else f"{name}{DOWN}",
        None if down is None else _cut(down, file.given_down),
    )


def _cut(text: str, given: str | None) -> str:
    """Drop the blank lines that stand for what was cut out of a file. A whole file stays byte for byte."""
    if given is None:
        return text
    return text.strip("\r\n") + ("\r\n" if "\r\n" in text else "\n")


def add_header(text: str, lines: Sequence[str]) -> str:
    """Insert header lines below the comment that a text begins with. Everything else stays as it is."""
    if not lines:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    at = 0
    while text.startswith("--", at) and (stop := text.find("\n", at)) >= 0:
        at = stop + 1
    return f"{text[:at]}{''.join(line + end for line in lines)}{text[at:]}"


def as_prose(text: str, *, file: str, keep_edges: bool) -> tuple[str, list[int]]:
    """Take the colon out of comment lines that would be read as a header and are none, or lead nowhere.

    Returns the text and the numbers of the lines that were changed.
    """
    changed: list[int] = []
    while (line := _first_misread(text, file=file, keep_edges=keep_edges)) is not None:
        lines = text.split("\n")
        lines[line - 1] = lines[line - 1].replace(":", "", 1)
        text = "\n".join(lines)
        changed.append(line)
    return text, sorted(set(changed))


def _first_misread(text: str, *, file: str, keep_edges: bool) -> int | None:
    try:
        header = parse_header(text, file=file)
    except BadHeader as problem:
        return problem.line
    edges = () if keep_edges else (*header.depends, *header.before)
    return edges[0].line if edges else None


def body(text: str) -> str:
    """Return a text without its header lines: equal for two imports of one file."""
    return _OWN_LINE.sub("", text.replace("\r\n", "\n")).strip()
