"""Cut a SQL file into statements with PostgreSQL's own parser. The only module that imports the parser (0.2 s)."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import postgast
from google.protobuf.message import DecodeError

from sql_migrations.errors import SyntaxInFile
from sql_migrations.syntax.lexer import Lexed, lex, skip_blanks
from sql_migrations.syntax.tree import constant, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

try:
    from google._upb._message import SetAllowOversizeProtos
except ImportError:  # the pure Python protobuf has no limit
    pass
else:
    # Protobuf refuses trees deeper than 100, which 50 strings joined by || or 60 SELECTs joined by UNION reach.
    SetAllowOversizeProtos(True)

_COMMENTS = {275, 276}  # SQL_COMMENT, C_COMMENT of libpg_query's Token
_ON = {"on", "true", "tru", "tr", "t", "yes", "ye", "y", "1"}
_UTF8 = {"utf8", "unicode", "sqlascii"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and where it stands, in characters.

    Spans tile the text: each starts where the one before ends. `end` is behind the `;`, or the end of the text for the
    last one. Comments and inline COPY data below a statement thus lie in the span of the next one, before its `first`.
    """

    start: int
    end: int
    first: int
    kind: str
    node: Any
    data: tuple[int, int] | None = None


@dataclass(frozen=True)
class Script:
    """A SQL file's text and its statements. `blanked` is the text with COPY data and \\restrict lines blanked out."""

    text: str
    file: str
    statements: tuple[Statement, ...]
    blanked: str

    def sql(self, statement: Statement) -> str:
        """Give a statement's SQL alone: from its first token to its `;`, without COPY data."""
        return self.blanked[statement.first : statement.end].rstrip()

    def tokens_sha256(self) -> str:
        """Hash what PostgreSQL reads: unchanged by comments and white space, changed by any other edit."""
        digest = hashlib.sha256()
        # Length first, so that no two lists of tokens run together into the same bytes.
        digest.update(b"".join(b"%d:%b" % (len(raw), raw) for raw in _scan(self.blanked)))
        for statement in self.statements:
            if statement.data is not None:
                raw = self.text[slice(*statement.data)].encode()
                digest.update(b"data %d:%b" % (len(raw), raw))
        return digest.hexdigest()


def parse(text: str, *, file: str) -> Script:
    """Parse a file's text; raise SyntaxInFile or MetaCommand with the place."""
    if (nul := text.find("\0")) >= 0:
        raise SyntaxInFile.at("PostgreSQL text cannot hold a NUL character.", file=file, text=text, offset=nul)
    if text.startswith("\ufeff"):
        # A byte order mark is not SQL; a blank in its place keeps the offsets.
        return _parse(text, " " + text[1:], file)
    return _parse(text, text, file)


def _parse(original: str, text: str, file: str) -> Script:
    lexed = lex(text, file=file)
    try:
        parsed = postgast.parse(lexed.blanked).stmts
    except postgast.PgQueryError as error:
        _refuse(error, lexed.blanked, original, file)
    except DecodeError as error:
        raise SyntaxInFile("An expression is nested too deeply to be read.", file=file) from error
    script = Script(original, file, tuple(_cut(lexed, parsed)), lexed.blanked)
    _check_copies(script, lexed)
    _check_settings(script)
    return script


def _cut(lexed: Lexed, parsed: Iterable[Any]) -> Iterator[Statement]:
    text = lexed.blanked
    to_characters = _byte_to_character(text)
    raw = list(parsed)
    start = 0
    for position, one in enumerate(raw):
        begin = to_characters(one.stmt_location)
        # A length of 0 means: to the end of the text.
        stop = to_characters(one.stmt_location + one.stmt_len) if one.stmt_len else len(text)
        end = len(text) if position == len(raw) - 1 else stop + 1
        kind = one.stmt.WhichOneof("node")
        node = getattr(one.stmt, kind)
        data = None
        if reads_stdin(kind, node):
            data = lexed.copies.get(stop) if one.stmt_len else (end, end)
        yield Statement(start, end, skip_blanks(text, begin, also=";"), kind, node, data)
        start = end


def _byte_to_character(text: str) -> Callable[[int], int]:
    """Give a function from byte to character offsets; called with rising offsets it goes over the text once."""
    if text.isascii():
        return int
    encoded = text.encode()
    done_bytes = done_characters = 0

    def convert(offset: int) -> int:
        nonlocal done_bytes, done_characters
        done_characters += len(encoded[done_bytes:offset].decode())
        done_bytes = offset
        return done_characters

    return convert


