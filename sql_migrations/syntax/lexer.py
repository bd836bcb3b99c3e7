"""Find what psql understands in a SQL file and PostgreSQL's parser does not: inline COPY data and backslash commands.

psql reads line by line: at the `;` of `COPY … FROM stdin` it takes the next lines as data up to `\\.`, and a backslash
outside of quotes and comments starts a command of psql itself. Both are blanked out here, character for character, so
that every position in the text stays what it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from sql_migrations.errors import MetaCommand

# PostgreSQL counts every non-ASCII character as a letter, and only these as blanks.
_LETTER = r"[A-Za-z_\x80-\U0010ffff]"
_WORD = r"[A-Za-z_\x80-\U0010ffff0-9$]"
_LINE_COMMENT = r"--[^\n\r]*+"
# Groups are atomic, (?>…), and not possessive, (…)*+: Python before 3.11.4 matches the latter wrongly.
_FLAT_COMMENT = r"/\*(?>(?:[^*/]++|\*(?!/)|/(?!\*))*)\*/"
# A string goes on after white space with a line break in it, and an E-string keeps its escapes there. (Up to
# PostgreSQL 16 comments could stand there too; the parser, which is that of 18, refuses such a string.)
_E_STRING = (
    r"[eE]'(?>(?:[^'\\]++|\\.|'')*)'"
    r"(?>(?:[ \t\f\v]*+[\n\r][ \t\f\v\n\r]*+'(?>(?:[^'\\]++|\\.|'')*)')*)"
)
# A whole word is taken at once: neither the `e` of `name'x'` nor the `$` of `a$b$c` opens anything.
_PLAIN = re.compile(
    rf"""(?>(?:
      [^A-Za-z_\x80-\U0010ffff0-9'"$\-/\\;]++
    | {_E_STRING}
    | {_LETTER}{_WORD}*+
    | [0-9]++
    | '[^']*+'
    | "[^"]*+"
    | {_LINE_COMMENT} | -(?!-)
    | {_FLAT_COMMENT} | /(?!\*)
    | \$(?P<tag>(?>(?:{_LETTER}[A-Za-z_\x80-\U0010ffff0-9]*+)?))\$(?>(?:[^$]++|\$(?!(?P=tag)\$))*)\$(?P=tag)\$
    | \$(?!(?>(?:{_LETTER}[A-Za-z_\x80-\U0010ffff0-9]*+)?)\$)
    )*)""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS = re.compile(rf"(?>(?:[ \t\f\v\n\r]|{_LINE_COMMENT}|{_FLAT_COMMENT})*)", re.DOTALL)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_QUOTED = re.compile(rf"""'[^']*+'|"[^"]*+"|{_LINE_COMMENT}|{_FLAT_COMMENT}""", re.DOTALL)
_COPY = re.compile(r"copy(?![\w$])", re.IGNORECASE)
# The grammar takes STDIN and STDOUT for one another. `COPY (query) TO stdout` has no data.
_COPY_FROM_STDIN = re.compile(
    r"copy(?![\w$])(?!\s*\().*?(?<![\w$])from\s+std(?:in|out)(?![\w$])", re.IGNORECASE | re.DOTALL
)
_END_OF_DATA = re.compile(r"^\\\.\r?(?:\n|\Z)", re.MULTILINE)
_REST_OF_LINE = re.compile(r"[^\n]*+(?:\n|\Z)")
_EMPTY_REST = re.compile(r"[ \t\r\f\v]*+(?:--[^\n\r]*+\r?)?(?:\n|\Z)")
# What pg_dump has written around its output since August 2025 (CVE-2025-8714). It only forbids other psql commands.
_RESTRICT = re.compile(r"\\(?:un)?restrict[ \t]+[A-Za-z0-9]+[ \t]*\r?(?:\n|\Z)")
_COMMAND = re.compile(r"\\(?:[A-Za-z_]+\+?|.|\Z)", re.DOTALL)
_WORTH_A_LOOK = re.compile(r"\\|std(?:in|out)", re.IGNORECASE)

_WAY_OUT = {
    "i": "put that file's SQL into a migration of its own",
    "ir": "put that file's SQL into a migration of its own",
    "include": "put that file's SQL into a migration of its own",
    "include_relative": "put that file's SQL into a migration of its own",
    "copy": "write COPY … FROM stdin with the data below it, ended by a line that holds only \\.",
    "set": "write the value itself where the variable is used",
    "connect": "take the line out; the database is chosen when migrations are run",
    "c": "take the line out; the database is chosen when migrations are run",
    "echo": "take the line out, or write RAISE NOTICE in a DO block",
    ";": "write a plain semicolon",
    ".": "the line ends the data of a COPY … FROM stdin, and no such COPY stands above it",
}


