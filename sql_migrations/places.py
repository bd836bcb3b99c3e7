"""Where in the file an error belongs that PostgreSQL gives without a position: a row of COPY, a line of a DO body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sql_migrations.session import ServerError
    from sql_migrations.statements import Script, Statement

# Lines of CONTEXT, innermost first. In another lc_messages they read otherwise; then the statement's start must do.
_COPY_ROW = re.compile(r"^COPY .*, line (\d+)", re.MULTILINE)
_DO_LINE = re.compile(r"^PL/pgSQL function inline_code_block line (\d+)", re.MULTILINE)


def offset_of(script: Script, statement: Statement, error: ServerError) -> int:
    """Give the character offset that an error without a position is shown at; at worst the statement's first token."""
    if statement.data is not None and (row := _last(_COPY_ROW, error.context)):
        return _line(script.text, statement.data[0], row, until=statement.data[1])
    if statement.kind == "do_stmt" and (line := _last(_DO_LINE, error.context)):
        body = _body(script, statement)
        # PL/pgSQL counts from the line that the body's quote opens in.
        return _line(script.text, body, line, until=statement.end) if body is not None else statement.first
    return statement.first


def end_of(script: Script, statements: Sequence[Statement]) -> int:
    """Give the offset that stands for the end of a transaction: the COMMIT behind its statements, or the last one."""
    if not statements:
        return 0
    last = statements[-1]
    behind = next((statement for statement in script.statements if statement.start >= last.end), last)
    return behind.first if behind.kind == "transaction_stmt" else last.first


def _last(pattern: re.Pattern[str], context: str) -> int:
    found = pattern.findall(context)
    return int(found[-1]) if found else 0


def _body(script: Script, statement: Statement) -> int | None:
    """Find where the body begins; None for E'…' and U&'…', whose lines need not be the file's."""
    for option in statement.node.args:
        if option.def_elem.defname == "as":
            at = option.def_elem.location
            at = at if script.blanked.isascii() else len(script.blanked.encode()[:at].decode())
            return at if script.text[at] in "$'" else None
    return None


def _line(text: str, start: int, number: int, *, until: int) -> int:
    """Give the first character, blanks aside, of the `number`th line from an offset on."""
    at = start
    for _ in range(number - 1):
        at = text.find("\n", at, until) + 1
        if not at:
            return start
    blanks = re.compile(r"[ \t]*").match(text, at, until) if number > 1 else None
    return blanks.end() if blanks else at