def reads_stdin(kind: str, node: Any) -> bool:
    """Tell whether a statement is COPY … FROM stdin."""
    return kind == "copy_stmt" and node.is_from and not node.is_program and not node.filename


def _check_copies(script: Script, lexed: Lexed) -> None:
    """Hold the lexer against the parser: both must have seen the same COPY … FROM stdin."""
    copies = [statement for statement in script.statements if reads_stdin(statement.kind, statement.node)]
    claimed = {statement.data for statement in copies}
    places = [statement.first for statement in copies if statement.data is None]
    places += [semicolon for semicolon, span in lexed.copies.items() if span not in claimed]
    for offset in places:
        problem = "It cannot be told where the data of this COPY begins: put it on the lines below the statement."
        raise SyntaxInFile.at(problem, file=script.file, text=script.text, offset=offset)


def _check_settings(script: Script) -> None:
    for statement in script.statements:
        for name, value in _settings_of(script, statement):
            if (problem := _changes_reading(name, value, ascii_only=script.text.isascii())) is not None:
                raise SyntaxInFile.at(problem, file=script.file, text=script.text, offset=statement.first)


def _changes_reading(name: str, value: str, *, ascii_only: bool) -> str | None:
    """Say why a setting must not be made: the file was read as PostgreSQL reads it without that setting."""
    if name == "standard_conforming_strings" and value.lower() not in _ON:
        return (
            "standard_conforming_strings must stay on: without it a backslash means something else in every later "
            "string. Take the line out and write strings with backslash escapes as E'…'."
        )
    if name == "client_encoding" and not ascii_only:
        plain = "".join(filter(str.isalnum, value.lower()))
        if plain not in _UTF8:
            return f"client_encoding must stay UTF8, which this file is written in, not {value}: take the line out."
    return None


def _settings_of(script: Script, statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield the (name, value) that a statement sets with a plain value, by SET or by set_config()."""
    node = statement.node
    if statement.kind == "variable_set_stmt" and node.args:
        yield node.name.lower(), constant(node.args[0])
    if statement.kind != "select_stmt" or "set_config" not in script.sql(statement).lower():
        return
    for call in walk(node, "FuncCall"):
        if call.funcname[-1].string.sval == "set_config" and len(call.args) > 1:
            yield constant(call.args[0]).lower(), constant(call.args[1])


def tokens(sql: str) -> Iterator[str]:
    """Yield the tokens of a piece of SQL or PL/pgSQL without comments; none if PostgreSQL's scanner refuses it."""
    try:
        yield from (raw.decode() for raw in _scan(sql))
    except postgast.PgQueryError:
        return


def _scan(sql: str) -> Iterator[bytes]:
    raw = sql.encode()
    for token in postgast.scan(sql).tokens:
        if token.token not in _COMMENTS:
            yield raw[token.start : token.end]


def _refuse(error: postgast.PgQueryError, blanked: str, text: str, file: str) -> NoReturn:
    problem = f"{error.message}.{_hint(error.message)}"
    if error.cursorpos > 0:
        # Counted in characters from 1, unlike the offsets in the tree (and unlike what the parser's manual says).
        raise SyntaxInFile.at(problem, file=file, text=text, offset=error.cursorpos - 1) from error
    # Some errors of the scanner carry no position: the first line that makes the same error is found by halving.
    lines = [line + "\n" for line in blanked.split("\n")]
    fails = partial(_fails_with, error.message, lines)
    line = bisect_left(range(len(lines)), True, key=lambda last: fails(last + 1))
    raise SyntaxInFile(problem, file=file, line=line + 1) from error


def _fails_with(message: str, lines: list[str], count: int) -> bool:
    try:
        postgast.parse("".join(lines[:count]))
    except postgast.PgQueryError as error:
        return bool(error.message == message)
    return False


def _hint(message: str) -> str:
    if 'near ":"' in message:
        return " Variables of psql, such as :name, are not replaced here: write the value itself."
    if message.startswith("unterminated"):
        return " What is opened here is never closed."
    if 'near "`"' in message:
        return ' PostgreSQL quotes names with ", not with `.'
    if "at end of input" in message:
        return " The last statement is not finished."
    return ""