@dataclass(frozen=True, slots=True)
class Lexed:
    """A file's text as PostgreSQL's parser can read it.

    `blanked` is as long as the text, with its newlines; `copies` maps the offset of the `;` that ends a
    `COPY … FROM stdin` to the (start, end) of its data, both in characters, the line `\\.` left out.
    """

    blanked: str
    copies: dict[int, tuple[int, int]]


def lex(text: str, *, file: str) -> Lexed:
    """Blank out inline COPY data and pg_dump's \\restrict lines; raise MetaCommand for any other backslash command.

    An unclosed quote or comment ends the look: the parser names it better.
    """
    if not _WORTH_A_LOOK.search(text):
        return Lexed(text, {})
    return _Lexer(text, file).run()


def skip_blanks(text: str, offset: int, *, also: str = "") -> int:
    """Give the offset of the first character that is neither blank nor comment nor one of `also`."""
    while True:
        offset = end if (end := _BLANKS.match(text, offset).end()) > offset else offset  # type: ignore[union-attr]
        if text.startswith("/*", offset) and (end := _nested_comment_end(text, offset)):
            offset = end
        elif offset < len(text) and text[offset] in also:
            offset += 1
        else:
            return offset


def _nested_comment_end(text: str, offset: int) -> int | None:
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, offset):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return None


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _without_words(quoted: re.Match[str]) -> str:
    return " " if quoted.group().startswith(("--", "/*")) else " '' "


class _Lexer:
    """One walk through a text that changes under way: what was recognised is blanked before the walk goes on."""

    def __init__(self, text: str, file: str) -> None:
        self.original, self.text, self.file = text, text, file
        self.copies: dict[int, tuple[int, int]] = {}
        self.blanks: list[tuple[int, int]] = []
        self.data_until = 0

    def run(self) -> Lexed:
        start = at = 0
        while True:
            at = _PLAIN.match(self.text, at).end()  # type: ignore[union-attr]
            stop = self.text[at : at + 1]
            if stop == ";":
                after = self._statement(start, at)
                start = at = after
            elif stop == "\\":
                at = self._command(at)
            elif stop == "/" and (end := _nested_comment_end(self.text, at)):
                at = end
            else:
                break
        return Lexed(self._blanked(), self.copies)

    def _statement(self, start: int, semicolon: int) -> int:
        """Take a statement's end; give where the walk goes on."""
        if self._reads_stdin(start, semicolon):
            return self._data(semicolon)
        return semicolon + 1

    def _reads_stdin(self, start: int, end: int) -> bool:
        first = skip_blanks(self.text, start)
        if not _COPY.match(self.text, first):
            return False
        return _COPY_FROM_STDIN.match(_QUOTED.sub(_without_words, self.text[first:end])) is not None

    def _data(self, semicolon: int) -> int:
        line_end = _REST_OF_LINE.match(self.text, semicolon).end()  # type: ignore[union-attr]
        # Two COPYs on one line read one block of data after the other.
        begin = max(line_end, self.data_until)
        mark = _END_OF_DATA.search(self.text, begin)
        end, after = mark.span() if mark else (len(self.text), len(self.text))
        self.copies[semicolon] = (begin, end)
        self.data_until = after
        if _EMPTY_REST.match(self.text, semicolon + 1):
            # The usual case, without a copy of the whole text for each table of a dump.
            self.blanks.append((begin, after))
            return after
        # psql reads the rest of the line after the data; a quote that opens there even goes on behind the data.
        self._overwrite(begin, after)
        return semicolon + 1

    def _overwrite(self, start: int, end: int) -> None:
        self.blanks.append((start, end))
        self.text = self.text[:start] + _blank(self.text[start:end]) + self.text[end:]

    def _command(self, at: int) -> int:
        accepted = _RESTRICT.match(self.text, at)
        if accepted is None:
            self._refuse(at)
        self._overwrite(at, accepted.end())
        return accepted.end()

    def _refuse(self, at: int) -> NoReturn:
        command = _COMMAND.match(self.text, at).group()  # type: ignore[union-attr]
        way_out = _WAY_OUT.get(command[1:].rstrip("+"), "take the line out or say the same in SQL")
        if command in {"\\restrict", "\\unrestrict"}:
            way_out = "pg_dump writes it with one key of letters and digits after it, on a line of its own"
        problem = f"{command.strip()} is a command of psql, not SQL, and is never run here: {way_out}."
        raise MetaCommand.at(problem, file=self.file, text=self.original, offset=at)

    def _blanked(self) -> str:
        parts, done = [], 0
        for start, end in sorted(self.blanks):
            parts += [self.original[done:start], _blank(self.original[start:end])]
            done = end
        return "".join([*parts, self.original[done:]])
