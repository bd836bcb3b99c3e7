"""A PostgreSQL session at the level that migrations need: one message, many results, in the order of its statements.

psycopg's cursors hide which statement of a message failed and raise before notices can be matched to it. Here a
message goes out in the simple query protocol, as psql sends it, over psycopg's public libpq wrapper.
"""

from __future__ import annotations

import select
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from sql_migrations.errors import SqlMigrationsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.pq.abc import PGresult

_COPY_BLOCK = 1 << 16
_COPY_DONE = -1
# How long a message may be silent before `on_wait` is asked to say what it waits for, in seconds.
PATIENCE = 1.0


class ServerGone(SqlMigrationsError):
    """The connection to PostgreSQL was lost: what was in flight is either committed whole or not at all."""


@dataclass(eq=False)
class ServerError(SqlMigrationsError):
    """PostgreSQL refused a statement. `index` counts the results of the message that came before; `position` from 1."""

    index: int
    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    context: str = ""
    position: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.message)


@dataclass
class Session:
    """A connection in autocommit that nobody else uses meanwhile.

    `on_wait` is called about once a second while PostgreSQL works on a message, so that a caller can say why.
    `notices` collects what the server said besides results, until the caller clears it.
    """

    connection: psycopg.Connection
    on_wait: Callable[[], None] = lambda: None
    notices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection.add_notice_handler(self._notice)

    def close(self) -> None:
        """Stop listening. The connection itself belongs to the caller."""
        self.connection.remove_notice_handler(self._notice)

    def _notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        severity, text = diagnostic.severity_nonlocalized or "NOTICE", diagnostic.message_primary or ""
        self.notices.append(f"{severity}: {text}")

    def reset(self) -> None:
        """Put the session back to where it began: no setting, role or temporary table of the last file remains."""
        self.run("DISCARD ALL")
        # A role's or database's own defaults must not change how a file is read.
        for name, value in (("standard_conforming_strings", "on"), ("client_encoding", "UTF8")):
            if self.connection.info.parameter_status(name) != value:
                self.run(f"SET {name} = {value}")

    def run(self, sql: str, data: str | None = None) -> int:
        """Send one message and return the number of its results. `data` feeds the COPY FROM stdin that ends it."""
        return sum(1 for _ in self.results(sql, data))

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        """Send one message and return the rows of its last result, each value as text."""
        rows: list[tuple[str | None, ...]] = []
        for result in self.results(sql):
            rows = [
                tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
                for row in range(result.ntuples)
            ]
        return rows

    def results(self, sql: str, data: str | None = None) -> Iterator[PGresult]:
        """Send one message and yield its results one by one. Raises ServerError for the statement that failed."""
        try:
            yield from self._results(sql, data)
        except KeyboardInterrupt:
            self._cancel()
            raise
        except psycopg.OperationalError as error:
            raise lost(" ".join(str(error).split())) from None

    def _results(self, sql: str, data: str | None) -> Iterator[PGresult]:
        self.connection.pgconn.send_query(sql.encode())
        self._flush()
        count, failure = 0, None
        while (result := self._next()) is not None:
            if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT):
                self._copy(ExecStatus(result.status), (data or "").encode())
                data = None
            elif result.status in (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE):
                failure = failure or _failure(result, count)
            elif failure is None:
                count += 1
                yield result
            result.clear()
        if failure is not None:
            raise failure if failure.sqlstate and not failure.sqlstate.startswith("57P0") else lost(failure.message)

    def _flush(self) -> None:
        pgconn = self.connection.pgconn
        while pgconn.flush():
            readable, _, _ = select.select([pgconn.socket], [pgconn.socket], [])
            if readable:
                pgconn.consume_input()

    def _next(self) -> PGresult | None:
        pgconn = self.connection.pgconn
        while pgconn.is_busy():
            readable, _, _ = select.select([pgconn.socket], [], [], PATIENCE)
            if readable:
                pgconn.consume_input()
            else:
                self.on_wait()
        return pgconn.get_result()

    def _copy(self, direction: ExecStatus, data: bytes) -> None:
        pgconn = self.connection.pgconn
        if direction == ExecStatus.COPY_OUT:
            # COPY … TO stdout in a migration has no reader here.
            while pgconn.get_copy_data(0)[0] != _COPY_DONE:
                pass
            return
        view = memoryview(data)
        for start in range(0, len(data), _COPY_BLOCK):
            while not pgconn.put_copy_data(bytes(view[start : start + _COPY_BLOCK])):
                self._flush()
        while not pgconn.put_copy_end():
            self._flush()
        self._flush()

    def _cancel(self) -> None:
        """Ctrl-C: have the server stop the statement, and leave the connection usable."""
        self.connection.cancel_safe(timeout=5)
        while (result := self._next()) is not None:
            # Until a COPY is ended, libpq gives its result again and again.
            if result.status == ExecStatus.COPY_IN:
                self.connection.pgconn.put_copy_end(b"interrupted")
                self._flush()
            elif result.status == ExecStatus.COPY_OUT:
                self._copy(ExecStatus.COPY_OUT, b"")
            result.clear()


def _failure(result: PGresult, index: int) -> ServerError:
    def text(name: DiagnosticField) -> str:
        return _text(result.error_field(name)) or ""

    position = text(DiagnosticField.STATEMENT_POSITION)
    return ServerError(
        index=index,
        sqlstate=text(DiagnosticField.SQLSTATE),
        message=text(DiagnosticField.MESSAGE_PRIMARY) or _text(result.error_message) or "no message",
        detail=text(DiagnosticField.MESSAGE_DETAIL),
        hint=text(DiagnosticField.MESSAGE_HINT),
        context=text(DiagnosticField.CONTEXT),
        position=int(position) if position else None,
    )


def _text(value: bytes | None) -> str | None:
    # A file may have changed client_encoding; a message must come through all the same.
    return None if value is None else value.decode(errors="replace")


def lost(reason: str) -> ServerGone:
    """Build the error that the connection broke in the middle."""
    return ServerGone(
        f"the connection to PostgreSQL was lost: {reason}. Nothing is half applied; run the command again."
    )


def literal(value: str | int | None) -> str:
    """Quote a value for a message. Safe whatever `standard_conforming_strings` says."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if "\\" in value:
        escaped = value.replace("\\", "\\\\").replace("'", "''")
        return f" E'{escaped}'"
    return "'" + value.replace("'", "''") + "'"


def identifier(*parts: str) -> str:
    """Quote a possibly qualified name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
