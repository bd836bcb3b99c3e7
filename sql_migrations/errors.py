"""Every way in which a SQL migration can be refused or fail, as one sentence with the place and the way out."""

from __future__ import annotations

import re
from typing import Self

from django.core.management.base import CommandError

# RAISE EXCEPTION without a code of its own: what it says is put together from data as often as not.
_RAISED = "P0001"


class SqlMigrationsError(CommandError):
    """SQL migrations cannot go on. A CommandError, so that every command prints the sentence, not a traceback."""


class SqlFileError(SqlMigrationsError):
    """A SQL migration file cannot be used.

    `line` and `column` count from 1; `source` is the text of that line, shown under the sentence with a caret.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        column: int | None = None,
        source: str | None = None,
    ) -> None:
        self.problem, self.file, self.line, self.column, self.source = problem, file, line, column, source
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{place}: {problem}{self._caret()}")

    def _caret(self) -> str:
        if self.source is None or self.column is None:
            return ""
        # A long line (data, a generated file) is cut around the place, so that the caret stays in view.
        start = max(0, self.column - 1 - 80)
        shown = self.source[start : start + 160].replace("\t", " ")
        return f"\n    {shown}\n    {' ' * (self.column - 1 - start)}^"

    @classmethod
    def at(cls, problem: str, *, file: str, text: str, offset: int) -> Self:
        """Build the error for a place given as a character offset in the file's text."""
        line, column, source = locate(text, offset)
        return cls(problem, file=file, line=line, column=column, source=source)


def locate(text: str, offset: int) -> tuple[int, int, str]:
    """Turn a character offset into (line, column, the line's text), counting from 1."""
    offset = min(max(offset, 0), len(text))
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    source = text[start : end if end >= 0 else len(text)].rstrip("\r")
    return text.count("\n", 0, offset) + 1, offset - start + 1, source


class BadName(SqlFileError):
    """The file's name does not follow YYYYMMDD_HHMMSS_description.sql."""


class DuplicateTimestamp(SqlFileError):
    """Two files claim the same place in the order."""


class BadEncoding(SqlFileError):
    """The file is not UTF-8 text."""


class BadHeader(SqlFileError):
    """A header line cannot be understood."""


class UnknownDependency(SqlFileError):
    """A header names a migration that does not exist."""


class SyntaxInFile(SqlFileError):
    """PostgreSQL's grammar refuses the text."""


class MetaCommand(SqlFileError):
    """A psql command stands in the file; this engine never runs one."""


class UnclosedTransaction(SqlFileError):
    """BEGIN has no COMMIT: the file would leave its transaction open."""


class BadTransaction(SqlFileError):
    """The file's BEGIN, COMMIT and ROLLBACK do not make a sequence that can be carried out."""


class StatementFailed(SqlFileError):
    """PostgreSQL refused a statement of a file.

    `stored` is what the history keeps: SQLSTATE and message, without the values that DETAIL and some messages show.
    `told` are the lines to show below: DETAIL, HINT, CONTEXT.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str,
        sqlstate: str,
        place: tuple[int, int, str] | None = None,
        told: tuple[str, ...] = (),
    ) -> None:
        line, column, source = place or (None, None, None)
        super().__init__(message, file=file, line=line, column=column, source=source)
        self.sqlstate = sqlstate
        kept = "raised by the file; its text is not kept" if sqlstate == _RAISED else _without_values(message, sqlstate)
        self.stored = f"{sqlstate}: {kept}"
        for sentence in told:
            self.advise(sentence)

    def advise(self, sentence: str) -> None:
        """Add the way out, below what PostgreSQL said."""
        self.args = (f"{self.args[0]}\n    {sentence}",)


class NotResumable(SqlFileError):
    """A half-applied file cannot go on by itself: a person has to look, and say what to do."""


# A data exception (class 22) is about a value: in quotes, in whichever the server's language has, or behind a colon.
_DATA_EXCEPTION = "22"
_ANY_VALUE = re.compile(r'["„“”«»].*["„“”«»]|(?<=: )[^"„“”«»]+$', re.DOTALL)
_VALUE_AT_THE_END = re.compile(r'(?<=:)( ?)".*"$', re.DOTALL)


def _without_values(message: str, sqlstate: str) -> str:
    """Take the values out of a server message: `value "4711" is out of range for type smallint` shows one."""
    if sqlstate.startswith(_DATA_EXCEPTION):
        return _ANY_VALUE.sub('"…"', message)
    return _VALUE_AT_THE_END.sub(r'\1"…"', message).partition("\n")[0]


class TouchesRunnerTables(SqlFileError):
    """A statement reaches for the tables in which the runner keeps its own account."""


class NotReversible(SqlFileError):
    """The way back cannot be derived from the file."""


class TableHasOwner(SqlFileError):
    """The file creates a table that an ORM model already owns."""
